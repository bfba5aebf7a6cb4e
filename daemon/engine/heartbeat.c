/* heartbeat.c - beats come in, are kept, and are looked at: at once, and when one is missed.
 *
 * A beat is noted and answered whatever the rest does; a look at it is a check like any other.
 * However many come to one endpoint, it is looked at and written down once a second, but for
 * those that change what is known of it.
 */
#include "probe/heartbeat.h"
#include "base/cleanup.h"
#include "base/mask.h"
#include "base/memory.h"
#include "engine/keep.h"
#include "model/kept_pulse.h"
#include "model/pulse.h"
#include "probe/probe.h"
#include "schedule/schedule.h"

static const usec_t pace = USEC_PER_SEC;

static struct instant instant_now(const struct engine *engine)
{
	return (struct instant){ .at = clock_boot() + engine->boot_anchor, .wall = clock_wall() };
}

static usec_t due_of(const struct watch *watch)
{
	return heartbeat_due(watch->endpoint->options, watch->pulse);
}

/* On the clock of deadlines; USEC_NEVER: its beat of the schedule will do. */
static usec_t next_look(const struct watch *watch, usec_t now)
{
	const struct pulse *pulse = watch->pulse;
	const usec_t due = due_of(watch);

	if (pulse->is_news)
		return pulse->last == pulse->seen ? pulse->looked + pace : now;
	return due > pulse->looked ? due : USEC_NEVER;
}

void heartbeat_follow(struct engine *engine, struct watch *watch)
{
	const usec_t at = engine->boot_anchor + clock_boot(), now = clock_now();
	usec_t look;

	/* After a check that is in flight comes the next question. */
	if (!watch->pulse || watch->is_paused || watch->is_in_flight)
		return;
	look = next_look(watch, at);
	if (look != USEC_NEVER)
		schedule_by(engine->schedule, watch->id, look > at ? now + (look - at) : now, now);
}

void heartbeat_enter(struct engine *engine, struct watch *watch)
{
	const bool is_told = watch->endpoint->type->is_told;

	if (is_told && !watch->pulse) {
		watch->pulse = pulse_new();
	} else if (!is_told && watch->pulse) {
		keep_drop_pulse(engine, watch);
		pulse_free(TAKE(watch->pulse));
	} else if (is_told) {
		/* Its deadline may be another one now. */
		watch->pulse->is_news = true;
		heartbeat_follow(engine, watch);
	}
}

void heartbeat_carry(struct engine *engine, struct watch *watch, struct check *check)
{
	struct pulse *pulse = watch->pulse;

	if (!pulse)
		return;
	pulse->looked = instant_now(engine).at;
	pulse->is_news = false;
	pulse->seen = pulse->last;
	check->pulse = pulse_copy(pulse);
}

void heartbeat_resume(struct engine *engine, struct watch *watch)
{
	if (!watch->pulse)
		return;
	pulse_wait_anew(watch->pulse, instant_now(engine));
	keep_later(engine, watch);
	heartbeat_follow(engine, watch);
}

/* Whether it would have been missed while nobody listened.  What was due before that is, or
 * frequent restarts would put it off for ever.
 */
static bool is_unheard(const struct engine *engine, const struct watch *watch, struct instant now)
{
	const usec_t due = due_of(watch);

	return due <= now.at && watch->last.kind != VERDICT_FAIL &&
	       now.wall - (now.at - due) >= engine->keep->alive_wall;
}

void heartbeat_return(struct engine *engine, struct watch *watch, const struct store_row *row)
{
	const struct heartbeat_options *options = watch->endpoint->options;
	const struct instant now = instant_now(engine);

	if (!kept_take_pulse(watch, row, now))
		return;
	if (is_unheard(engine, watch, now))
		watch->pulse->spared = now.at + options->grace;
	heartbeat_follow(engine, watch);
}

static void keep_beat(struct engine *engine, struct watch *watch, bool is_change, usec_t at)
{
	struct pulse *pulse = watch->pulse;

	if (!is_change && at < pulse->kept + pace) {
		keep_later(engine, watch);
		return;
	}
	pulse->kept = at;
	keep_pulse(engine, watch);
	keep_commit(engine);
}

void heartbeat_hear(struct watch *watch, enum pulse_word word, const char *message, void *engine_)
{
	struct engine *engine = engine_;
	struct pulse *pulse = watch->pulse;
	const enum pulse_word before = pulse->last;
	const struct instant now = instant_now(engine);
	char *masked =
		message ? mask_secrets(memory_text(message), watch->endpoint->secrets) : NULL;

	pulse_hear(pulse, word, masked, now);
	keep_beat(engine, watch, pulse->last != before, now.at);
	heartbeat_follow(engine, watch);
	/* In a turn of its own, since this may be in the middle of another. */
	if (!engine->is_ending)
		engine_arm(engine->pump_timer, 0);
}
