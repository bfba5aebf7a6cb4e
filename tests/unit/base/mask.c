/* mask.c - claims about secrets that come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mask.h"
#include "base/memory.h"
#include "base/text.h"

static void expect_masked(const char *text, const char *const *secrets, const char *wanted)
{
	char *masked = mask_secrets(memory_text(text), secrets);

	assert_string_equal(masked, wanted);
	free(masked);
}

static void every_copy_of_every_secret_is_masked(void **state)
{
	static const char *const secrets[] = { "hunter2", "s3cret", NULL };

	(void)state;
	expect_masked("hunter2", secrets, "***");
	expect_masked("a hunter2 b hunter2s3cret c", secrets, "a *** b ****** c");
	expect_masked("hunter", secrets, "hunter");
	expect_masked("", secrets, "");
}

static void a_secret_is_known_in_its_escaped_form(void **state)
{
	static const char *const secrets[] = { "two\nlines", NULL };

	(void)state;
	expect_masked("it said two\\nlines", secrets, "it said ***");
	expect_masked("it said two\nlines", secrets, "it said ***");
}

static void without_secrets_nothing_changes(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const empty[] = { "", NULL };

	(void)state;
	expect_masked("plain", NULL, "plain");
	expect_masked("plain", none, "plain");
	expect_masked("plain", empty, "plain");
	assert_null(mask_secrets(NULL, empty));
}

static void the_longest_of_several_secrets_is_masked(void **state)
{
	static const char *const secrets[] = { "hunter", "hunter22", NULL };

	(void)state;
	expect_masked("a hunter22 hunter2", secrets, "a *** ***2");
}

static void a_secret_is_known_in_its_json_form(void **state)
{
	static const char *const secrets[] = { "a\"b", NULL };

	(void)state;
	expect_masked("{\"k\":\"a\\\"b\"}", secrets, "{\"k\":\"***\"}");
}

/* Wherever the cut is, no byte of the secret stands before it. */
static void no_half_of_a_secret_is_left_before_a_cut(void **state)
{
	static const char *const secrets[] = { "hunter2", NULL };
	static const char data[] = "AUTH hunter2 denied, AUTH hunter2";

	(void)state;
	for (size_t max = 1; max < sizeof(data) + 8; max++) {
		struct text plain = { 0 }, escaped = { .limit_bytes = max }, part = { 0 };
		const bool is_cut = mask_append(&plain, data, strlen(data), max, false, secrets);

		mask_append_escaped(&escaped, data, strlen(data), secrets);
		assert_true(plain.len > max || !is_cut);
		assert_int_equal(is_cut, escaped.is_cut);
		assert_memory_equal("AUTH *** denied, AUTH ***", text_string(&plain), plain.len);
		assert_memory_equal("AUTH *** denied, AUTH ***", text_string(&escaped),
				    escaped.len);
		if (max <= strlen(data))
			(void)mask_append(&part, data, max, max, true, secrets);
		assert_memory_equal("AUTH *** denied, AUTH ***", text_string(&part), part.len);
		text_done(&plain);
		text_done(&escaped);
		text_done(&part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_copy_of_every_secret_is_masked),
		cmocka_unit_test(a_secret_is_known_in_its_escaped_form),
		cmocka_unit_test(without_secrets_nothing_changes),
		cmocka_unit_test(the_longest_of_several_secrets_is_masked),
		cmocka_unit_test(a_secret_is_known_in_its_json_form),
		cmocka_unit_test(no_half_of_a_secret_is_left_before_a_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
