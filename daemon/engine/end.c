/* end.c - the end: start nothing more, cancel what is in flight, drain the judges, answer
 * who asked, and all of that within `shutdown_grace`.
 */
#include "base/log.h"
#include "config/snapshot.h"
#include "engine/house.h"
#include "judge/judge.h"
#include "loop/notify.h"
#include "model/check.h"
#include "probe/probe.h"
#include "schedule/schedule.h"

static const usec_t look_again = 5 * USEC_PER_MS;

static void cancel_checks(struct engine *engine)
{
	/* cancel() reports in a later turn, so the list stays as it is meanwhile. */
	list_each (link, &engine->in_flight) {
		struct check *check = LIST_ENTRY(link, struct check, link);

		check->endpoint->type->cancel(check);
	}
}

static void answer_waiters(struct engine *engine)
{
	for (uint32_t i = 0; i < engine->roster.count; i++)
		requests_answer(engine->roster.by_name[i], NULL);
}

void end_begin(struct engine *engine, int signal)
{
	if (engine->is_ending) {
		log_line(LOG_NOTICE, "asked again to stop; stopping at once");
		engine->is_over = true;
		engine->end_by = clock_now();
		return;
	}
	engine->is_ending = true;
	engine->ended_by = signal;
	engine->end_by = clock_now() + engine->snapshot->settings.shutdown_grace;
	notify_stopping();
	log_event(LOG_INFO, LOG_STOPPING, NULL, "stopping; %u checks in flight are cancelled",
		  schedule_count(engine->schedule).in_flight);
	schedule_hold(engine->schedule, true);
	(void)event_del(engine->pump_timer);
	cancel_checks(engine);
	lookouts_cancel_all(engine);
	judge_flush(engine->tray);
	answer_waiters(engine);
	guests_end(engine);
	end_look(engine);
}

void end_check(struct engine *engine)
{
	const bool is_drained = !engine->status || status_drain(engine->status);

	if (is_drained && !engine_has_unfinished(engine) && keep_flush(engine))
		engine->is_over = true;
}

void end_look(struct engine *engine)
{
	end_check(engine);
	if (engine->is_over)
		return;
	if (clock_now() >= engine->end_by) {
		log_line(LOG_WARNING, "'shutdown_grace' is over; stopping with work unfinished");
		engine->is_over = true;
		return;
	}
	engine_arm(engine->end_timer, look_again);
}
