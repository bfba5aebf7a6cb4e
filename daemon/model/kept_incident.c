/* kept_incident.c - incidents as rows of the store. */
#include <string.h>

#include "base/memory.h"
#include "model/incident.h"
#include "model/kept_incident.h"
#include "store/row.h"
#include "store/schema.h"

/* The columns, in the order of statements.inc. */
enum column {
	ID,
	ENDPOINT,
	GROUP,
	SEVERITY,
	STATE,
	CLASS,
	PHASE,
	REASON,
	STARTED_AT,
	CONFIRMED_AT,
	ENDED_AT,
	END,
	TRANSITION,
	NOTABLE,
	ACKNOWLEDGED_AT,
	ACKNOWLEDGED_BY,
	COMMENT,
	LABELS,
	COLUMNS,
};

static void pack_time(struct pack *rows, usec_t wall)
{
	if (wall)
		pack_number(rows, (int64_t)wall);
	else
		pack_text(rows, NULL);
}

void kept_pack_incident(const struct incident *incident, struct pack *rows)
{
	const struct acknowledgement *acknowledged = &incident->acknowledged;

	pack_begin(rows, STORE_PUT_INCIDENT);
	pack_text(rows, incident->id);
	pack_text(rows, incident->endpoint);
	pack_text(rows, incident->group);
	pack_text(rows, severity_name(incident->severity));
	pack_text(rows, state_name(incident->state));
	pack_text(rows, class_name(incident->class));
	pack_text(rows, incident->phase < PHASES ? phase_name(incident->phase) : NULL);
	pack_text(rows, incident->reason);
	pack_time(rows, incident->started);
	pack_time(rows, incident->confirmed);
	pack_time(rows, incident->ended);
	pack_text(rows, incident_end_name(incident->end));
	pack_number(rows, incident->transition);
	pack_number(rows, incident->notable);
	pack_time(rows, acknowledged->at);
	pack_text(rows, acknowledged->by);
	pack_text(rows, acknowledged->comment);
	pack_text(rows, incident->labels);
}

void kept_pack_drop_incident(const char *id, struct pack *rows)
{
	pack_begin(rows, STORE_DROP_INCIDENT);
	pack_text(rows, id);
}

static const char *text_of(const struct store_row *row, enum column column)
{
	return row->values[column].kind == STORE_TEXT ? row->values[column].data : NULL;
}

static char *copy_of(const struct store_row *row, enum column column)
{
	const char *text = text_of(row, column);

	return text ? memory_text(text) : NULL;
}

static usec_t time_of(const struct store_row *row, enum column column)
{
	const struct store_value *value = &row->values[column];

	return value->kind == STORE_NUMBER && value->number > 0 ? (usec_t)value->number : 0;
}

static enum phase phase_of(const char *name)
{
	for (enum phase phase = 0; name && phase < PHASES; phase++)
		if (strcmp(phase_name(phase), name) == 0)
			return phase;
	return PHASES;
}

/* What an incident cannot be without. */
static bool is_sound(const struct store_row *row)
{
	const char *id, *severity, *state, *end;

	if (row->count != COLUMNS)
		return false;
	id = text_of(row, ID);
	severity = text_of(row, SEVERITY);
	state = text_of(row, STATE);
	end = text_of(row, END);
	return id && strlen(id) == INCIDENT_ID_SIZE - 1 && severity &&
	       severity_find(severity) != SEVERITIES && state && state_find(state) != STATES &&
	       end && incident_end_find(end) != INCIDENT_ENDS && time_of(row, STARTED_AT);
}

struct incident *kept_take_incident(const struct store_row *row)
{
	struct incident *incident;

	if (!is_sound(row))
		return NULL;
	incident =
		incident_new(text_of(row, ENDPOINT), text_of(row, GROUP), time_of(row, STARTED_AT));
	memcpy(incident->id, text_of(row, ID), INCIDENT_ID_SIZE);
	incident->severity = severity_find(text_of(row, SEVERITY));
	incident->state = state_find(text_of(row, STATE));
	incident->class = text_of(row, CLASS) ? class_find(text_of(row, CLASS)) : CLASS_NONE;
	incident->classes = UINT64_C(1) << incident->class;
	incident->phase = phase_of(text_of(row, PHASE));
	incident->reason = copy_of(row, REASON);
	incident->labels = copy_of(row, LABELS);
	incident->confirmed = time_of(row, CONFIRMED_AT);
	incident->ended = time_of(row, ENDED_AT);
	incident->end = incident_end_find(text_of(row, END));
	if (time_of(row, TRANSITION))
		incident->transition = (unsigned)time_of(row, TRANSITION);
	incident->notable = incident->transition;
	if (time_of(row, NOTABLE) && time_of(row, NOTABLE) < incident->transition)
		incident->notable = (unsigned)time_of(row, NOTABLE);
	incident->acknowledged = (struct acknowledgement){
		.at = time_of(row, ACKNOWLEDGED_AT),
		.by = copy_of(row, ACKNOWLEDGED_BY),
		.comment = copy_of(row, COMMENT),
	};
	return incident;
}
