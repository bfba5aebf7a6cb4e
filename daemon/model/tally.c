/* tally.c - how the members of a quorum are, counted when a check of it began. */
#include <stdlib.h>

#include "base/memory.h"
#include "model/tally.h"

/* The reason is a line for people. */
enum { NAMED_MAX = 5 };

struct tally *tally_new(void)
{
	return MEMORY_NEW(struct tally);
}

void tally_free(struct tally *tally)
{
	text_done(&tally->others);
	free(tally);
}

void tally_add(struct tally *tally, const struct watch *member)
{
	const enum state state = member->standing.state;

	tally->members++;
	tally->in_state[state]++;
	if (state == STATE_UP || state == STATE_DEGRADED || tally->named == NAMED_MAX)
		return;
	text_print(&tally->others, "%s'%s' is %s", tally->named ? ", " : "", member->endpoint->name,
		   state_name(state));
	tally->named++;
}
