/* html.c - nothing that comes from outside is markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/html.h"
#include "base/text.h"

static void expect_text(const char *data, size_t len, const char *wanted)
{
	struct text text = { 0 };

	html_append_len(&text, data, len);
	assert_string_equal(text_string(&text), wanted);
	text_done(&text);
}

static void expect(const char *string, const char *wanted)
{
	expect_text(string, strlen(string), wanted);
}

static void what_would_be_markup_is_text(void **state)
{
	(void)state;
	expect("<script>alert('1')</script>", "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
	expect("\" onload=\"x", "&#34; onload=&#34;x");
	expect("&lt;", "&amp;lt;");
	expect("", "");
}

static void people_may_write_as_they_do(void **state)
{
	(void)state;
	expect("Größe 東京 \xf0\x9f\x99\x82\n\tend", "Größe 東京 \xf0\x9f\x99\x82\n\tend");
}

static void what_is_no_text_is_replaced(void **state)
{
	(void)state;
	expect_text("a\0b", 3,
		    "a\xef\xbf\xbd"
		    "b");
	expect("\x1b[31m", "\xef\xbf\xbd[31m");
	expect("\xc2\x85", "\xef\xbf\xbd");
	expect("\xff\xfe<", "\xef\xbf\xbd\xef\xbf\xbd&lt;");
	/* A character that is cut off at the end. */
	expect_text("x\xe6\x9d", 3, "x\xef\xbf\xbd\xef\xbf\xbd");
	/* An override of the direction, and an isolate that is never closed. */
	expect("\xe2\x80\xae"
	       "abc\xe2\x81\xa6",
	       "\xef\xbf\xbd"
	       "abc\xef\xbf\xbd");
}

static void a_part_of_a_path_has_no_other_parts(void **state)
{
	struct text text = { 0 };

	(void)state;
	html_append_part(&text, "a b/../?x=<\"ü\">&c#'-._~9");
	assert_string_equal(text_string(&text),
			    "a%20b%2F..%2F%3Fx%3D%3C%22%C3%BC%22%3E%26c%23%27-._~9");
	text_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_would_be_markup_is_text),
		cmocka_unit_test(people_may_write_as_they_do),
		cmocka_unit_test(what_is_no_text_is_replaced),
		cmocka_unit_test(a_part_of_a_path_has_no_other_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
