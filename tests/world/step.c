/* step.c - the words of a step, one function a word. */
#include "step.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/units.h"
#include "words.h"

#define MOST_STEPS 256
#define MOST_BYTES (64u << 20)

typedef int set_word(struct step *step, const char *value);

static int set_duration(usec_t *duration, const char *value)
{
	size_t ms;

	if (words_number(value, MOST_BYTES, &ms) == 0) {
		*duration = ms * USEC_PER_MS;
		return 0;
	}
	return units_duration_parse(value, strlen(value), duration);
}

static int set_size(size_t *size, const char *value)
{
	uint64_t bytes;

	if (words_number(value, MOST_BYTES, size) == 0)
		return 0;
	if (units_size_parse(value, strlen(value), &bytes) < 0 || bytes > MOST_BYTES)
		return -EINVAL;
	*size = (size_t)bytes;
	return 0;
}

static int set_status(struct step *step, const char *value)
{
	size_t status;

	if (words_number(value, 999, &status) < 0 || status < 100)
		return -EINVAL;
	step->status = (unsigned)status;
	return 0;
}

static int set_delay(struct step *step, const char *value)
{
	return set_duration(&step->delay, value);
}

static int set_slow(struct step *step, const char *value)
{
	return set_duration(&step->slow, value);
}

static int set_slow_head(struct step *step, const char *value)
{
	return set_duration(&step->slow_head, value);
}

static int set_for(struct step *step, const char *value)
{
	return set_duration(&step->lasts, value);
}

static int set_body(struct step *step, const char *value)
{
	free(step->body);
	step->body = words_decoded(value);
	step->content = CONTENT_TEXT;
	return 0;
}

static int set_filler(struct step *step, const char *value)
{
	step->content = CONTENT_FILLER;
	return set_size(&step->size, value);
}

static int set_json(struct step *step, const char *value)
{
	step->content = CONTENT_JSON;
	return set_size(&step->size, value);
}

static int set_echo(struct step *step, const char *value)
{
	step->content = CONTENT_ECHO;
	return 0;
}

static int set_type(struct step *step, const char *value)
{
	free(step->type);
	step->type = words_decoded(value);
	return 0;
}

static int set_header(struct step *step, const char *value)
{
	cleanup(free)
	char *line = words_decoded(value);

	if (!strchr(line, ':'))
		return -EINVAL;
	text_print(&step->headers, "%s\r\n", line);
	return 0;
}

static int set_long_header(struct step *step, const char *value)
{
	return set_size(&step->long_header, value);
}

static int set_length(struct step *step, const char *value)
{
	step->has_length = true;
	return words_number(value, SIZE_MAX / 16, &step->length);
}

static int set_redirect(struct step *step, const char *value)
{
	size_t redirects;

	if (words_number(value, 1000, &redirects) < 0)
		return -EINVAL;
	step->has_redirects = true;
	step->redirects = (unsigned)redirects;
	return 0;
}

static int set_location(struct step *step, const char *value)
{
	free(step->location);
	step->location = words_decoded(value);
	return 0;
}

static int set_gzip(struct step *step, const char *value)
{
	step->is_gzip = true;
	return 0;
}

static int set_bad_gzip(struct step *step, const char *value)
{
	step->is_gzip = step->is_bad_gzip = true;
	return 0;
}

static int set_chunked(struct step *step, const char *value)
{
	step->is_chunked = true;
	return 0;
}

static int set_last(struct step *step, const char *value)
{
	step->is_last = true;
	return 0;
}

static int set_accept(struct step *step, const char *value)
{
	step->is_at_accept = true;
	return 0;
}

static const struct word {
	const char *name;
	bool has_value;
	set_word *set;
	enum fault fault; /* where there is nothing to set */
} words[] = {
	{ "status", true, set_status, FAULT_NONE },
	{ "delay", true, set_delay, FAULT_NONE },
	{ "slow", true, set_slow, FAULT_NONE },
	{ "slow-head", true, set_slow_head, FAULT_NONE },
	{ "for", true, set_for, FAULT_NONE },
	{ "body", true, set_body, FAULT_NONE },
	{ "size", true, set_filler, FAULT_NONE },
	{ "json", true, set_json, FAULT_NONE },
	{ "echo", false, set_echo, FAULT_NONE },
	{ "type", true, set_type, FAULT_NONE },
	{ "header", true, set_header, FAULT_NONE },
	{ "long-header", true, set_long_header, FAULT_NONE },
	{ "length", true, set_length, FAULT_NONE },
	{ "redirect", true, set_redirect, FAULT_NONE },
	{ "location", true, set_location, FAULT_NONE },
	{ "gzip", false, set_gzip, FAULT_NONE },
	{ "bad-gzip", false, set_bad_gzip, FAULT_NONE },
	{ "chunked", false, set_chunked, FAULT_NONE },
	{ "last", false, set_last, FAULT_NONE },
	{ "at-accept", false, set_accept, FAULT_NONE },
	{ "silent", false, NULL, FAULT_SILENT },
	{ "close", false, NULL, FAULT_CLOSE },
	{ "reset", false, NULL, FAULT_RESET },
	{ "half", false, NULL, FAULT_HALF },
	{ "garbage", false, NULL, FAULT_GARBAGE },
	{ "endless-headers", false, NULL, FAULT_ENDLESS_HEADERS },
	{ "endless", false, NULL, FAULT_ENDLESS_BODY },
};

static const struct word *word_find(const char *name)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].name, name) == 0)
			return &words[i];
	return NULL;
}

static int word_apply(const struct word *word, struct step *step, const char *value)
{
	if (word->set)
		return word->set(step, value);
	step->fault = word->fault;
	return 0;
}

/* `503`, `x3`, `silent` or `delay=800ms`. */
static int step_word(struct step *step, char *text)
{
	const struct word *word;
	char *value = strchr(text, '=');
	size_t count;

	if (text[0] == 'x' && words_number(text + 1, 1u << 30, &count) == 0 && count > 0) {
		step->count = (unsigned)count;
		return 0;
	}
	if (set_status(step, text) == 0)
		return 0;
	if (value)
		*value++ = '\0';
	word = word_find(text);
	if (!word || word->has_value != !!value)
		return -EINVAL;
	return word_apply(word, step, value);
}

static int step_parse(struct step *step, char *words_text, char **ret_fault)
{
	char *word;

	while ((word = words_next(&words_text, " \t")))
		if (step_word(step, word) < 0) {
			*ret_fault = memory_print("'%s' is not a word of a step", word);
			return -EINVAL;
		}
	return 0;
}

int steps_parse(const char *line, struct step **ret_steps, size_t *ret_count, bool *ret_again,
		char **ret_fault)
{
	cleanup(free)
	char *copy = memory_text(line);
	struct step *steps = memory_new(MOST_STEPS, sizeof(*steps));
	char *rest = copy, *part;
	size_t count = 0;
	bool again = false;
	int r = 0;

	while (r == 0 && (part = words_next(&rest, ","))) {
		part = words_trimmed(part);
		if (again || count == MOST_STEPS) {
			*ret_fault = memory_text(again ? "'again' stands last"
						       : "a script has at most 256 steps");
			r = -EINVAL;
		} else if (strcmp(part, "again") == 0) {
			again = true;
		} else {
			r = step_parse(&steps[count++], part, ret_fault);
		}
	}
	if (r == 0 && count == 0) {
		*ret_fault = memory_text("there is no step");
		r = -EINVAL;
	}
	if (r < 0) {
		steps_free(steps, count);
		return r;
	}
	*ret_steps = steps;
	*ret_count = count;
	*ret_again = again;
	return 0;
}

void steps_free(struct step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++)
		step_done(&steps[i]);
	free(steps);
}

void step_read_path(struct step *step, const char *path)
{
	cleanup(free)
	char *copy = memory_text(path);
	char *rest = copy, *segment;

	while ((segment = words_next(&rest, "/"))) {
		const struct word *word = word_find(segment);
		const char *value = NULL;

		if (!word || word->set == set_accept || word->set == set_for)
			continue;
		if (word->has_value && !(value = words_next(&rest, "/")))
			return;
		(void)word_apply(word, step, value); /* a value that is none stays a name */
	}
}

void step_done(struct step *step)
{
	free(step->body);
	free(step->type);
	free(step->location);
	text_done(&step->headers);
}
