/* document.c - the API's JSON in picketctl. */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"
#include "ctl/document.h"
#include "model/verdict.h"

json_t *document_parse(const struct text *body)
{
	return json_loadb(text_string(body), body->len, 0, NULL);
}

const char *document_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

void document_show(struct text *text, const json_t *object, const char *key)
{
	const char *value = document_text(object, key);

	text_append_escaped(text, value, strlen(value));
}

void document_reason(struct text *text, const json_t *verdict)
{
	const char *class = document_text(verdict, "class");
	const char *reason = document_text(verdict, "reason");
	const bool is_clear = *reason && strcmp(class, class_name(CLASS_expectation)) == 0;

	if (!is_clear)
		text_append(text, class);
	if (!is_clear && *class && *reason)
		text_append(text, ": ");
	text_append(text, reason);
}

void document_show_reason(struct text *text, const json_t *verdict)
{
	cleanup(text)
	struct text reason = { 0 };

	document_reason(&reason, verdict);
	text_append_escaped(text, text_string(&reason), reason.len);
}

void document_show_seconds(struct text *text, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const double seconds = json_number_value(value);

	if (json_is_number(value) && seconds >= 0 && seconds < 1e9)
		units_duration_show(text, (usec_t)(seconds * 1e6 + 0.5));
}
