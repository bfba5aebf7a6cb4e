/* escape.c - claims about probe/escape.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/text.h"
#include "probe/escape.h"

static void escapes_are_bytes_and_what_is_none_is_refused(void **state)
{
	struct text captured[10] = { { 0 } };
	struct text bytes = { 0 };

	text_append(&captured[1], "one");
	assert_true(escape_print("a\\0\\x41\\xfF\\r\\n\\t\\\\${1}${2}$1", captured, &bytes));
	assert_int_equal(bytes.len, 13);
	assert_memory_equal(bytes.data, "a\0A\xff\r\n\t\\one$1", 13);
	text_done(&bytes);
	text_done(&captured[1]);
	assert_false(escape_print("\\q", captured, NULL));
	assert_false(escape_print("\\x4", captured, NULL));
	assert_false(escape_print("end\\", captured, NULL));
}

static void without_captures_a_dollar_is_itself(void **state)
{
	struct text bytes = { 0 };

	assert_true(escape_print("${1}", NULL, &bytes));
	assert_string_equal(text_string(&bytes), "${1}");
	text_done(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_are_bytes_and_what_is_none_is_refused),
		cmocka_unit_test(without_captures_a_dollar_is_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
