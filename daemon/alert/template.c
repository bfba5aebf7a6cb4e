/* template.c - texts with ${…} for what a notification says. */
#include <jansson.h>
#include <string.h>

#include "alert/template.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "option/option.h"

enum part { OF_MESSAGE, OF_COUNTS, OF_INCIDENT, COMPUTED };

static const struct variable {
	const char *name;
	enum part part;
	const char *key; /* of the JSON */
} variables[] = {
	{ "summary", OF_MESSAGE, "summary" },
	{ "event", OF_MESSAGE, "event" },
	{ "id", OF_MESSAGE, "id" },
	{ "receiver", OF_MESSAGE, "receiver" },
	{ "group", OF_MESSAGE, "group" },
	{ "problems", OF_COUNTS, "problems" },
	{ "resolved", OF_COUNTS, "resolved" },
	{ "open", OF_COUNTS, "open" },
	{ "critical", OF_COUNTS, "critical" },
	{ "endpoint", OF_INCIDENT, "endpoint" },
	{ "incident", OF_INCIDENT, "id" },
	{ "severity", OF_INCIDENT, "severity" },
	{ "state", OF_INCIDENT, "state" },
	{ "class", OF_INCIDENT, "class" },
	{ "reason", OF_INCIDENT, "reason" },
	{ "started_at", OF_INCIDENT, "started_at" },
	{ "duration", OF_INCIDENT, "duration" },
	{ "action", COMPUTED, "action" },
	{ "key", COMPUTED, "key" },
	{ "source", COMPUTED, "source" },
	{ "level", COMPUTED, "level" },
};

enum { VARIABLES = sizeof(variables) / sizeof(variables[0]) };

static const char raw[] = "raw:", field[] = "field:";

enum template_escape template_escape_of(const char *content_type)
{
	if (strstr(content_type, "json"))
		return TEMPLATE_JSON;
	if (strstr(content_type, "x-www-form-urlencoded"))
		return TEMPLATE_FORM;
	return strstr(content_type, "xml") || strstr(content_type, "html") ? TEMPLATE_MARKUP
									   : TEMPLATE_PLAIN;
}

static const struct variable *find(const char *name, size_t len)
{
	for (unsigned i = 0; i < VARIABLES; i++)
		if (strlen(variables[i].name) == len && memcmp(variables[i].name, name, len) == 0)
			return &variables[i];
	return NULL;
}

/* What stands between ${ and }, without "raw:". */
struct place_holder {
	const char *name;
	size_t len;
	bool is_raw;
	bool is_field; /* then the name is its own */
	const char *behind;
};

/* The place holder that `at` ("${…") begins; false where it is not closed. */
static bool read_holder(const char *at, struct place_holder *ret_holder)
{
	const char *end = strchr(at, '}');

	if (!end)
		return false;
	*ret_holder = (struct place_holder){ .name = at + 2, .behind = end + 1 };
	ret_holder->is_raw = strncmp(ret_holder->name, raw, sizeof(raw) - 1) == 0;
	if (ret_holder->is_raw)
		ret_holder->name += sizeof(raw) - 1;
	ret_holder->is_field = strncmp(ret_holder->name, field, sizeof(field) - 1) == 0;
	if (ret_holder->is_field)
		ret_holder->name += sizeof(field) - 1;
	ret_holder->len = (size_t)(end - ret_holder->name);
	return true;
}

bool template_check(const char *template, size_t len, struct text *wanted)
{
	struct place_holder holder;

	(void)len;
	for (const char *at = template; (at = strstr(at, "${"));) {
		if (at > template && at[-1] == '$') {
			at += 2;
			continue;
		}
		if (!read_holder(at, &holder)) {
			text_append(wanted, "has a ${ that is not closed; a literal one is $${");
			return false;
		}
		if (!holder.is_field && !find(holder.name, holder.len)) {
			text_append(wanted, "knows ${");
			for (unsigned i = 0; i < VARIABLES; i++) {
				text_append(wanted, i ? "} ${" : "");
				text_append(wanted, variables[i].name);
			}
			text_append(wanted, "} ${field:NAME} and a literal $${");
			return false;
		}
		at = holder.behind;
	}
	return true;
}

static const char *find_field(const struct option_pairs *fields, const struct place_holder *holder)
{
	for (unsigned i = 0; fields && i < fields->count; i++)
		if (strlen(fields->pairs[i].key) == holder->len &&
		    memcmp(fields->pairs[i].key, holder->name, holder->len) == 0)
			return fields->pairs[i].value;
	return NULL;
}

const char *template_missing(const char *template, const struct option_pairs *fields,
			     size_t *ret_len)
{
	struct place_holder holder;

	for (const char *at = template; (at = strstr(at, "${"));) {
		const bool is_literal = at > template && at[-1] == '$';

		at += 2;
		if (is_literal || !read_holder(at - 2, &holder))
			continue;
		at = holder.behind;
		if (holder.is_field && !find_field(fields, &holder)) {
			*ret_len = holder.len;
			return holder.name;
		}
	}
	return NULL;
}

static void append_form(struct text *text, const char *value)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";

	for (; *value; value++) {
		if (strchr(plain, *value))
			text_append_char(text, *value);
		else
			text_print(text, "%%%02X", (unsigned char)*value);
	}
}

static void append_markup(struct text *text, const char *value)
{
	for (; *value; value++) {
		if (strchr("<>&\"'", *value))
			text_print(text, "&#%d;", *value);
		else
			text_append_char(text, *value);
	}
}

static void append_json(struct text *text, const char *value)
{
	cleanup(text)
	struct text quoted = { 0 };

	text_append_json(&quoted, value, strlen(value));
	text_append_len(text, quoted.data + 1, quoted.len - 2);
}

/* Slack: these three, and no others. */
static void append_entities(struct text *text, const char *value)
{
	cleanup(text)
	struct text plain = { 0 };

	for (; *value; value++) {
		if (*value == '&')
			text_append(&plain, "&amp;");
		else if (*value == '<')
			text_append(&plain, "&lt;");
		else if (*value == '>')
			text_append(&plain, "&gt;");
		else
			text_append_char(&plain, *value);
	}
	append_json(text, text_string(&plain));
}

static void append_value(struct text *text, const char *value, enum template_escape escape)
{
	switch (escape) {
	case TEMPLATE_JSON:
		append_json(text, value);
		break;
	case TEMPLATE_JSON_ENTITIES:
		append_entities(text, value);
		break;
	case TEMPLATE_FORM:
		append_form(text, value);
		break;
	case TEMPLATE_MARKUP:
		append_markup(text, value);
		break;
	case TEMPLATE_PLAIN:
		text_append_escaped(text, value, strlen(value));
		break;
	}
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static char *compute(const char *what, const json_t *message)
{
	const json_t *incident = json_array_get(json_object_get(message, "incidents"), 0);
	const json_t *open = json_object_get(json_object_get(message, "counts"), "open");
	const char *found;

	if (strcmp(what, "key") == 0)
		return memory_print("%s/%s", string_of(message, "receiver"),
				    string_of(message, "group"));
	if (strcmp(what, "action") == 0)
		return memory_text(strcmp(string_of(message, "event"), "recovery") == 0 &&
						   json_integer_value(open) == 0
					   ? "resolve"
					   : "trigger");
	if (strcmp(what, "source") == 0) {
		found = string_of(incident, "endpoint");
		return memory_text(*found ? found : "picket");
	}
	found = string_of(incident, "severity");
	return memory_text(*found ? found : "info");
}

/* As a text; malloc'ed. */
static char *look_up(const struct variable *variable, const json_t *message)
{
	const json_t *object = message, *value;

	if (variable->part == COMPUTED)
		return compute(variable->key, message);
	if (variable->part == OF_COUNTS)
		object = json_object_get(message, "counts");
	else if (variable->part == OF_INCIDENT)
		object = json_array_get(json_object_get(message, "incidents"), 0);
	value = json_object_get(object, variable->key);
	if (json_is_string(value))
		return memory_text(json_string_value(value));
	if (json_is_integer(value))
		return memory_print("%lld", (long long)json_integer_value(value));
	if (json_is_real(value))
		return memory_print("%.3f", json_real_value(value));
	return memory_text("");
}

/* What the place holder stands for, malloc'ed; NULL: it is none. */
static char *value_of(const struct place_holder *holder, const struct template_facts *facts,
		      const json_t *message)
{
	const struct variable *variable = holder->is_field ? NULL : find(holder->name, holder->len);
	const char *own = holder->is_field ? find_field(facts->fields, holder) : NULL;
	char *value = own ? memory_text(own) : variable ? look_up(variable, message) : NULL;

	if (value && facts->value_bytes)
		value[utf8_cut(value, strlen(value), facts->value_bytes)] = '\0';
	return value;
}

void template_render(const char *template, enum template_escape escape,
		     const struct template_facts *facts, struct text *text)
{
	json_t *message = json_loads(facts->json, 0, NULL);
	struct place_holder holder;
	const char *next;

	while ((next = strstr(template, "${"))) {
		const bool is_literal = next > template && next[-1] == '$';
		cleanup(free)
		char *value = NULL;

		if (!is_literal && read_holder(next, &holder))
			value = value_of(&holder, facts, message);
		if (!value) {
			/* The $ before a literal one goes. */
			text_append_len(text, template, (size_t)(next - template) - is_literal);
			text_append(text, "${");
			template = next + 2;
			continue;
		}
		text_append_len(text, template, (size_t)(next - template));
		if (holder.is_raw)
			text_append(text, value);
		else
			append_value(text, value, escape);
		template = holder.behind;
	}
	text_append(text, template);
	json_decref(message);
}
