/* evaluate.h - one evaluation of one query; for the files of this folder only. */
#pragma once

#include "expect/jsonpath/jsonpath.h"
#include "expect/jsonpath/query.h"

struct evaluation {
	json_t *root; /* borrowed */
	struct budget *budget; /* borrowed */
	size_t in_hand; /* nodes in all lists, those of filters included */

	/* The pattern that match() or search() took from the document last. */
	const json_t *pattern; /* borrowed, NULL: none yet */
	bool pattern_is_whole;
	struct regex *regex; /* owned, NULL: it was no I-Regexp */
};

/* The nodes of `query`, at `current` if it is relative. */
int evaluate_query(struct evaluation *evaluation, const struct query *query, json_t *current,
		   struct jsonpath_nodes *ret);
/* Has to be called for what evaluate_query() gave. */
void evaluate_done(struct evaluation *evaluation, struct jsonpath_nodes *nodes);

/* The one node of a singular query; NULL: Nothing. */
int evaluate_singular(struct evaluation *evaluation, const struct query *query, json_t *current,
		      json_t **ret);

/* 1: holds for `current`, 0: does not. */
int filter_holds(struct evaluation *evaluation, const struct logical *filter, json_t *current);

/* 1: left stands to right like this, 0: does not.  NULL is Nothing. */
int compare(const json_t *left, enum comparison comparison, const json_t *right,
	    struct budget *budget);
