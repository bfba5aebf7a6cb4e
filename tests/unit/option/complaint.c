/* complaint.c - everything that is wrong is said, once, in order, and within bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "option/complaint.h"

static char *print(struct complaints *complaints)
{
	struct text text = { 0 };

	complaints_print(complaints, &text);
	return text_take(&text);
}

static void complaints_are_sorted_by_place(void **state)
{
	struct complaints *complaints = complaints_new();
	char *printed;

	(void)state;
	complain(complaints, &(struct place){ "b.yaml", 9, 1 }, "last of its file");
	complain(complaints, &(struct place){ "a.yaml", 3, 4 }, "of the second file");
	complain_warn(complaints, &(struct place){ "b.yaml", 2, 7 }, "second");
	complain(complaints, &(struct place){ "b.yaml", 2, 1 }, "first");
	complain(complaints, &(struct place){ "b.yaml", 0, 0 }, "about the whole file");
	complain(complaints, NULL, "about no file");
	printed = print(complaints);
	assert_string_equal(printed, "about no file\n"
				     "b.yaml: about the whole file\n"
				     "b.yaml:2:1: first\n"
				     "b.yaml:2:7: warning: second\n"
				     "b.yaml:9:1: last of its file\n"
				     "a.yaml:3:4: of the second file\n");
	assert_int_equal(complaints_faults(complaints), 5);
	assert_int_equal(complaints_warnings(complaints), 1);
	free(printed);
	complaints_free(complaints);
}

static void what_is_said_twice_is_kept_once(void **state)
{
	struct complaints *complaints = complaints_new();
	const struct place place = { "a.yaml", 1, 2 }, other = { "a.yaml", 1, 3 };

	(void)state;
	complain(complaints, &place, "%s", "wrong");
	complain(complaints, &place, "%s", "wrong");
	complain(complaints, &other, "%s", "wrong");
	assert_int_equal(complaints_count(complaints), 2);
	assert_int_equal(complaints_faults(complaints), 2);
	assert_int_equal(complaints_calls(complaints), 3);
	complaints_free(complaints);
}

static void warnings_are_no_faults(void **state)
{
	struct complaints *complaints = complaints_new();
	struct text printed = { 0 };

	(void)state;
	for (uint32_t i = 1; i <= COMPLAINTS_MAX + 1; i++)
		complain_warn(complaints, &(struct place){ "a.yaml", i, 1 }, "odd");
	complaints_print_faults(complaints, &printed);
	assert_int_equal(printed.len, 0);
	/* However many there were, a fault is kept. */
	complain(complaints, &(struct place){ "a.yaml", 7, 2 }, "wrong");
	complaints_print_faults(complaints, &printed);
	assert_string_equal(text_string(&printed), "a.yaml:7:2: wrong\n");
	assert_int_equal(complaints_warnings(complaints), COMPLAINTS_MAX + 1);
	assert_int_equal(complaints_count(complaints), COMPLAINTS_MAX + 1);
	text_done(&printed);
	complaints_free(complaints);
}

static void more_than_the_bound_are_only_counted(void **state)
{
	struct complaints *complaints = complaints_new();
	const unsigned total = COMPLAINTS_MAX + 17;
	char *printed;

	(void)state;
	for (unsigned i = 0; i < total; i++)
		complain(complaints, &(struct place){ "a.yaml", total - i, 1 }, "wrong");
	assert_int_equal(complaints_count(complaints), COMPLAINTS_MAX);
	assert_int_equal(complaints_faults(complaints), total);
	printed = print(complaints);
	assert_non_null(strstr(printed, "\nand 17 more\n"));
	free(printed);
	complaints_free(complaints);
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
	struct complaints *complaints = complaints_new();
	char *printed;

	(void)state;
	complain(complaints, &(struct place){ "a\x1b.yaml", 1, 1 }, "not '%s'", "\x1b[31m\nx");
	printed = print(complaints);
	assert_string_equal(printed, "a\\x1b.yaml:1:1: not '\\x1b[31m\\nx'\n");
	free(printed);
	complaints_free(complaints);
}

static void near_misses_find_their_word(void **state)
{
	static const char *const words[] = { "interval",     "timeout", "expect", "max_concurrent",
					     "max_per_host", "url",	NULL };

	(void)state;
	assert_string_equal(complaint_nearest("intervall", words), "interval");
	assert_string_equal(complaint_nearest("tiemout", words), "timeout");
	assert_string_equal(complaint_nearest("Expect", words), "expect");
	assert_string_equal(complaint_nearest("max-concurrent", words), "max_concurrent");
	assert_string_equal(complaint_nearest("maxPerHost", words), "max_per_host");
	assert_string_equal(complaint_nearest("uri", words), "url");
	assert_null(complaint_nearest("receivers", words));
	assert_null(complaint_nearest("ip", words));
	assert_null(complaint_nearest("", words));
	assert_null(complaint_nearest("1.4", (const char *const[]){ "1.2", "1.3", NULL }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complaints_are_sorted_by_place),
		cmocka_unit_test(what_is_said_twice_is_kept_once),
		cmocka_unit_test(warnings_are_no_faults),
		cmocka_unit_test(more_than_the_bound_are_only_counted),
		cmocka_unit_test(control_characters_do_not_reach_the_terminal),
		cmocka_unit_test(near_misses_find_their_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
