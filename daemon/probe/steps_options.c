/* steps_options.c - the keys of `steps:`, and what they lead to. */
#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "expect/expect.h"
#include "option/value.h"
#include "probe/http_checks.h"
#include "probe/reach.h"
#include "probe/steps.h"

extern const struct probe_type probe_http;

static bool check_name(const char *text, size_t len, struct text *wanted)
{
	if (len > 0 && len <= 64 && strspn(text, OPTION_NAME_CHARACTERS) == len &&
	    !isdigit((unsigned char)text[0]) && strcmp(text, "each") != 0)
		return true;
	text_append(wanted, "must be of letters, digits and _, and not 'each'");
	return false;
}

static const struct option step_options[] = {
#define HTTP_HAS_NAMES true
#include "probe/http_rows.inc"
	{
		.key = "expect",
		.kind = OPTION_LINES,
		.is_verbatim = true,
		.offset = MEMBER(struct step, expect, const struct value *),
		.about = "Expectations of this reply, a line each; status in 200..299 unless they "
			 "mention status or class.",
		.example = "[status == 200]",
	},
	{
		.key = "capture",
		.kind = OPTION_PAIRS,
		.is_verbatim = true,
		.offset = MEMBER(struct step, capture, struct option_pairs),
		.max = 1024,
		.check_key = check_name,
		.about = "Names, each with the subject whose value it stands for in later steps, "
			 "as ${NAME} in url, headers and body.",
		.example = "{ token: json $.token }",
	},
	{
		.key = "always",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct step, always, bool),
		.fallback = "false",
		.about = "Ask for this also where a step before it has failed.",
	},
	OPTION_END
};

static const struct option_table step_table = {
	.options = step_options,
	.size = sizeof(struct step),
	.short_key = "url",
	.examine = http_examine,
	.about = "Requests, one after the other.",
};

static const struct option options[] = {
	{
		.key = "requests",
		.kind = OPTION_STEPS,
		.is_required = true,
		.table = &step_table,
		.offset = MEMBER(struct steps_options, requests, struct option_steps),
		.about = "What to ask for, in this order: keys of http, and capture, expect and "
			 "always.",
		.example = "[{ url: https://shop.example.com/login, "
			   "capture: { token: json $.token } }, "
			   "{ url: \"https://shop.example.com/cart?t=${token}\" }]",
	},
	OPTION_END
};

const struct option_table steps_table = {
	.options = options,
	.size = sizeof(struct steps_options),
	.short_key = "requests",
};

size_t steps_name_len(const char *text)
{
	size_t len;

	if (strncmp(text, "${", 2) != 0)
		return 0;
	len = strspn(text + 2, OPTION_NAME_CHARACTERS);
	return text[2 + len] == '}' ? len : 0;
}

/* One step being looked at, with those before it. */
struct glance {
	const struct step *steps;
	unsigned at;
	struct complaints *complaints;
	const struct option_places *places;
	bool has_names;
};

static bool is_captured(const struct glance *look, const char *name, size_t len)
{
	for (unsigned i = 0; i < look->at; i++)
		for (unsigned k = 0; k < look->steps[i].capture.count; k++) {
			const char *key = look->steps[i].capture.pairs[k].key;

			if (strlen(key) == len && memcmp(key, name, len) == 0)
				return true;
		}
	return false;
}

static void examine_text(struct glance *look, const char *key, const char *text)
{
	for (; text && *text; text++) {
		const size_t len = steps_name_len(text);

		if (len == 0)
			continue;
		look->has_names = true;
		if (!is_captured(look, text + 2, len))
			option_complain(look->complaints, look->places, key,
					"no step before this one captures '%.*s'",
					(int)(len < 64 ? len : 64), text + 2);
	}
}

static void examine_names(struct glance *look)
{
	const struct http_options *http = &look->steps[look->at].http;

	examine_text(look, "url", http->url_text);
	for (unsigned i = 0; i < http->headers.count; i++)
		examine_text(look, "headers", http->headers.pairs[i].value);
	examine_text(look, "body", http->body_text);
}

/* Whether the line of a capture is one, tried for its complaint's sake. */
static bool try_capture(const struct glance *look, const char *line)
{
	struct program *program = NULL;
	struct expect_fault fault;
	bool is_value;

	if (program_add(&program, line, strlen(line), probe_http.subjects, NULL, &fault) < 0) {
		option_complain(look->complaints, look->places, "capture", "%s", fault.message);
		return false;
	}
	is_value = program_is_value(program, 0);
	program_free(program);
	if (!is_value)
		option_complain(look->complaints, look->places, "capture",
				"'capture' wants subjects that are a single value, such as "
				"json $.token or header Location");
	return is_value;
}

static void prepare_captures(struct glance *look, struct step *step, struct arena *arena,
			     const struct value *where)
{
	const unsigned count = step->capture.count;
	struct value *list = arena_take(arena, sizeof(*list));
	struct value *items = arena_take(arena, (count + 1) * sizeof(*items));
	bool is_whole = true;

	for (unsigned i = 0; i < count; i++) {
		struct text line = { 0 };

		text_print(&line, "%s exists", step->capture.pairs[i].value);
		items[i] = *where;
		items[i].kind = VALUE_SCALAR;
		items[i].style = VALUE_SINGLE;
		items[i].count = (uint32_t)line.len;
		items[i].text = arena_text(arena, line.data);
		is_whole = try_capture(look, line.data) && is_whole;
		text_done(&line);
	}
	*list = *where;
	list->kind = VALUE_LIST;
	list->count = count;
	list->items = items;
	step->captures_lines = count && is_whole ? list : NULL;
}

void steps_options_prepare(void *object, struct arena *arena, struct complaints *complaints,
			   const struct option_places *places)
{
	struct steps_options *steps = object;
	const unsigned count = steps->requests.count;
	const struct value *list = steps->requests.list;
	/* Those that were set may be another endpoint's as well. */
	struct step *own = arena_take(arena, (count + 1) * sizeof(*own));

	if (count)
		memcpy(own, steps->requests.items, count * sizeof(*own));
	else
		option_complain(complaints, places, "requests", "there is no request in it");
	for (unsigned i = 0; i < count; i++) {
		const struct value *const layers[] = { &list->items[i] };
		const struct option_places here = { .layers = layers, .count = 1 };
		struct glance look = { own, i, complaints, &here, false };

		http_options_prepare(&own[i].http, arena, complaints, &here);
		examine_names(&look);
		own[i].has_names = look.has_names;
		prepare_captures(&look, &own[i], arena, &list->items[i]);
	}
	steps->requests.items = own;
}

void steps_options_compile(void *object, probe_compile *compile, void *context)
{
	const struct steps_options *options_ = object;
	struct step *steps = (struct step *)(uintptr_t)options_->requests.items;

	for (unsigned i = 0; i < options_->requests.count; i++) {
		steps[i].program = compile(steps[i].expect, &probe_http, true, context);
		steps[i].captures = compile(steps[i].captures_lines, &probe_http, false, context);
	}
}
