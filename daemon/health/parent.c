/* parent.c - what depends on something that is down waits to be told. */
#include "health/parent.h"
#include "model/roster.h"

static bool is_bad(enum state state)
{
	return state == STATE_DOWN || state == STATE_DEGRADED || state == STATE_UNKNOWN;
}

bool parent_is_in_trouble(const struct watch *watch)
{
	return watch->standing.state == STATE_DOWN || watch->standing.leaning == STATE_DOWN;
}

static bool is_in_trouble(const struct watch *parent, const struct watch *child)
{
	(void)child;
	return parent_is_in_trouble(parent);
}

/* Up again, and since then nobody has looked at the child. */
static bool is_back_since(const struct watch *parent, const struct watch *child)
{
	return !is_bad(parent->standing.state) && parent->standing.since > child->last.wall;
}

bool parent_awaits_check(const struct roster *roster, const struct watch *watch, unsigned *looks)
{
	return is_bad(watch->standing.state) &&
	       roster_find_parent(roster, watch, is_back_since, looks);
}

static bool is_on_its_way_up(const struct standing *standing)
{
	return is_bad(standing->state) && standing->leaning != standing->state &&
	       !is_bad(standing->leaning);
}

bool parent_holds(const struct roster *roster, const struct watch *watch, bool was_held,
		  unsigned *looks)
{
	if (!watch->endpoint->depends_on)
		return false;
	return roster_find_parent(roster, watch, is_in_trouble, looks) ||
	       parent_awaits_check(roster, watch, looks) ||
	       (was_held && is_on_its_way_up(&watch->standing));
}
