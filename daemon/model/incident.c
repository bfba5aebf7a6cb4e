/* incident.c - what went wrong with an endpoint. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/endpoint.h"
#include "model/incident.h"

static const char *const severities[SEVERITIES] = {
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_CRITICAL] = "critical",
};

static const char *const ends[INCIDENT_ENDS] = {
	[INCIDENT_OPEN] = "open",
	[INCIDENT_RECOVERED] = "recovered",
	[INCIDENT_REMOVED] = "removed",
	[INCIDENT_PAUSED] = "paused",
};

static const char *const moves[INCIDENT_MOVES] = {
	[INCIDENT_OPENS] = "opened",	[INCIDENT_WORSENS] = "worsened",
	[INCIDENT_CHANGES] = "changed", [INCIDENT_IS_ACKNOWLEDGED] = "acknowledged",
	[INCIDENT_CLOSES] = "closed",
};

/* Ten letters that nobody mistakes for others when they are read aloud: Crockford's base 32. */
static void make_id(const char *endpoint, usec_t started, char *id)
{
	static const struct hash_key key = { 0x7069636b6574, 0x696e636964656e };
	static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
	cleanup(text)
	struct text text = { 0 };
	uint64_t hash;

	text_append(&text, endpoint ? endpoint : "");
	text_append_char(&text, '\0');
	text_append_uint(&text, started);
	hash = hash_bytes(&key, text.data, text.len);
	for (unsigned i = 0; i < INCIDENT_ID_SIZE - 1; i++) {
		id[i] = letters[hash % 32];
		hash /= 32;
	}
	id[INCIDENT_ID_SIZE - 1] = '\0';
}

struct incident *incident_new(const char *endpoint, const char *group, usec_t started)
{
	struct incident *incident = MEMORY_NEW(struct incident);

	make_id(endpoint, started, incident->id);
	incident->endpoint = endpoint ? memory_text(endpoint) : NULL;
	incident->group = group ? memory_text(group) : NULL;
	incident->started = started;
	incident->phase = PHASES;
	incident->transition = incident->notable = 1;
	list_init(&incident->link);
	list_init(&incident->closed);
	return incident;
}

void incident_free(struct incident *incident)
{
	list_remove(&incident->link);
	list_remove(&incident->closed);
	free(incident->endpoint);
	free(incident->group);
	free(incident->reason);
	free(incident->labels);
	free(incident->acknowledged.by);
	free(incident->acknowledged.comment);
	free(incident);
}

void incident_set_labels(struct incident *incident, const struct endpoint *endpoint)
{
	struct text json = { 0 };

	if (!endpoint->labels_count)
		return;
	for (unsigned i = 0; i < endpoint->labels_count; i++) {
		const struct label *label = &endpoint->labels[i];

		text_append_char(&json, i ? ',' : '{');
		text_append_json(&json, label->key, strlen(label->key));
		text_append_char(&json, ':');
		text_append_json(&json, label->value, strlen(label->value));
	}
	text_append_char(&json, '}');
	free(incident->labels);
	incident->labels = text_take(&json);
}

const char *severity_name(enum severity severity)
{
	return severities[severity];
}

const char *incident_end_name(enum incident_end end)
{
	return ends[end];
}

const char *incident_move_name(enum incident_move move)
{
	return moves[move];
}

enum severity severity_find(const char *name)
{
	enum severity severity = 0;

	while (severity < SEVERITIES && strcmp(severities[severity], name) != 0)
		severity++;
	return severity;
}

enum incident_end incident_end_find(const char *name)
{
	enum incident_end end = 0;

	while (end < INCIDENT_ENDS && strcmp(ends[end], name) != 0)
		end++;
	return end;
}
