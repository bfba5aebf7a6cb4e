/* What is no query, where the fault is, and what is said about it. */
#include <errno.h>

#include "ask.h"
#include "base/text.h"

static void check(const struct example *faults, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *said = ask_fault(faults[i].query, strlen(faults[i].query));

		if (strcmp(said, faults[i].result) != 0)
			fail_msg("'%s': said: %s; wanted: %s", faults[i].query, said,
				 faults[i].result);
	}
}

#define CHECK_ALL(faults) check(faults, sizeof(faults) / sizeof((faults)[0]))

static void the_fault_is_named_and_its_place(void **state)
{
	static const struct example faults[] = {
		{ "", "1 '$' was expected, but the query ends here" },
		{ "a", "1 '$' was expected, not 'a'" },
		{ " $", "1 '$' was expected, not ' '" },
		{ "@.a", "1 '@' has a meaning inside of filters only" },
		{ "$ ", "2 a query does not end with blanks" },
		{ "$.a\n", "4 a query does not end with blanks" },
		{ "$a", "2 '.', '..' or '[' was expected, not 'a'" },
		{ "$.", "3 a name or '*' was expected, but the query ends here" },
		{ "$. a", "3 a name or '*' was expected, not ' '" },
		{ "$..", "4 a name, '*' or '[' was expected, but the query ends here" },
		{ "$...a", "4 a name, '*' or '[' was expected, not '.'" },
		{ "$.1", "3 a name or '*' was expected, not '1'" },
		{ "$.-a", "3 a name or '*' was expected, not '-'" },
		{ "$.a-b", "4 '.', '..' or '[' was expected, not '-'" },
		{ "$.'a'", "3 a name or '*' was expected, not '''" },
		{ "$.[0]", "3 a name or '*' was expected, not '['" },
		{ "$[", "3 a name in quotes, an index, a slice, '*' or '?' was expected, but the "
			"query ends here" },
		{ "$[]",
		  "3 a name in quotes, an index, a slice, '*' or '?' was expected, not ']'" },
		{ "$[0", "4 ',' or ']' was expected, but the query ends here" },
		{ "$[0,]", "5 a name in quotes, an index, a slice, '*' or '?' was expected, not "
			   "']'" },
		{ "$[a]", "3 a name in brackets stands in quotes" },
		{ "$[0 1]", "5 ',' or ']' was expected, not '1'" },
		{ "$[0]]", "5 '.', '..' or '[' was expected, not ']'" },
		{ "$\xff", "2 a query is UTF-8, and this byte is not" },
		{ "$.a\xed\xa0\x80", "4 a query is UTF-8, and this byte is not" },
		{ "$[\xc2\xa0"
		  "0]",
		  "3 a name in brackets stands in quotes" },
	};

	CHECK_ALL(faults);
}

static void integers_are_plain_and_exact(void **state)
{
	static const struct example faults[] = {
		{ "$[01]", "3 an integer has no leading zeros" },
		{ "$[00]", "3 an integer has no leading zeros" },
		{ "$[-0]", "3 zero has no sign here" },
		{ "$[-01]", "4 an integer has no leading zeros" },
		{ "$[+1]",
		  "3 a name in quotes, an index, a slice, '*' or '?' was expected, not '+'" },
		{ "$[-]", "4 a digit was expected, not ']'" },
		{ "$[1.0]", "4 ',' or ']' was expected, not '.'" },
		{ "$[1e0]", "4 ',' or ']' was expected, not 'e'" },
		{ "$[9007199254740992]", "3 an integer lies within 2^53 - 1 of zero" },
		{ "$[-9007199254740992]", "3 an integer lies within 2^53 - 1 of zero" },
		{ "$[99999999999999999999999]", "3 an integer lies within 2^53 - 1 of zero" },
		{ "$[0:01]", "5 an integer has no leading zeros" },
		{ "$[:-0]", "4 zero has no sign here" },
		{ "$[::9007199254740992]", "5 an integer lies within 2^53 - 1 of zero" },
		{ "$[1:2:3:4]", "8 ',' or ']' was expected, not ':'" },
		{ "$[- 1]", "4 a digit was expected, not ' '" },
	};

	CHECK_ALL(faults);
}

static void texts_are_escaped_as_the_rfc_says(void **state)
{
	static const char escapes[] = "a backslash stands before one of b f n r t / \\ u and the "
				      "quote around the text";
	static const struct example faults[] = {
		{ "$['a", "3 the text that begins here does not end" },
		{ "$[\"a']", "3 the text that begins here does not end" },
		{ "$['\\", "5 the text does not end" },
		{ "$['\t']", "4 a control character in a text is written \\u0009" },
		{ "$['\\u12']", "8 a hexadecimal digit was expected, not '''" },
		{ "$['\\uD800']", "4 the first half of a surrogate pair stands alone" },
		{ "$['\\uD800x']", "4 the first half of a surrogate pair stands alone" },
		{ "$['\\uD800\\u0041']", "4 the first half of a surrogate pair stands alone" },
		{ "$['\\uD800\\uD800']", "4 the first half of a surrogate pair stands alone" },
		{ "$['\\uDC00']", "4 the second half of a surrogate pair stands alone" },
	};
	static const char *const wrong[] = { "$['\\x41']",   "$['\\\"']", "$[\"\\'\"]",
					     "$['\\U0041']", "$['\\a']",  "$['\\0']" };

	CHECK_ALL(faults);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *said = ask_fault(wrong[i], strlen(wrong[i]));

		assert_string_equal(said + 2, escapes);
	}
	assert_string_equal(ask_fault("$['\0']", 6),
			    "4 a control character in a text is written \\u0000");
}

static void filters_are_whole(void **state)
{
	static const struct example faults[] = {
		{ "$[?]", "4 '@', '$', a literal or a function was expected, not ']'" },
		{ "$[?@.a", "7 ',' or ']' was expected, but the query ends here" },
		{ "$[?@.a=1]", "7 equality is '=='" },
		{ "$[?@.a = 1]", "8 equality is '=='" },
		{ "$[?@.a==]", "9 '@', '$', a literal or a function was expected, not ']'" },
		{ "$[?@.a===1]", "9 '@', '$', a literal or a function was expected, not '='" },
		{ "$[?@.a=~'b']", "7 equality is '=='" },
		{ "$[?@.a&&]", "9 '@', '$', a literal or a function was expected, not ']'" },
		{ "$[?@.a&@.b]", "7 ',' or ']' was expected, not '&'" },
		{ "$[?@.a and @.b]", "8 ',' or ']' was expected, not 'a'" },
		{ "$[?(@.a]", "8 '&&', '||' or ')' was expected, not ']'" },
		{ "$[?@.a)]", "7 ',' or ']' was expected, not ')'" },
		{ "$[?()]", "5 '@', '$', a literal or a function was expected, not ')'" },
		{ "$[?!@.a==1]",
		  "8 '!' negates a test or what stands in parentheses, not a comparison" },
		{ "$[?!!@.a]", "5 '@', '$', a literal or a function was expected, not '!'" },
		{ "$[?1]", "4 a literal has to be compared with something" },
		{ "$[?'a']", "4 a literal has to be compared with something" },
		{ "$[?true]", "4 a literal has to be compared with something" },
		{ "$[?@.a && true]", "11 a literal has to be compared with something" },
		{ "$[?@.a==True]", "9 '@', '$', a literal or a function was expected, not 'T'" },
		{ "$[?@.a==nulls]", "9 '@', '$', a literal or a function was expected, not 'n'" },
		{ "$[?@.a==1==1]", "10 ',' or ']' was expected, not '='" },
		{ "$[?(@.a==1)==true]", "12 ',' or ']' was expected, not '='" },
		{ "$[?@.*==1]",
		  "4 this query can select several nodes, and a value is needed here" },
		{ "$[?1==@..a]",
		  "7 this query can select several nodes, and a value is needed here" },
		{ "$[?@['a','b']==1]",
		  "4 this query can select several nodes, and a value is needed here" },
		{ "$[?@[ 'a' ]==1]",
		  "4 a query that stands for a value has no blanks in its brackets" },
		{ "$[?@.a==01]", "9 a number has no leading zeros" },
		{ "$[?@.a==-01]", "10 a number has no leading zeros" },
		{ "$[?@.a==1.]", "11 a digit was expected, not ']'" },
		{ "$[?@.a==.1]", "9 '@', '$', a literal or a function was expected, not '.'" },
		{ "$[?@.a==1e]", "11 a digit was expected, not ']'" },
		{ "$[?@.a==+1]", "9 '@', '$', a literal or a function was expected, not '+'" },
		{ "$[?@.a==[1]]", "9 '@', '$', a literal or a function was expected, not '['" },
		{ "$[?@ .a. b]", "9 a name or '*' was expected, not ' '" },
	};

	CHECK_ALL(faults);
}

static void functions_are_well_typed(void **state)
{
	static const struct example faults[] = {
		{ "$[?length(@.*) < 3]",
		  "11 this query can select several nodes, and a value is needed here" },
		{ "$[?count(1) == 1]", "10 count() takes a query" },
		{ "$[?count(length(@)) == 1]", "10 count() takes a query" },
		{ "$[?value(1) == 1]", "10 value() takes a query" },
		{ "$[?count(foo(@.*)) == 1]",
		  "10 there is no function 'foo'; there are length, count, match, search and "
		  "value" },
		{ "$[?match(@.timezone, 'Europe/.*') == true]",
		  "4 match() is true or false by itself and gives no value" },
		{ "$[?true != search(@, 'a')]",
		  "12 search() is true or false by itself and gives no value" },
		{ "$[?length(match(@, 'a')) == 1]",
		  "11 match() is true or false by itself and gives no value" },
		{ "$[?value(@..color)]", "4 what value() gives has to be compared with something" },
		{ "$[?length(@)]", "4 what length() gives has to be compared with something" },
		{ "$[?!count(@.*)]", "5 what count() gives has to be compared with something" },
		{ "$[?length() == 1]", "4 length() takes 1 argument, not 0" },
		{ "$[?length(@, @) == 1]", "4 length() takes 1 argument, not 2" },
		{ "$[?match(@) == 1]", "4 match() takes 2 arguments, not 1" },
		{ "$[?search(@, 'a', 'b')]", "4 search() takes 2 arguments, not 3" },
		{ "$[?length(@,) == 1]", "13 an argument was expected, not ')'" },
		{ "$[?length (@) == 1]",
		  "4 '@', '$', a literal or a function was expected, not 'l'" },
		{ "$[?Length(@) == 1]",
		  "4 '@', '$', a literal or a function was expected, not 'L'" },
		{ "$[?count(@.a || @.b) == 1]", "14 ',' or ')' was expected, not '|'" },
		{ "$[?length(@[ 0 ]) == 1]",
		  "11 a query that stands for a value has no blanks in its brackets" },
	};
	static const char *const fine[] = {
		"$[?length(@) < 3]",
		"$[?count(@.*) == 1]",
		"$[?match(@.timezone, 'Europe/.*')]",
		"$[?value(@..color) == \"red\"]",
		"$[?length(value(@..a)) == 1]",
		"$[?length( 'a' ) == 1]",
		"$[?match( @ , \"a\" )]",
		"$[?!match(@, 'a')]",
		"$[?count(@[ 0 ]) == 1]",
		"$[?@[ 0 ]]",
		"$[?@.a==1e2 || @.a==-1.5E-3 || @.a==-0]",
	};

	CHECK_ALL(faults);
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		assert_string_equal(ask_fault(fine[i], strlen(fine[i])), "is valid");
}

static void a_hopeless_pattern_is_valid_and_noticed(void **state)
{
	struct jsonpath *path = ask_compile("$[?match(@, 'a') || search(@, '\\\\d+')]");
	struct jsonpath *fine = ask_compile("$[?match(@, '[0-9]+')]");
	struct jsonpath_fault fault;

	assert_int_equal(jsonpath_check_patterns(fine, &fault), 0);
	assert_int_equal(jsonpath_check_patterns(path, &fault), -EINVAL);
	assert_int_equal(fault.column, 31);
	assert_string_equal(fault.message, "no I-Regexp (RFC 9485): after 1 bytes of it, there is "
					   "no such escape; a digit is [0-9] or \\p{Nd}");
	jsonpath_free(path);
	jsonpath_free(fine);
}

static void nesting_ends_at_sixty_four(void **state)
{
	static const char *const openings[] = { "(", "@[?", "length(" };
	struct text query = { 0 };

	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		text_append(&query, "$[?");
		for (unsigned depth = 0; depth < 1000; depth++)
			text_append(&query, openings[i]);
		assert_non_null(strstr(ask_fault(query.data, query.len),
				       "a query nests at most 64 levels deep"));
		text_clear(&query);
	}
	text_append(&query, "$[?");
	for (unsigned depth = 0; depth < 63; depth++)
		text_append(&query, "(");
	text_append(&query, "@");
	for (unsigned depth = 0; depth < 63; depth++)
		text_append(&query, ")");
	text_append(&query, "]");
	assert_string_equal(ask_fault(query.data, query.len), "is valid");
	text_done(&query);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fault_is_named_and_its_place),
		cmocka_unit_test(integers_are_plain_and_exact),
		cmocka_unit_test(texts_are_escaped_as_the_rfc_says),
		cmocka_unit_test(filters_are_whole),
		cmocka_unit_test(functions_are_well_typed),
		cmocka_unit_test(a_hopeless_pattern_is_valid_and_noticed),
		cmocka_unit_test(nesting_ends_at_sixty_four),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
