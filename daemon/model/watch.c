/* watch.c - the words for states. */
#include <string.h>

#include "model/watch.h"

static const char *const states[STATES] = {
	[STATE_PENDING] = "pending", [STATE_UP] = "up",		  [STATE_DEGRADED] = "degraded",
	[STATE_DOWN] = "down",	     [STATE_UNKNOWN] = "unknown", [STATE_PAUSED] = "paused",
};

const char *state_name(enum state state)
{
	return states[state];
}

enum state state_find(const char *name)
{
	for (enum state state = 0; state < STATES; state++)
		if (strcmp(states[state], name) == 0)
			return state;
	return STATES;
}
