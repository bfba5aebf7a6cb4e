/* filter.h - which endpoints a request is about. */
#pragma once

#include <stdbool.h>

#include "model/watch.h"
#include "status/query.h"

struct filter {
	enum state state; /* STATES: any */
	char *group; /* owned; NULL: any */
	char *glob; /* owned; NULL: any */
	struct parameter labels[QUERY_MAX]; /* owned; all of them are wanted */
	unsigned labels_count;
	bool sees_all; /* also those that are not public */
};

/* From state, group, name and label; NULL, or the parameter that makes no sense. */
const char *filter_parse(const struct query *query, struct filter *ret_filter);
void filter_done(struct filter *filter);

bool filter_matches(const struct filter *filter, const struct watch *watch);
