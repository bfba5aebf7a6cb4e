/* mask.c - claims about secrets that come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mask.h"
#include "base/memory.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_copy_of_every_secret_is_masked),
		cmocka_unit_test(a_secret_is_known_in_its_escaped_form),
		cmocka_unit_test(without_secrets_nothing_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
