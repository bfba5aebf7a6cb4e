/* tally.h - how the members of a quorum are, counted when a check of it began. */
#pragma once

#include "base/text.h"
#include "model/watch.h"

struct tally {
	unsigned members;
	unsigned in_state[STATES];
	struct text others; /* the first that do not work: "'a' is down, 'b' is pending" */
	unsigned named; /* how many these are */
};

struct tally *tally_new(void);
void tally_free(struct tally *tally);
void tally_add(struct tally *tally, const struct watch *member);
