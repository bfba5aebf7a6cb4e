/* mail.c - claims about what stands in the headers of mails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "loop/mail.h"

static void reads(const char *value, const char *expected)
{
	struct text text = { 0 };

	mail_append_header_text(&text, value);
	assert_string_equal(text_string(&text), expected);
	text_done(&text);
}

static void what_is_ascii_stays_as_it_is(void **state)
{
	(void)state;
	reads("shop is down: status is 503", "shop is down: status is 503");
	reads("", "");
}

static void no_line_break_gets_through(void **state)
{
	(void)state;
	reads("a\r\nBcc: b@example.com", "a\\r\\nBcc: b@example.com");
	reads("a\nb\tc\001", "a\\nb\\tc\\x01");
}

/* RFC 2047, 2: at most 75 characters a word, each with whole characters, on lines of its own. */
static void the_rest_is_encoded_words(void **state)
{
	(void)state;
	reads("h\303\251", "=?UTF-8?B?aMOp?=");
	reads("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\303\251yz",
	      "=?UTF-8?B?eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=?=\r\n "
	      "=?UTF-8?B?w6l5eg==?=");
	/* What only looks like one would be decoded by whoever reads it. */
	reads("=?UTF-8?Q?=0D=0ABcc?=", "=?UTF-8?B?PT9VVEYtOD9RPz0wRD0wQUJjYz89?=");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_ascii_stays_as_it_is),
		cmocka_unit_test(no_line_break_gets_through),
		cmocka_unit_test(the_rest_is_encoded_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
