/* seek_once.c - with --once: what files, URLs and names say is looked at, once, before anything is
 * checked.
 *
 * Nothing else runs on the loop then, so it is turned here, until all have answered or the time
 * for that is over; signals are heard in it as always.
 */
#include <event2/event.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "config/snapshot.h"
#include "engine/seek.h"
#include "loop/turns.h"

/* All of them: each by itself has a bound of its own, within this. */
static const usec_t wait_for = 60 * USEC_PER_SEC;

static bool has_answered(const struct search *search)
{
	return search->looked && !search->is_busy;
}

static bool have_answered(const struct seeker *seeker)
{
	list_each (link, &seeker->searches)
		if (!has_answered(LIST_ENTRY(link, struct search, link)))
			return false;
	return true;
}

static void on_time(evutil_socket_t fd, short what, void *context)
{
	*(bool *)context = true;
}

static void await(struct engine *engine)
{
	bool is_late = false;
	struct event *timer = evtimer_new(engine->base, on_time, &is_late);

	engine_arm(timer, wait_for);
	while (!have_answered(engine->seeker) && !is_late && !engine->is_ending)
		(void)turns_run(engine->turns, engine->base);
	event_free(timer);
}

static void take_up(struct engine *engine)
{
	struct finds finds = { 0 };
	struct find *list = seek_finds(engine, &finds.count);

	finds.list = list;
	if (!seek_take_up(engine, &finds)) {
		log_line(LOG_ERR, "no endpoints can be made of what was found");
		engine->once_faults++;
	}
	for (unsigned i = 0; i < finds.count; i++) {
		free((char *)(uintptr_t)list[i].key);
		targets_unref(list[i].targets);
	}
	free(list);
	roll_limits(engine, engine->snapshot, sizing_permits(engine->snapshot));
}

static void tell(struct engine *engine)
{
	const struct snapshot *snapshot = engine->snapshot;

	list_each (link, &engine->seeker->searches) {
		const struct search *search = LIST_ENTRY(link, struct search, link);
		const char *fault =
			!has_answered(search) ? "no answer within a minute" : search->fault;

		if (!fault)
			continue;
		log_line(LOG_ERR, "'%s' (discover: %s): %s; nothing of it is checked",
			 search->shown, discovery_kind_name(search->kind), fault);
		engine->once_faults++;
	}
	for (unsigned i = 0; i < snapshot->discoveries_count; i++) {
		const struct discovery *discovery = &snapshot->discoveries[i];

		if (discovery->left_out)
			log_line(LOG_WARNING, "'%s' (discover: %s): %u targets are left out; %s",
				 discovery->shown, discovery_kind_name(discovery->kind),
				 discovery->left_out, discovery->why);
	}
}

int seek_once(struct engine *engine)
{
	int r;

	if (engine->snapshot->discoveries_count == 0)
		return 0;
	r = seek_init(engine);
	if (r < 0)
		return r;
	await(engine);
	if (engine->is_ending)
		return 0;
	take_up(engine);
	tell(engine);
	return 0;
}
