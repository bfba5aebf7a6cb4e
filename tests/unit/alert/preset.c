/* preset.c - claims about what services of others get to read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "alert/preset.h"
#include "base/text.h"

/* As nasty as an endpoint can be. */
#define SUMMARY "<!channel> @everyone \\\"}\\n[x](http://x.example) *b* & <b>"

static const char problem[] =
	"{\"version\":1,\"id\":\"ops/web/7\",\"receiver\":\"ops\",\"group\":\"web\","
	"\"event\":\"problem\",\"summary\":\"" SUMMARY "\","
	"\"counts\":{\"problems\":1,\"resolved\":0,\"open\":3,\"critical\":1},"
	"\"incidents\":[{\"id\":\"i1\",\"endpoint\":\"shop\",\"severity\":\"critical\","
	"\"class\":\"timeout\"}],\"omitted\":0}";
static const char recovery[] =
	"{\"version\":1,\"id\":\"ops/web/8\",\"receiver\":\"ops\",\"group\":\"web\","
	"\"event\":\"recovery\",\"summary\":\"shop has recovered after 1m\","
	"\"counts\":{\"problems\":0,\"resolved\":1,\"open\":0,\"critical\":0},"
	"\"incidents\":[{\"id\":\"i1\",\"endpoint\":\"shop\",\"severity\":\"critical\"}],"
	"\"omitted\":0}";

static const struct option_pair pairs[] = { { "routing_key", "R0\"", true },
					    { "chat_id", "-100", false } };
static const struct option_pairs fields = { pairs, 2 };

static const struct {
	const char *name, *message, *expected;
} golden[] = {
#include "golden.inc"
};

static const struct preset *named(const char *name)
{
	const struct option_word *word = preset_words;

	while (word->word && strcmp(word->word, name) != 0)
		word++;
	return preset_find(word->value);
}

static void print(const struct preset *preset, const char *message, struct text *text)
{
	const struct template_facts facts = {
		.json = message,
		.fields = &fields,
		.value_bytes = preset->value_bytes,
	};

	template_render(preset->body, preset->escape, &facts, text);
}

static void each_is_what_it_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
		struct text text = { 0 };

		print(named(golden[i].name), golden[i].message, &text);
		assert_string_equal(text_string(&text), golden[i].expected);
		text_done(&text);
	}
}

/* Whatever an endpoint says: one JSON document, in which it is a text. */
static void each_is_sound_json_where_it_says_so(void **state)
{
	(void)state;
	for (const struct option_word *word = preset_words; word->word; word++) {
		const struct preset *preset = preset_find(word->value);
		struct text text = { 0 };
		json_t *json;

		assert_string_equal(preset->name, word->word);
		assert_true(template_check(preset->body, strlen(preset->body), &text));
		print(preset, problem, &text);
		json = json_loads(text_string(&text), 0, NULL);
		assert_true((json != NULL) == (strstr(preset->content_type, "json") != NULL));
		json_decref(json);
		text_done(&text);
	}
}

static void long_values_are_cut(void **state)
{
	const struct preset *preset = named("pagerduty");
	char message[8192];
	char long_text[4001];
	struct text text = { 0 };

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	(void)snprintf(message, sizeof(message), "{\"summary\":\"%s\"}", long_text);
	print(preset, message, &text);
	assert_true(text.len < preset->value_bytes + 500);
	text_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_what_it_was),
		cmocka_unit_test(each_is_sound_json_where_it_says_so),
		cmocka_unit_test(long_values_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
