/* stage.c - what claims about tellers have at hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "alert/told.h"
#include "stage.h"
#include "store/schema.h"

static const char *const by_group[] = { "group", NULL };
const char *const by_endpoint[] = { "endpoint", NULL };
const char *const to_ops[] = { "ops", NULL };
const char *const to_both[] = { "ops", "boss", NULL };

struct receiver ops, boss;
const struct receiver *const both[] = { &ops, &boss, NULL };

struct pack *kept(struct stage *stage)
{
	return stage->keeps ? &stage->rows : NULL;
}

static void deliver(struct notification *notification, const struct receiver *receiver,
		    void *context)
{
	struct stage *stage = context;
	json_t *message = json_loads(notification->json, 0, NULL), *incident;
	size_t i;

	assert_non_null(message);
	assert_string_equal(json_string_value(json_object_get(message, "id")), notification->id);
	text_print(&stage->told, "%s%s %s ", stage->told.len ? "; " : "", receiver->name,
		   notification_event_name(notification->event));
	json_array_foreach(json_object_get(message, "incidents"), i, incident)
	{
		text_append(&stage->told, i ? "," : "");
		text_append(&stage->told, json_string_value(json_object_get(incident, "endpoint")));
	}
	json_decref(message);
	assert_true(stage->out_count < OUT_MAX);
	stage->out[stage->out_count++] = notification;
}

struct moment at(const struct stage *stage)
{
	return (struct moment){
		.now = stage->now,
		.wall = 1700000000 * SECOND + stage->now + stage->set_by,
	};
}

int init(void **state)
{
	static struct stage stage;

	ops = (struct receiver){
		.name = "ops",
		.group_by = by_group,
		.group_wait = 10 * SECOND,
		.group_interval = 60 * SECOND,
		.repeat = 3600 * SECOND,
		.retry = { .first = SECOND, .max = 300 * SECOND, .span = 600 * SECOND },
		.sends_resolved = true,
	};
	boss = ops;
	boss.name = "boss";
	boss.min_severity = SEVERITY_CRITICAL;
	boss.sends_resolved = false;
	stage = (struct stage){ .now = START };
	stage.teller = teller_new(deliver, &stage);
	teller_configure(stage.teller, both);
	*state = &stage;
	return 0;
}

void drop_incidents(struct stage *stage)
{
	for (unsigned i = 0; i < INCIDENTS; i++) {
		if (!stage->incidents[i])
			continue;
		teller_forget(stage->teller, stage->incidents[i], NULL);
		incident_free(stage->incidents[i]);
		stage->incidents[i] = NULL;
	}
}

int done(void **state)
{
	struct stage *stage = *state;

	drop_incidents(stage);
	teller_free(stage->teller);
	text_done(&stage->told);
	pack_done(&stage->rows);
	return 0;
}

struct incident *make(struct stage *stage, unsigned number, const char *const *notify)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
	struct incident *incident = incident_new(names[number], "web", START + number);

	stage->endpoints[number] = (struct endpoint){ .name = names[number], .notify = notify };
	stage->watches[number] = (struct watch){ .endpoint = &stage->endpoints[number] };
	incident->watch = &stage->watches[number];
	incident->state = STATE_DOWN;
	incident->severity = SEVERITY_CRITICAL;
	stage->incidents[number] = incident;
	return incident;
}

void opens(struct stage *stage, unsigned number, const char *const *notify)
{
	teller_follow(stage->teller, make(stage, number, notify), INCIDENT_OPENS, at(stage),
		      kept(stage));
}

void closes(struct stage *stage, unsigned number)
{
	struct incident *incident = stage->incidents[number];

	incident->end = INCIDENT_RECOVERED;
	incident->ended = START + stage->now;
	incident->watch = NULL;
	incident->notable = ++incident->transition;
	teller_follow(stage->teller, incident, INCIDENT_CLOSES, at(stage), kept(stage));
}

const char *passes(struct stage *stage, unsigned seconds)
{
	const usec_t until = stage->now + seconds * SECOND;

	text_clear(&stage->told);
	while (teller_next(stage->teller) <= until) {
		if (teller_next(stage->teller) > stage->now)
			stage->now = teller_next(stage->teller);
		teller_pump(stage->teller, at(stage), stage->keeps ? ++stage->batch : 0,
			    kept(stage));
		if (stage->keeps)
			teller_stored(stage->teller, stage->batch, stage->now);
	}
	stage->now = until;
	return text_string(&stage->told);
}

bool ends(struct stage *stage, enum delivery_outcome outcome, usec_t retry_after)
{
	const struct delivery_result result = { outcome, retry_after, "so" };
	struct notification *first = stage->out[0];

	assert_true(stage->out_count > 0);
	stage->out_count--;
	memmove(stage->out, stage->out + 1, stage->out_count * sizeof(stage->out[0]));
	return teller_done(stage->teller, first, &result, at(stage), kept(stage));
}

void taken(struct stage *stage)
{
	while (stage->out_count)
		assert_true(ends(stage, DELIVERY_TAKEN, 0));
}

static const char *text_at(const struct store_row *row, unsigned column)
{
	return row->values[column].data ? row->values[column].data : "";
}

/* Whether a later row takes the place of this one, as in the file. */
static bool is_replaced(const struct stage *stage, const struct store_row *row, size_t place)
{
	struct store_row later;

	while (pack_next(&stage->rows, &place, &later)) {
		if (row->statement == STORE_PUT_NOTIFICATION &&
		    later.statement == STORE_DROP_NOTIFICATION &&
		    strcmp(text_at(row, 0), text_at(&later, 0)) == 0)
			return true;
		if (row->statement == STORE_PUT_TOLD && later.statement == STORE_PUT_TOLD &&
		    strcmp(text_at(row, 0), text_at(&later, 0)) == 0 &&
		    strcmp(text_at(row, 1), text_at(&later, 1)) == 0)
			return true;
	}
	return false;
}

/* As UPDATE would have it. */
static void update_state(const struct stage *stage, struct store_row *told, size_t place)
{
	struct store_row later;

	while (pack_next(&stage->rows, &place, &later))
		if (later.statement == STORE_STATE_TOLD &&
		    later.values[3].number == told->values[4].number)
			told->values[7] = later.values[0];
}

static void take_told(struct stage *stage, struct store_row *row, size_t place)
{
	update_state(stage, row, place);
	for (unsigned i = 0; i < INCIDENTS; i++)
		if (stage->incidents[i] && strcmp(stage->incidents[i]->id, told_incident(row)) == 0)
			teller_take_told(stage->teller, stage->incidents[i], row);
}

void restart(struct stage *stage)
{
	struct store_row row;

	for (unsigned i = 0; i < INCIDENTS; i++)
		if (stage->incidents[i])
			teller_forget(stage->teller, stage->incidents[i], NULL);
	teller_free(stage->teller);
	stage->out_count = 0;
	stage->teller = teller_new(deliver, stage);
	teller_configure(stage->teller, both);
	for (size_t place = 0; pack_next(&stage->rows, &place, &row);)
		if (row.statement == STORE_PUT_NOTIFICATION && !is_replaced(stage, &row, place))
			teller_take_notification(stage->teller, &row, stage->now);
	for (size_t place = 0; pack_next(&stage->rows, &place, &row);)
		if (row.statement == STORE_PUT_TOLD && !is_replaced(stage, &row, place))
			take_told(stage, &row, place);
	for (unsigned i = 0; i < INCIDENTS; i++)
		if (stage->incidents[i])
			teller_resume(stage->teller, stage->incidents[i], at(stage), kept(stage));
}
