/* template.c - claims about texts with ${…} in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alert/template.h"
#include "base/text.h"
#include "option/option.h"

static const char json[] =
	"{\"summary\":\"a \\\"b\\\" <c> & d\",\"event\":\"problem\",\"id\":\"ops/web/7\","
	"\"receiver\":\"ops\",\"group\":\"web\",\"counts\":{\"problems\":2,\"resolved\":0,"
	"\"open\":3,\"critical\":1},\"incidents\":[{\"id\":\"i1\",\"endpoint\":\"shop\","
	"\"reason\":\"line\\nbreak\",\"duration\":1.5},{\"endpoint\":\"other\"}]}";

static const struct option_pair pairs[] = { { "token", "s\"ecret", true } };
static const struct option_pairs fields = { pairs, 1 };

static void renders(const char *template, const char *type, const char *expected)
{
	struct text text = { 0 };

	const struct template_facts facts = { .json = json, .fields = &fields };

	template_render(template, template_escape_of(type), &facts, &text);
	assert_string_equal(text_string(&text), expected);
	text_done(&text);
}

static void names_stand_for_what_the_message_says(void **state)
{
	(void)state;
	renders("${event} ${id} ${receiver} ${group} ${problems}/${open}/${critical}/${resolved}",
		"text/plain", "problem ops/web/7 ops web 2/3/1/0");
	renders("${endpoint} ${incident} ${duration}", "text/plain", "shop i1 1.500");
	renders("[${class}][${state}]", "text/plain", "[][]");
	renders("${action} ${key} ${source} ${level}", "text/plain", "trigger ops/web shop info");
	renders("\"${field:token}\"", "application/json", "\"s\\\"ecret\"");
	renders("nothing", "text/plain", "nothing");
	renders("", "text/plain", "");
}

static void values_are_escaped_for_what_surrounds_them(void **state)
{
	(void)state;
	renders("\"${summary}\"", "application/json", "\"a \\\"b\\\" <c> & d\"");
	renders("${reason}", "application/vnd.x+json; charset=utf-8", "line\\nbreak");
	renders("a=${summary}", "application/x-www-form-urlencoded",
		"a=a%20%22b%22%20%3Cc%3E%20%26%20d");
	renders("<b>${summary}</b>", "text/html", "<b>a &#34;b&#34; &#60;c&#62; &#38; d</b>");
	renders("<b>${summary}</b>", "application/xml", "<b>a &#34;b&#34; &#60;c&#62; &#38; d</b>");
	renders("${reason}", "text/plain", "line\\nbreak");
	renders("${raw:summary}${raw:reason}", "application/json", "a \"b\" <c> & dline\nbreak");
}

static void a_dollar_is_itself(void **state)
{
	(void)state;
	renders("$5 $${summary} $ {x} $$", "text/plain", "$5 ${summary} $ {x} $$");
	renders("$${a} ${event} $${b}", "text/plain", "${a} problem ${b}");
}

static void unknown_names_are_faults(void **state)
{
	static const char *const good[] = { "",	  "${summary}", "${raw:reason}", "$${anything}",
					    "$x", NULL };
	static const char *const bad[] = { "${sumary}",
					   "${",
					   "${summary",
					   "${}",
					   "${raw:}",
					   "${raw}",
					   "${summary} ${credential:x}",
					   NULL };

	(void)state;
	for (unsigned i = 0; good[i]; i++) {
		struct text wanted = { 0 };

		assert_true(template_check(good[i], strlen(good[i]), &wanted));
		assert_int_equal(wanted.len, 0);
		text_done(&wanted);
	}
	for (unsigned i = 0; bad[i]; i++) {
		struct text wanted = { 0 };

		assert_false(template_check(bad[i], strlen(bad[i]), &wanted));
		assert_true(wanted.len > 0);
		text_done(&wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_stand_for_what_the_message_says),
		cmocka_unit_test(values_are_escaped_for_what_surrounds_them),
		cmocka_unit_test(a_dollar_is_itself),
		cmocka_unit_test(unknown_names_are_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
