/* quorum.c - who counts others is looked at when one of them changes. */
#include <string.h>

#include "config/snapshot.h"
#include "engine/house.h"
#include "model/tally.h"
#include "schedule/schedule.h"

static void stir(struct engine *engine, struct watch *quorum)
{
	if (quorum->is_paused || engine->is_ending)
		return;
	/* After a check that is in flight comes another one. */
	if (quorum->is_in_flight)
		quorum->is_stirred = true;
	else
		schedule_now(engine->schedule, quorum->id, clock_now());
	/* In a turn of its own, since this may be in the middle of another. */
	engine_arm(engine->pump_timer, 0);
}

void quorum_follow(struct engine *engine, const struct watch *member)
{
	const char *const *name = member->endpoint->quorums;

	for (; name && *name; name++) {
		struct watch *quorum = roster_find(&engine->roster, *name);

		if (quorum)
			stir(engine, quorum);
	}
}

void quorum_follow_all(struct engine *engine)
{
	const char *const *name = engine->snapshot->quorums;

	for (; name && *name; name++) {
		struct watch *quorum = roster_find(&engine->roster, *name);

		if (quorum)
			stir(engine, quorum);
	}
}

void quorum_done(struct engine *engine, struct watch *watch)
{
	if (!watch->is_stirred)
		return;
	watch->is_stirred = false;
	stir(engine, watch);
}

/* Names are sorted, so the next member is often the next on the roster. */
static const struct watch *find_member(const struct roster *roster, uint32_t *place,
				       const char *name)
{
	const struct watch *watch = NULL;

	if (++*place >= roster->count || strcmp(roster->by_name[*place]->endpoint->name, name) != 0)
		*place = roster_place(roster, name);
	if (*place < roster->count)
		watch = roster->by_name[*place];
	return watch && strcmp(watch->endpoint->name, name) == 0 ? watch : NULL;
}

void quorum_carry(struct engine *engine, struct watch *watch, struct check *check)
{
	const char *const *name = watch->endpoint->members;
	uint32_t place = UINT32_MAX - 1;

	if (!name)
		return;
	watch->is_stirred = false;
	check->tally = tally_new();
	for (; *name; name++) {
		const struct watch *member = find_member(&engine->roster, &place, *name);

		/* One that a reload has taken away meanwhile. */
		if (member)
			tally_add(check->tally, member);
	}
}
