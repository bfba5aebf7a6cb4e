/* tell.c - one line about everything: for `systemctl status`, and in the log on SIGUSR1. */
#include "base/log.h"
#include "base/text.h"
#include "base/units.h"
#include "engine/house.h"
#include "loop/notify.h"

static void print_states(const struct engine *engine, struct text *text)
{
	static const enum state worth_telling[] = { STATE_DOWN, STATE_DEGRADED, STATE_UNKNOWN,
						    STATE_PENDING, STATE_PAUSED };
	const struct roster *roster = &engine->roster;

	text_print(text, "%u endpoints", roster->count);
	for (unsigned i = 0; i < sizeof(worth_telling) / sizeof(worth_telling[0]); i++)
		if (roster->in_state[worth_telling[i]])
			text_print(text, ", %u %s", roster->in_state[worth_telling[i]],
				   state_name(worth_telling[i]));
	if (engine->config_fault)
		text_append(text, "; the last reload was refused");
}

void tell_soon(struct engine *engine)
{
	if (!evtimer_pending(engine->tell_timer, NULL))
		engine_arm(engine->tell_timer, USEC_PER_SEC);
}

void tell_now(struct engine *engine)
{
	struct text text = { 0 };

	print_states(engine, &text);
	notify_status("%s", text_string(&text));
	text_done(&text);
}

void tell_log(const struct engine *engine)
{
	const struct vitals *vitals = &engine->vitals;
	struct text text = { 0 };

	print_states(engine, &text);
	text_print(&text, "; %llu checks, %llu failed, %llu cancelled; lateness p99 ",
		   (unsigned long long)vitals->checks_total,
		   (unsigned long long)vitals->checks_failed,
		   (unsigned long long)vitals->checks_cancelled);
	units_duration_show(&text, histogram_quantile(&vitals->lateness, 0.99));
	text_append(&text, ", longest turn ");
	units_duration_show(&text, vitals->turns.max);
	log_line(LOG_INFO, "%s", text_string(&text));
	text_done(&text);
}
