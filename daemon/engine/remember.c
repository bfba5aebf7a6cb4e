/* remember.c - what was: history is made, given its turns, and fed from the store. */
#include "config/snapshot.h"
#include "engine/house.h"
#include "engine/keep.h"
#include "history/history.h"

static struct history_settings settings_of(const struct settings *settings)
{
	return (struct history_settings){
		.minutes = settings->history_minutes,
		.hours = settings->history_hours,
		.store_bytes = settings->store_size,
	};
}

static void on_turn(evutil_socket_t fd, short what, void *context)
{
	struct engine *engine = context;

	(void)fd;
	(void)what;
	if (!engine->is_ending)
		engine_arm(engine->history_timer,
			   history_turn(engine->history, &engine->roster, clock_moment()));
}

void remember_init(struct engine *engine)
{
	const struct history_settings settings = settings_of(&engine->snapshot->settings);

	engine->history = history_new(engine->keep ? engine->keep->store : NULL, &settings);
	engine->history_timer = evtimer_new(engine->base, on_turn, engine);
	if (engine->keep)
		history_opened(engine->history, engine->keep->alive_wall,
			       engine->vitals.started_wall);
}

void remember_begin(struct engine *engine)
{
	history_begin(engine->history, &engine->roster, clock_wall());
	engine_arm(engine->history_timer, 0);
}

void remember_configure(struct engine *engine)
{
	const struct history_settings settings = settings_of(&engine->snapshot->settings);

	history_configure(engine->history, &settings);
	/* What came back has a past to be asked for. */
	engine_arm(engine->history_timer, 0);
}

void remember_done(struct engine *engine)
{
	event_free(engine->history_timer);
	history_free(engine->history);
}
