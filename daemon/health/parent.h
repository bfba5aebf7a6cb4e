/* parent.h - what depends on something that is down waits to be told.
 *
 * It waits while an endpoint of its `depends_on`, be it by way of others, is down or on its way
 * there; and behind that until it was checked once since the other is back, for what it was
 * before says nothing of now.  Where that check passes it waits on, until it is up or fails
 * again.  So it is told, or dropped, by what is true then.
 *
 * No clock, no errors; loop thread only.
 */
#pragma once

#include <stdbool.h>

struct roster;
struct watch;

/* Down, or on its way there: what depends on this one waits. */
bool parent_is_in_trouble(const struct watch *watch);
/* Whether nobody is to be told of this one; `was_held` is whether that was so until now.
 * `looks` goes up by how many others were looked at, here and below.
 */
bool parent_holds(const struct roster *roster, const struct watch *watch, bool was_held,
		  unsigned *looks);
/* Whether that is, or would be, until its next check. */
bool parent_awaits_check(const struct roster *roster, const struct watch *watch, unsigned *looks);
