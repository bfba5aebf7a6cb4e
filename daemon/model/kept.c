/* kept.c - watches as rows of the store. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/evidence.h"
#include "model/kept.h"
#include "model/watch.h"
#include "store/row.h"
#include "store/schema.h"

/* The columns, in the order of statements.inc. */
enum column {
	NAME,
	STATE,
	PAUSED,
	SINCE,
	STREAK_COLUMNS, /* two for each: length, start */
	CHECKED_AT = STREAK_COLUMNS + 2 * STREAKS,
	LATENCY,
	LATENESS,
	PHASES_TOOK,
	VERDICT,
	CLASS,
	PHASE,
	REASON,
	ADDRESS,
	RECENT,
	EVIDENCE,
	WAS_GOOD,
	COLUMNS,
};

/* Another streak is two columns more, in a version of its own. */
_Static_assert(COLUMNS == 28, "the columns are those of the table");

static const char *verdict_text(unsigned kind)
{
	return kind == VERDICT_NONE ? NULL : verdict_name((enum verdict_kind)kind);
}

static const char *class_text(unsigned class)
{
	return class_name((enum failure_class) class);
}

static const char *phase_text(unsigned phase)
{
	return phase < PHASES ? phase_name((enum phase)phase) : NULL;
}

static enum verdict_kind verdict_of(const char *name)
{
	for (enum verdict_kind kind = VERDICT_PASS; kind <= VERDICT_FAIL; kind++)
		if (name && strcmp(verdict_name(kind), name) == 0)
			return kind;
	return VERDICT_NONE;
}

static enum failure_class class_of(const char *name)
{
	return name ? class_find(name) : CLASS_NONE;
}

static enum phase phase_of(const char *name)
{
	for (enum phase phase = 0; name && phase < PHASES; phase++)
		if (strcmp(phase_name(phase), name) == 0)
			return phase;
	return PHASES;
}

/* Microseconds of each, "-" where it did not happen: "-,120,-,80,900,15" */
static void pack_phases(const struct last_check *last, struct pack *rows)
{
	cleanup(text)
	struct text text = { 0 };

	for (enum phase phase = 0; phase < PHASE_JUDGE; phase++) {
		text_append(&text, phase ? "," : "");
		if (last->phases_seen & 1u << phase)
			text_append_uint(&text, last->phases[phase]);
		else
			text_append_char(&text, '-');
	}
	pack_text(rows, text_string(&text));
}

/* A line a check: milliseconds since 1970, microseconds it took, verdict, class, phase. */
static void pack_recent(const struct watch *watch, struct pack *rows)
{
	struct past_check checks[PAST_CHECKS];
	const unsigned count = recent_read(watch->recent, checks);
	cleanup(text)
	struct text text = { 0 };

	for (unsigned i = 0; i < count; i++) {
		const struct past_check *past = &checks[i];
		const char *class = class_text(past->class), *phase = phase_text(past->phase);

		text_append_uint(&text, past->at / USEC_PER_MS);
		text_append_char(&text, ' ');
		text_append_uint(&text, past->latency);
		text_append_char(&text, ' ');
		text_append(&text, verdict_text(past->kind) ? verdict_text(past->kind) : "-");
		if (class) {
			text_append_char(&text, ' ');
			text_append(&text, class);
			text_append_char(&text, ' ');
			text_append(&text, phase ? phase : "-");
		}
		text_append_char(&text, '\n');
	}
	pack_text(rows, text_string(&text));
}

static void pack_last(const struct last_check *last, struct pack *rows)
{
	cleanup(text)
	struct text address = { 0 };

	pack_number(rows, (int64_t)last->wall);
	if (last->latency == USEC_NEVER)
		pack_text(rows, NULL);
	else
		pack_number(rows, (int64_t)last->latency);
	pack_number(rows, (int64_t)last->lateness);
	pack_phases(last, rows);
	pack_text(rows, verdict_text(last->kind));
	pack_text(rows, class_text(last->class));
	pack_text(rows, phase_text(last->phase));
	pack_text(rows, last->reason);
	if (last->address.family)
		address_print(&address, &last->address);
	pack_text(rows, address.len ? text_string(&address) : NULL);
}

void kept_pack_watch(const struct watch *watch, struct pack *rows)
{
	const struct standing *standing = &watch->standing;

	pack_begin(rows, STORE_PUT_ENDPOINT);
	pack_text(rows, watch->endpoint->name);
	pack_text(rows, state_name(standing->state));
	pack_number(rows, watch->pause_asked);
	pack_number(rows, (int64_t)standing->since);
	for (enum streak streak = 0; streak < STREAKS; streak++) {
		pack_number(rows, standing->lengths[streak]);
		pack_number(rows, (int64_t)standing->starts[streak]);
	}
	pack_last(&watch->last, rows);
	pack_recent(watch, rows);
	pack_text(rows, watch->evidence ? watch->evidence->json : NULL);
	pack_number(rows, watch->was_good);
}

static const char *text_of(const struct store_row *row, unsigned column)
{
	return row->values[column].kind == STORE_TEXT ? row->values[column].data : NULL;
}

/* Not negative, and not beyond `max`. */
static uint64_t number_of(const struct store_row *row, unsigned column, uint64_t max)
{
	const struct store_value *value = &row->values[column];

	if (value->kind != STORE_NUMBER || value->number < 0)
		return 0;
	return (uint64_t)value->number < max ? (uint64_t)value->number : max;
}

const char *kept_name(const struct store_row *row)
{
	const char *name = row->count ? text_of(row, NAME) : NULL;

	return name ? name : "";
}

static void take_standing(struct standing *standing, enum state state, const struct store_row *row)
{
	*standing = (struct standing){ .state = state, .leaning = state };
	standing->since = standing->leaning_since = number_of(row, SINCE, INT64_MAX);
	for (unsigned streak = 0; streak < STREAKS; streak++) {
		const unsigned at = STREAK_COLUMNS + 2 * streak;

		standing->lengths[streak] = (uint16_t)number_of(row, at, UINT16_MAX);
		standing->starts[streak] = number_of(row, at + 1, INT64_MAX);
	}
}

static void take_phases(struct last_check *last, const char *text)
{
	for (enum phase phase = 0; text && phase < PHASE_JUDGE; phase++) {
		if (*text >= '0' && *text <= '9') {
			last->phases[phase] = (uint32_t)strtoul(text, NULL, 10);
			last->phases_seen |= (uint8_t)(1u << phase);
		}
		text = strchr(text, ',');
		text = text ? text + 1 : NULL;
	}
}

static void take_last(struct last_check *last, const struct store_row *row)
{
	const char *reason = text_of(row, REASON), *address = text_of(row, ADDRESS);

	free(last->reason);
	*last = (struct last_check){
		.wall = number_of(row, CHECKED_AT, INT64_MAX),
		.latency = row->values[LATENCY].kind == STORE_NULL
				   ? USEC_NEVER
				   : number_of(row, LATENCY, INT64_MAX),
		.lateness = number_of(row, LATENESS, INT64_MAX),
		.kind = (uint8_t)verdict_of(text_of(row, VERDICT)),
		.class = (uint8_t)class_of(text_of(row, CLASS)),
		.phase = (uint8_t)phase_of(text_of(row, PHASE)),
		.reason = reason ? memory_text(reason) : NULL,
	};
	take_phases(last, text_of(row, PHASES_TOOK));
	if (address)
		(void)address_parse(address, &last->address);
}

static bool read_past(const char *line, struct past_check *ret_past)
{
	char verdict[16], class[64] = "", phase[16] = "";
	uint64_t at;
	uint32_t latency;

	if (sscanf(line, "%" SCNu64 " %" SCNu32 " %15s %63s %15s", &at, &latency, verdict, class,
		   phase) < 3)
		return false;
	*ret_past = (struct past_check){
		.at = at < UINT64_MAX / USEC_PER_MS ? at * USEC_PER_MS : 0,
		.latency = latency,
		.kind = (uint8_t)verdict_of(verdict),
		.class = (uint8_t)class_of(class),
		.phase = (uint8_t)phase_of(phase),
	};
	return true;
}

static void take_recent(struct watch *watch, const char *text)
{
	struct past_check past;
	char line[160];

	free(TAKE(watch->recent));
	while (text && *text && recent_count(watch->recent) < PAST_CHECKS) {
		const size_t len = strcspn(text, "\n");

		(void)snprintf(line, sizeof(line), "%.*s", (int)(len < sizeof(line) ? len : 0),
			       text);
		if (read_past(line, &past))
			recent_add(&watch->recent, &past);
		text += len + (text[len] == '\n');
	}
}

static void take_evidence(struct watch *watch, const struct store_value *value)
{
	if (watch->evidence)
		evidence_free(TAKE(watch->evidence));
	if (value->kind != STORE_TEXT || value->len == 0)
		return;
	watch->evidence = evidence_make(memory_text_len(value->data, value->len), value->len);
}

bool kept_take_watch(struct watch *watch, const struct store_row *row)
{
	const char *state = row->count == COLUMNS ? text_of(row, STATE) : NULL;

	if (!state || state_find(state) == STATES)
		return false;
	take_standing(&watch->standing, state_find(state), row);
	take_last(&watch->last, row);
	take_recent(watch, text_of(row, RECENT));
	take_evidence(watch, &row->values[EVIDENCE]);
	watch->pause_asked = number_of(row, PAUSED, 1);
	watch->was_good = number_of(row, WAS_GOOD, 1);
	return true;
}
