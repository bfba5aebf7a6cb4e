/* town.c - a hundred endpoints with whoever is told of them, under a false clock. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "alert/alert.h"
#include "alert/silences.h"
#include "alert/teller.h"
#include "base/heap.h"
#include "base/memory.h"
#include "health/health.h"
#include "health/parent.h"
#include "model/roster.h"
#include "schedule/schedule.h"
#include "store/row.h"
#include "store/schema.h"
#include "town.h"

enum { ALONE_EVERY = 200 };

static const usec_t interval = 5 * USEC_PER_MIN, takes = 20 * USEC_PER_MS;
static const struct patience patience = { .failures = 3,
					  .successes = 2,
					  .every = 5 * USEC_PER_SEC };

struct actor {
	enum answer answer;
	unsigned checks;
	bool has_failed; /* its last check */
};

struct town {
	struct schedule *schedule; /* owned */
	struct heap *ends; /* owned; checks in flight by when they end */
	struct roster roster;
	struct teller *teller; /* owned */
	struct alert *alert; /* owned */
	struct silences *silences; /* owned */
	const struct receiver *const *receivers;
	struct actor actors[ENDPOINTS];
	struct notification *out[DELIVERED_MAX]; /* borrowed; in flight */
	unsigned out_count;
	struct text told;
	usec_t now, offset; /* of the wall's clock */
	uint64_t checks;
};

usec_t town_wall(const struct town *town)
{
	return town->now + town->offset;
}

static struct moment at(const struct town *town)
{
	return (struct moment){ .now = town->now, .wall = town_wall(town) };
}

/* --- Who is told --------------------------------------------------------------------------- */

static void append_names(struct text *line, json_t *incidents)
{
	json_t *incident;
	size_t i;

	json_array_foreach(incidents, i, incident)
	{
		json_t *name = json_object_get(incident, "endpoint");

		text_append_char(line, i ? ',' : ' ');
		text_append(line, json_is_string(name) ? json_string_value(name) : "picket");
	}
}

static void append_time(struct text *line, usec_t wall)
{
	const time_t seconds = (time_t)(wall / USEC_PER_SEC);
	struct tm parts;

	(void)localtime_r(&seconds, &parts);
	text_print(line, "%02d-%02d %02d:%02d", parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
		   parts.tm_min);
}

static void deliver(struct notification *notification, const struct receiver *receiver,
		    void *context)
{
	struct town *town = context;
	json_t *message = json_loads(notification->json, 0, NULL);
	json_t *incidents = json_object_get(message, "incidents");

	assert_true(town->out_count < DELIVERED_MAX);
	town->out[town->out_count++] = notification;
	append_time(&town->told, town_wall(town));
	text_print(&town->told, " %s %s", receiver->name,
		   notification_event_name(notification->event));
	append_names(&town->told, incidents);
	if (notification->event == NOTIFICATION_RECOVERY && json_array_size(incidents) == 1)
		text_print(&town->told, " (%.0f min)",
			   json_number_value(
				   json_object_get(json_array_get(incidents, 0), "duration")) /
				   60);
	text_append_char(&town->told, '\n');
	json_decref(message);
}

static void moved(const struct incident *incident, enum incident_move move, void *context)
{
	(void)incident;
	(void)move;
	(void)context;
}

static void look_at(struct town *town, struct watch *watch)
{
	const bool has_waited = watch->held & HOLD_PARENT;
	unsigned looks = 0;

	watch->held = 0;
	if (silences_look(town->silences, watch, town->now, &looks))
		watch->held |= HOLD_SILENCE;
	if (parent_holds(&town->roster, watch, has_waited, &looks))
		watch->held |= HOLD_PARENT;
}

static bool is_held(const struct incident *incident, bool is_over, void *context)
{
	struct town *town = context;
	struct watch *watch = incident->watch;

	(void)is_over;
	if (!watch && incident->endpoint)
		watch = roster_find(&town->roster, incident->endpoint);
	if (!watch)
		return silences_look_name(town->silences, incident->endpoint, incident->group,
					  town->now);
	look_at(town, watch);
	return watch->held != 0;
}

static void ask_for_check(struct town *town, const struct watch *watch)
{
	unsigned looks = 0;

	if ((watch->held & HOLD_PARENT) && parent_awaits_check(&town->roster, watch, &looks))
		schedule_now(town->schedule, watch->id, town->now);
}

/* As engine/hold.c, a round without slices. */
static void look_round(struct town *town)
{
	for (unsigned i = 0; i < ENDPOINTS; i++) {
		struct watch *watch = town->roster.watches[i];

		look_at(town, watch);
		(void)alert_hold(town->alert, watch, at(town), NULL);
		ask_for_check(town, watch);
	}
	(void)alert_hold_rest(town->alert, UINT32_MAX, at(town), NULL);
}

static void open_house(struct town *town)
{
	town->teller = teller_new(deliver, town);
	teller_configure(town->teller, town->receivers);
	town->alert = alert_new(town->teller, moved, town);
	alert_set_held(town->alert, is_held, town);
}

/* --- Checks -------------------------------------------------------------------------------- */

static void launch(uint32_t id, usec_t due, void *context)
{
	struct town *town = context;

	(void)due;
	heap_set(town->ends, id, town->now + takes);
}

static struct verdict verdict_of(struct actor *actor)
{
	static const struct verdict verdicts[] = {
		[ANSWER_PASS] = { .kind = VERDICT_PASS },
		[ANSWER_WARN] = { .kind = VERDICT_WARN, .class = CLASS_expectation },
		[ANSWER_FAIL] = { .kind = VERDICT_FAIL, .class = CLASS_timeout },
		[ANSWER_LOCAL] = { .kind = VERDICT_FAIL, .class = CLASS_local },
	};
	enum answer answer = actor->answer;

	actor->checks++;
	if (answer == ANSWER_BLINK)
		answer = actor->checks % 2 ? ANSWER_FAIL : ANSWER_PASS;
	/* A packet is lost. */
	if (answer == ANSWER_PASS && !actor->has_failed && actor->checks % ALONE_EVERY == 0)
		answer = ANSWER_FAIL;
	actor->has_failed = answer == ANSWER_FAIL;
	return verdicts[answer];
}

/* As engine/doubt.c: whether parents are to be looked at before this is believed. */
static bool is_doubted(struct town *town, const struct watch *watch, const struct verdict *verdict,
		       usec_t wall)
{
	struct standing standing = watch->standing;
	const struct health_change change = health_record(&standing, verdict, &patience, wall);
	bool is_waiting = false;

	if (!change.is_changed || change.to != STATE_DOWN)
		return false;
	for (const char *const *name = watch->endpoint->depends_on; name && *name; name++) {
		const struct watch *parent = roster_find(&town->roster, *name);

		if (parent->last.wall >= standing.since)
			continue;
		schedule_now(town->schedule, parent->id, town->now);
		is_waiting = true;
	}
	return is_waiting;
}

static void note(struct watch *watch, const struct verdict *verdict, usec_t wall)
{
	watch->last.wall = wall;
	watch->last.kind = (uint8_t)verdict->kind;
	watch->last.class = (uint8_t)verdict->class;
	watch->last.phase = PHASE_CONNECT;
}

/* As engine/engine.c; whether it is to be made sure of. */
static bool believe(struct town *town, struct watch *watch, const struct verdict *verdict)
{
	const usec_t wall = town_wall(town) - takes;
	const bool was_in_trouble = parent_is_in_trouble(watch);
	struct health_change change;

	if (verdict->kind == VERDICT_FAIL && is_doubted(town, watch, verdict, wall)) {
		note(watch, verdict, wall);
		return true;
	}
	change = health_record(&watch->standing, verdict, &patience, wall);
	note(watch, verdict, wall);
	if (change.is_changed) {
		roster_set_state(&town->roster, watch, change.to);
		alert_follow(town->alert, watch, at(town), NULL);
	} else {
		alert_look(town->alert, watch, at(town), NULL);
	}
	if (watch->endpoint->is_parent && parent_is_in_trouble(watch) != was_in_trouble)
		look_round(town);
	return change.is_confirming;
}

static void settle(struct town *town, uint32_t id)
{
	struct watch *watch = town->roster.watches[id];
	const struct verdict verdict = verdict_of(&town->actors[id]);
	const bool is_confirming = believe(town, watch, &verdict);

	town->checks++;
	schedule_done(town->schedule, id, is_confirming ? BEAT_CONFIRM : BEAT_REGULAR,
		      patience.every, verdict.class == CLASS_timeout, town->now);
	if (!(watch->held & HOLD_PARENT))
		return;
	look_at(town, watch);
	(void)alert_hold(town->alert, watch, at(town), NULL);
	ask_for_check(town, watch);
}

/* --- Time ---------------------------------------------------------------------------------- */

static usec_t next_of(const struct town *town)
{
	const usec_t message = teller_next(town->teller);
	const usec_t silence = silences_next(town->silences);
	usec_t next = schedule_next(town->schedule), end;
	uint32_t id;

	if (heap_least(town->ends, &id, &end) && end < next)
		next = end;
	if (message < next)
		next = message;
	return silence < next ? silence : next;
}

static void end_silences(struct town *town)
{
	struct silence *silence;

	if (silences_next(town->silences) > town->now)
		return;
	while ((silence = silences_take_over(town->silences, town->now, NULL)))
		silence_free(silence);
	look_round(town);
}

static void pump_messages(struct town *town)
{
	static const struct delivery_result taken = { DELIVERY_TAKEN, 0, "so" };

	while (teller_next(town->teller) <= town->now) {
		teller_pump(town->teller, at(town), 0, NULL);
		for (unsigned i = 0; i < town->out_count; i++)
			(void)teller_done(town->teller, town->out[i], &taken, at(town), NULL);
		town->out_count = 0;
	}
}

void town_run(struct town *town, usec_t until)
{
	uint32_t id;
	usec_t end, next;

	while ((next = next_of(town)) + town->offset < until) {
		if (next > town->now)
			town->now = next;
		while (heap_least(town->ends, &id, &end) && end <= town->now) {
			(void)heap_remove(town->ends, id);
			settle(town, id);
		}
		end_silences(town);
		(void)schedule_pump(town->schedule, town->now, 64, launch, town);
		pump_messages(town);
	}
	town->now = until - town->offset;
}

/* --- What the script may do ------------------------------------------------------------------ */

void town_answer(struct town *town, unsigned endpoint, enum answer answer)
{
	town->actors[endpoint].answer = answer;
}

void town_silence(struct town *town, const char *match, usec_t span)
{
	struct silence *silence = silence_new(match);

	silence_date(silence, town_wall(town), town->now, span);
	assert_int_equal(silences_add(town->silences, silence, NULL), 0);
	look_round(town);
}

void town_acknowledge(struct town *town, unsigned endpoint)
{
	const struct incident *incident = town->roster.watches[endpoint]->incident;

	assert_non_null(incident);
	assert_int_equal(alert_acknowledge(town->alert, incident->id, "root", NULL, at(town), NULL),
			 0);
}

/* Rows as they are written, read as they would be. */
static void take_rows(struct town *town, const struct pack *rows, enum store_write written,
		      enum store_read read)
{
	struct store_row row;
	size_t place = 0;

	while (pack_next(rows, &place, &row)) {
		if (row.statement != written)
			continue;
		row.statement = read;
		if (read == STORE_READ_NOTIFICATIONS)
			teller_take_notification(town->teller, &row, town->now);
		else
			alert_take(town->alert, &row);
	}
}

void town_restart(struct town *town)
{
	struct pack rows = { 0 };

	alert_pack_begin(town->alert);
	while (!alert_pack_some(town->alert, 100, &rows))
		;
	alert_free(town->alert);
	teller_free(town->teller);
	for (unsigned i = 0; i < ENDPOINTS; i++) {
		town->roster.watches[i]->incident = NULL;
		town->roster.watches[i]->is_unknown_here = false;
		town->roster.watches[i]->held = 0;
	}
	open_house(town);
	take_rows(town, &rows, STORE_PUT_INCIDENT, STORE_READ_INCIDENTS);
	take_rows(town, &rows, STORE_PUT_NOTIFICATION, STORE_READ_NOTIFICATIONS);
	take_rows(town, &rows, STORE_PUT_TOLD, STORE_READ_TOLD);
	alert_loaded(town->alert, &town->roster, at(town), NULL);
	while (!alert_retell_some(town->alert, 100, at(town), NULL))
		;
	look_round(town);
	pack_done(&rows);
}

const char *town_told(struct town *town)
{
	return text_string(&town->told);
}

uint64_t town_checks(const struct town *town)
{
	return town->checks;
}

struct town *town_new(usec_t wall, const struct endpoint *endpoints,
		      const struct receiver *const *receivers)
{
	struct town *town = MEMORY_NEW(struct town);
	struct watch **names = memory_new(ENDPOINTS, sizeof(*names));

	town->now = USEC_PER_HOUR;
	town->offset = wall - town->now;
	town->receivers = receivers;
	town->schedule =
		schedule_new(&(struct schedule_limits){ .max = ENDPOINTS, .anchor = town->offset });
	town->ends = heap_new();
	town->silences = silences_new();
	roster_init(&town->roster);
	open_house(town);
	for (unsigned i = 0; i < ENDPOINTS; i++) {
		const struct beat beat = {
			.interval = interval,
			.hash = i * (UINT64_MAX / ENDPOINTS + 1),
			.group = SCHEDULE_NO_LIMIT,
			.host = SCHEDULE_NO_LIMIT,
		};

		names[i] = roster_add(&town->roster, &endpoints[i], NULL);
		assert_int_equal(names[i]->id, i);
		health_init(&names[i]->standing, wall);
		town->actors[i].checks = i;
		schedule_add(town->schedule, i, &beat, town->now);
	}
	roster_set_names(&town->roster, names, ENDPOINTS);
	return town;
}

void town_free(struct town *town)
{
	alert_free(town->alert);
	teller_free(town->teller);
	silences_free(town->silences);
	roster_done(&town->roster);
	schedule_free(town->schedule);
	heap_free(town->ends);
	text_done(&town->told);
	free(town);
}
