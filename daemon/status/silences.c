/* silences.c - GET and POST /v1/silences, DELETE /v1/silences/ID. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert/silences.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "status/inside.h"
#include "status/member.h"

static void cleanup_silence(struct silence **silence)
{
	if (*silence)
		silence_free(*silence);
}

/* --- What is shown ------------------------------------------------------------------------ */

static void print_silence(struct text *json, const struct silence *silence)
{
	text_append_char(json, '{');
	member_text(json, "id", silence->id);
	member_text(json, "match", silence->match);
	if (silence->group)
		member_text(json, "group", silence->group);
	member(json, "labels");
	text_append_char(json, '{');
	for (unsigned i = 0; i < silence->labels_count; i++) {
		const struct label *label = &silence->labels[i];

		if (i > 0)
			text_append_char(json, ',');
		text_append_json(json, label->key, strlen(label->key));
		text_append_char(json, ':');
		text_append_json(json, label->value, strlen(label->value));
	}
	text_append_char(json, '}');
	member_time(json, "at", silence->made);
	member_time(json, "until", silence->ends);
	if (silence->by)
		member_text(json, "by", silence->by);
	if (silence->comment)
		member_text(json, "comment", silence->comment);
	text_append_char(json, '}');
}

void silences_answer(struct call *call)
{
	static const char *const known[] = { NULL };
	const struct silences *silences = call->status->silences;
	cleanup(text)
	struct text json = { 0 };

	if (!call_check_query(call, known, NULL))
		return;
	text_append(&json, "{\"silences\":[");
	for (unsigned i = 0; i < silences_count(silences); i++) {
		text_append(&json, i ? ",\n" : "\n");
		print_silence(&json, silences_get(silences, i));
	}
	text_append(&json, "]}");
	answer_json(call->answer, 200, &json);
}

/* --- What is asked for -------------------------------------------------------------------- */

/* Why a request makes no sense, as a sentence; empty while it does. */
struct reading {
	const json_t *body; /* borrowed */
	struct text fault;
};

static void set_fault(struct reading *reading, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void set_fault(struct reading *reading, const char *format, ...)
{
	va_list arguments;

	if (reading->fault.len)
		return;
	va_start(arguments, format);
	text_vprint(&reading->fault, format, arguments);
	va_end(arguments);
}

/* A member that is a text of 1 to `most` bytes; NULL where there is none. */
static const char *read_text(struct reading *reading, const char *key, size_t most)
{
	const json_t *value = json_object_get(reading->body, key);
	const char *text = json_string_value(value);

	if (!value)
		return NULL;
	if (!text || json_string_length(value) < 1 || json_string_length(value) > most ||
	    strlen(text) != json_string_length(value))
		set_fault(reading, "'%s' is a text of 1 to %zu bytes, without a NUL.", key, most);
	return text;
}

/* A name holds none of these, so a glob with one of them would match nothing, for ever. */
static void check_glob(struct reading *reading, const char *glob)
{
	const char *wrong = glob ? strpbrk(glob, "/#%[]\\") : NULL;

	if (wrong)
		set_fault(reading,
			  "'match' has a '%c', which no name can have; in a glob * is any text "
			  "and ? one character.",
			  *wrong);
}

static void read_labels(struct reading *reading, struct silence *silence)
{
	json_t *labels = json_object_get(reading->body, "labels"), *value;
	const char *key;

	if (!labels)
		return;
	if (!json_is_object(labels) || json_object_size(labels) > SILENCE_LABELS_MAX) {
		set_fault(reading, "'labels' is an object of at most %d texts.",
			  SILENCE_LABELS_MAX);
		return;
	}
	json_object_foreach(labels, key, value)
	{
		const char *text = json_string_value(value);

		if (!text || strlen(text) != json_string_length(value) ||
		    strlen(text) > SILENCE_MATCH_MAX || strlen(key) > SILENCE_MATCH_MAX) {
			set_fault(reading, "The label '%.64s' is a text of at most %d bytes.", key,
				  SILENCE_MATCH_MAX);
			return;
		}
		/* No label can be called so: it is what it says. */
		if (strcmp(key, "group") != 0)
			silence_add_label(silence, key, text);
		else if (silence->group && strcmp(silence->group, text) != 0)
			set_fault(reading, "'group' and the label 'group' differ.");
		else if (!silence->group)
			silence->group = memory_text(text);
	}
}

/* Seconds, or a duration as in the configuration. */
static bool read_duration(const json_t *value, usec_t *ret_span)
{
	const char *text = json_string_value(value);

	if (text)
		return units_duration_parse(text, strlen(text), ret_span) == 0;
	if (!json_is_number(value) || json_number_value(value) < 0 ||
	    json_number_value(value) > (double)(SILENCE_SPAN_MAX / USEC_PER_SEC))
		return false;
	*ret_span = (usec_t)(json_number_value(value) * (double)USEC_PER_SEC);
	return true;
}

static usec_t read_span(struct reading *reading, usec_t wall)
{
	const json_t *duration = json_object_get(reading->body, "for");
	const json_t *until = json_object_get(reading->body, "until");
	const char *time = json_string_value(until);
	usec_t span = 0, end;

	if (!duration == !until)
		set_fault(reading, "Either 'for' or 'until' says how long it holds.");
	else if (duration && !read_duration(duration, &span))
		set_fault(reading, "'for' is a number of seconds, or a text such as \"2h\"; "
				   "at most 366 days.");
	else if (until && (!time || units_time_parse(time, strlen(time), &end) < 0))
		set_fault(reading, "'until' is a time such as \"2026-11-30T18:00:00Z\".");
	else if (until && end <= wall)
		set_fault(reading, "'until' is over already.");
	else if (until)
		span = end - wall;
	if (span < SILENCE_SPAN_MIN || span > SILENCE_SPAN_MAX)
		set_fault(reading, "A silence holds for a second at least and 366 days at most.");
	return span;
}

static void check_members(struct reading *reading)
{
	static const char *const known[] = {
		"match", "group", "labels", "for", "until", "comment"
	};
	json_t *value;
	const char *key;

	json_object_foreach((json_t *)(uintptr_t)reading->body, key, value)
	{
		bool is_known = false;

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			is_known = is_known || strcmp(key, known[i]) == 0;
		if (!is_known)
			set_fault(reading, "A silence has no member '%.64s'.", key);
	}
}

static struct silence *read_silence(struct reading *reading)
{
	const usec_t wall = clock_wall(), boot = clock_boot();
	const char *match = read_text(reading, "match", SILENCE_MATCH_MAX);
	const char *group = read_text(reading, "group", SILENCE_MATCH_MAX);
	const char *comment = read_text(reading, "comment", SILENCE_COMMENT_MAX);
	const usec_t span = read_span(reading, wall);
	cleanup(silence)
	struct silence *silence = silence_new(match ? match : "*");

	check_members(reading);
	check_glob(reading, match);
	silence->group = group ? memory_text(group) : NULL;
	silence->comment = comment ? memory_text(comment) : NULL;
	read_labels(reading, silence);
	if (!match && !silence->group && !silence->labels_count)
		set_fault(reading,
			  "'match' is missing: a glob of the names that are to be silent.");
	if (reading->fault.len)
		return NULL;
	silence_date(silence, wall, boot, span);
	return TAKE(silence);
}

void silence_answer(struct call *call)
{
	static const char *const known[] = { NULL };
	const struct status_requests *requests = &call->status->requests;
	json_t *body;
	cleanup(text)
	struct text json = { 0 };
	struct reading reading = { 0 };
	struct silence *silence;

	if (!call_check_query(call, known, NULL))
		return;
	body = call_read_json(call);
	if (!body)
		return;
	reading.body = body;
	silence = read_silence(&reading);
	json_decref(body);
	if (!silence) {
		answer_error(call->answer, 400, "bad_request", "%s", reading.fault.data);
		text_done(&reading.fault);
		return;
	}
	silence->by = call_who(call);
	print_silence(&json, silence);
	if (requests->silence(silence, requests->engine) < 0)
		answer_error(call->answer, 409, "too_many",
			     "There are %d silences already; end one first.", SILENCES_MAX);
	else
		answer_json(call->answer, 201, &json);
}

void unsilence_answer(struct call *call)
{
	static const char *const known[] = { NULL };
	const struct status_requests *requests = &call->status->requests;
	cleanup(free)
	char *by = NULL;
	cleanup(silence)
	struct silence *silence = NULL;
	cleanup(text)
	struct text json = { 0 };

	if (!call_check_query(call, known, NULL))
		return;
	by = call_who(call);
	silence = requests->unsilence(call->name, by, requests->engine);
	if (!silence) {
		answer_error(call->answer, 404, "not_found",
			     "No silence has the id '%.64s'; it may be over.", call->name);
		return;
	}
	print_silence(&json, silence);
	answer_json(call->answer, 200, &json);
}
