/* template.c - texts with ${…} in them, and values that must not break out of what they stand in.
 *
 * The template; then a value for all its names.
 *
 * Over: alert/template.c
 */
#include <jansson.h>

#include "alert/template.h"
#include "base/text.h"
#include "fuzz.h"
#include "option/option.h"

static const enum template_escape escapes[] = {
	TEMPLATE_JSON, TEMPLATE_JSON_ENTITIES, TEMPLATE_FORM, TEMPLATE_MARKUP, TEMPLATE_PLAIN,
};

/* A notification that says the value wherever it can. */
static char *make_message(const char *value, size_t len)
{
	struct text text = { 0 }, quoted = { 0 };

	text_append_json(&quoted, value, len);
	text_print(&text,
		   "{\"summary\":%s,\"group\":%s,\"counts\":{\"open\":1},"
		   "\"incidents\":[{\"endpoint\":%s,\"reason\":%s,\"duration\":1.5}]}",
		   quoted.data, quoted.data, quoted.data, quoted.data);
	text_done(&quoted);
	return text_take(&text);
}

/* Within a string of JSON the value is that string, and nothing is behind it. */
static void stay_within(const struct template_facts *facts)
{
	struct text text = { 0 };
	json_t *message = json_loads(facts->json, 0, NULL), *rendered;

	template_render("{\"a\":\"${summary}\",\"b\":\"${reason}\"}", TEMPLATE_JSON, facts, &text);
	rendered = json_loadb(text_string(&text), text.len, 0, NULL);
	assert(message && rendered && json_object_size(rendered) == 2);
	assert(json_equal(json_object_get(rendered, "a"), json_object_get(message, "summary")));
	json_decref(message);
	json_decref(rendered);
	text_clear(&text);
	template_render("${summary}", TEMPLATE_MARKUP, facts, &text);
	assert(!strpbrk(text_string(&text), "<>\"'"));
	text_clear(&text);
	template_render("${summary}", TEMPLATE_FORM, facts, &text);
	assert(!strpbrk(text_string(&text), "&=+ \n"));
	text_done(&text);
}

static void cut(const struct template_facts *facts, size_t most)
{
	struct template_facts some = *facts;
	struct text text = { 0 };

	some.value_bytes = most;
	template_render("${raw:summary}", TEMPLATE_PLAIN, &some, &text);
	assert(text.len <= most);
	text_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	struct text text = { 0 };
	size_t template_len, value_len;
	char *template = fuzz_line(&input, &template_len);
	char *value = fuzz_rest(&input, &value_len);
	/* JSON has no NUL here, as no text of ours has. */
	char *message = make_message(value, strlen(value));
	const struct option_pair pair = { "token", value, true };
	const struct option_pairs fields = { &pair, 1 };
	const struct template_facts facts = { .json = message, .fields = &fields };
	size_t missing;

	if (!template_check(template, template_len, &text))
		assert(text.len > 0);
	(void)template_missing(template, &fields, &missing);
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		text_clear(&text);
		template_render(template, escapes[i], &facts, &text);
	}
	stay_within(&facts);
	cut(&facts, len % 32 + 1);
	text_done(&text);
	free(message);
	free(template);
	free(value);
	return 0;
}
