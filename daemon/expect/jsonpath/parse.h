/* parse.h - from the text of a query to its tree; for the files of this folder only. */
#pragma once

#include "expect/jsonpath/query.h"
#include "expect/jsonpath/scan.h"

/* A query from its identifier ($ or @) on, as far as it goes. */
int parse_query(struct scan *scan, struct query *ret);

/* What follows the question mark of a filter selector. */
int parse_filter(struct scan *scan, const struct logical **ret);

/* The path releases them when it is freed itself; either may be NULL. */
void parse_own(struct jsonpath *path, json_t *literal, struct regex *regex);
