/* step.c - who else is told, where nobody has done anything or nothing was taken.
 *
 * Whoever knows of an incident has a time at which to look at it next: that of the next step of
 * `escalate`, counted from when he was told first; or that of `fallback`, counted from when the
 * message was made that he has not taken.  Both only while it is open, nobody has acknowledged
 * it, and it is not held.  What was done is not kept: after a restart those who know of it are
 * not told again, and the others are.
 */
#include "alert/bundle.h"
#include "alert/told.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/map.h"
#include "base/units.h"

static bool has_steps(const struct receiver *receiver)
{
	return receiver->escalate.count || receiver->fallback.to;
}

static const struct escalation *step_of(const struct told *told)
{
	const struct option_steps *steps = &told->bundle->channel->receiver->escalate;
	const struct escalation *list = steps->items;

	return told->steps < steps->count ? &list[told->steps] : NULL;
}

/* Its last message, where that is not taken, nor dropped since nobody wants it any more. */
static const struct notification *untaken(const struct told *told)
{
	const struct notification *message = told->message;

	return message && (message->state == NOTIFICATION_QUEUED ||
			   message->state == NOTIFICATION_GIVEN_UP)
		       ? message
		       : NULL;
}

/* By the monotonic clock, of which `since` may be before the beginning. */
static usec_t behind(int64_t since, usec_t span)
{
	const int64_t due = since + (int64_t)span;

	return due > 0 ? (usec_t)due : 0;
}

static usec_t escalation_due(const struct told *told)
{
	const struct escalation *step = step_of(told);

	return step ? behind(told->first, step->after) : USEC_NEVER;
}

/* Where it is given up earlier, then. */
static usec_t fallback_due(const struct told *told)
{
	const struct receiver *receiver = told->bundle->channel->receiver;
	const usec_t after = receiver->fallback.after < receiver->retry.span
				     ? receiver->fallback.after
				     : receiver->retry.span;

	if (!receiver->fallback.to || told->is_passed_on || !untaken(told))
		return USEC_NEVER;
	return behind(told->untaken_since, after);
}

static usec_t step_due(const struct told *told)
{
	const struct incident *incident = told->incident;
	const struct receiver *receiver = told->bundle->channel->receiver;
	usec_t escalation, fallback;

	if (!receiver || !has_steps(receiver) || !told->transition || !incident_is_open(incident) ||
	    incident->is_held || incident->acknowledged.at)
		return USEC_NEVER;
	escalation = escalation_due(told);
	fallback = fallback_due(told);
	return escalation < fallback ? escalation : fallback;
}

void step_forget(struct teller *teller, struct told *told)
{
	if (told->number == TOLD_NO_NUMBER)
		return;
	(void)heap_remove(teller->steps, told->number);
	numbers_give(&teller->stepping, told->number);
	told->number = TOLD_NO_NUMBER;
}

void step_plan(struct teller *teller, struct told *told)
{
	const usec_t due = step_due(told);

	if (due == USEC_NEVER) {
		step_forget(teller, told);
		return;
	}
	if (told->number == TOLD_NO_NUMBER)
		told->number = numbers_take(&teller->stepping, told);
	heap_set(teller->steps, told->number, due);
}

void step_note(struct told *told, const struct notification *message)
{
	/* Reminders apart each message is noted as it is made, or a little later. */
	const int64_t made = (int64_t)told->bundle->told;

	if (!told->transition) {
		told->first = made;
		told->first_wall = message->created;
		told->steps = 0;
	}
	if (!untaken(told)) {
		told->untaken_since = made;
		told->is_passed_on = false;
	}
}

/* From now where the clock is in doubt. */
static int64_t monotonic_of(usec_t wall, struct moment at)
{
	const usec_t ago = wall && at.wall > wall ? at.wall - wall : 0;

	return (int64_t)at.now - (int64_t)ago;
}

void step_resume(struct teller *teller, struct told *told, struct moment at)
{
	if (!told->first)
		told->first = monotonic_of(told->first_wall, at);
	if (!told->untaken_since && told->message)
		told->untaken_since = monotonic_of(told->message->created, at);
	/* The receivers may be others, and so their steps. */
	told->steps = 0;
	told->is_passed_on = false;
	step_plan(teller, told);
}

void step_stop(struct teller *teller, struct incident *incident, struct pack *rows)
{
	for (struct told *told = incident->told; told; told = told->next) {
		if (told->by != TOLD_BY_ESCALATION)
			continue;
		bundle_note_one(teller, told, rows);
		if (told->transition)
			continue;
		told_leave(told);
		teller_plan(teller, told->bundle);
	}
}

static void escalate(struct teller *teller, struct told *told, struct moment at, struct pack *rows)
{
	const struct escalation *step;

	while ((step = step_of(told)) && behind(told->first, step->after) <= at.now) {
		told->steps++;
		for (const char *const *to = step->to; *to; to++)
			teller_tell(teller, told->incident, map_find(teller->channels, *to),
				    TOLD_BY_ESCALATION, at.now, rows);
	}
}

static void log_fallback(const struct told *told, struct notification *message)
{
	const struct receiver *receiver = told->bundle->channel->receiver;
	const struct log_field fields[] = {
		{ "PICKET_RECEIVER", receiver->name },
		{ "PICKET_NOTIFICATION", message->id },
		{ 0 },
	};

	if (message->is_passed_on)
		return;
	message->is_passed_on = true;
	log_event(LOG_WARNING, LOG_UNDELIVERED, fields,
		  "'%s' has not taken %s so far; telling '%s' what it is about", receiver->name,
		  message->id, receiver->fallback.to);
}

static void fall_back(struct teller *teller, struct told *told, struct moment at, struct pack *rows)
{
	const struct receiver *receiver = told->bundle->channel->receiver;

	if (fallback_due(told) > at.now)
		return;
	told->is_passed_on = true;
	log_fallback(told, told->message);
	teller_tell(teller, told->incident, map_find(teller->channels, receiver->fallback.to),
		    TOLD_BY_FALLBACK, at.now, rows);
}

usec_t step_next(const struct teller *teller)
{
	uint32_t number;
	usec_t due;

	return heap_least(teller->steps, &number, &due) ? due : USEC_NEVER;
}

unsigned step_pump(struct teller *teller, struct moment at, unsigned max, struct pack *rows)
{
	unsigned taken = 0;
	uint32_t number;
	usec_t due;

	for (; taken < max && heap_least(teller->steps, &number, &due) && due <= at.now; taken++) {
		struct told *told = numbers_thing(&teller->stepping, number);

		if (step_due(told) <= at.now) {
			escalate(teller, told, at, rows);
			fall_back(teller, told, at, rows);
		}
		step_plan(teller, told);
	}
	return taken;
}
