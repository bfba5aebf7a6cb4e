/* compare.c - each way to compare, over each type that a value can have. */
#include "look.h"

#define DOCUMENT                                                                                    \
	"{\"int\": 5, \"real\": 2.5, \"text\": \"up\", \"digits\": \"5\", \"blank\": \"\","         \
	" \"yes\": true, \"no\": false, \"nil\": null, \"list\": [1, \"a\", null, [2]],"            \
	" \"numbers\": [1, 2], \"texts\": [\"a\", \"b\"], \"nothing\": [], \"object\": {\"k\": 1}," \
	" \"hollow\": {}, \"big\": 9223372036854775807, \"near\": 9223372036854775806}"

static void look_at(const struct look_case *cases, size_t count)
{
	struct observation answer = look_json(DOCUMENT);

	look_at_cases(&answer, cases, count);
	observation_done(&answer);
}

#define LOOK(cases) look_at(cases, sizeof(cases) / sizeof((cases)[0]))

static void equality_is_of_one_type(void **state)
{
	static const struct look_case cases[] = {
		{ "json $.int == 5", T, NULL },
		{ "json $.int == 5.0", T, NULL },
		{ "json $.int != 5", F, "$.int is 5" },
		{ "json $.int == 6", F, NULL },
		{ "json $.int == '5'", U, "$.int is 5, which is not a text" },
		{ "json $.int != '5'", U, NULL },
		{ "json $.int == true", U, "$.int is 5, which is not true or false" },
		{ "json $.digits == 5", U, "$.digits is \"5\", which is not a number" },
		{ "json $.digits != 5", U, NULL },
		{ "json $.digits == '5'", T, NULL },
		{ "json $.text == 'up'", T, NULL },
		{ "json $.text == 'UP'", F, "$.text is \"up\"" },
		{ "json $.text != 'UP'", T, NULL },
		{ "json $.yes == true", T, NULL },
		{ "json $.yes == false", F, "$.yes is true" },
		{ "json $.no != true", T, NULL },
		{ "json $.yes == 1", U, NULL },
		{ "json $.yes == 'true'", U, NULL },
		{ "json $.list == 1", U, NULL },
		{ "json $.object == 'x'", U, "$.object is {\"k\":1}, which is not a text" },
		{ "json $.absent == 1", U, "$.absent does not exist" },
		{ "json $.absent != 1", U, NULL },
	};

	LOOK(cases);
}

static void null_is_null_or_not(void **state)
{
	static const struct look_case cases[] = {
		{ "json $.nil == null", T, NULL },
		{ "json $.nil != null", F, "$.nil is null" },
		{ "json $.text == null", F, "$.text is \"up\"" },
		{ "json $.text != null", T, NULL },
		{ "json $.nil is null", T, NULL },
		{ "json $.nil is not null", F, NULL },
		{ "json $.int is null", F, "$.int is 5" },
		{ "json $.int is not null", T, NULL },
		{ "json $.absent is null", U, NULL },
		{ "json $.absent is not null", U, NULL },
		{ "json $.absent == null", U, NULL },
		/* A null is no text, so comparing it with one says nothing. */
		{ "json $.nil == 'up'", U, "$.nil is null, which is not a text" },
		{ "json $.nil != 'up'", U, NULL },
	};

	LOOK(cases);
}

static void kinds(void **state)
{
	static const struct look_case cases[] = {
		{ "json $.yes is true", T, NULL },
		{ "json $.yes is false", F, NULL },
		{ "json $.yes is not false", T, NULL },
		{ "json $.no is false", T, NULL },
		{ "json $.int is true", F, "$.int is 5" },
		{ "json $.int is not true", T, NULL },
		{ "json $.blank is empty", T, NULL },
		{ "json $.text is empty", F, "$.text is \"up\"" },
		{ "json $.nothing is empty", T, NULL },
		{ "json $.list is empty", F, NULL },
		{ "json $.hollow is empty", T, NULL },
		{ "json $.object is not empty", T, NULL },
		{ "json $.int is empty", U,
		  "$.int is 5, which is not a text, an array or an object" },
		{ "json $.nil is empty", U, NULL },
		{ "json $.nil is not empty", U, NULL },
		{ "json $.absent is empty", U, NULL },
		{ "json $.nothing[*] is empty", T, NULL },
		{ "json $.texts[*] is empty", F,
		  "$.texts[*] has 2 elements, the first of which is \"a\"" },
		{ "json $.texts[*] is not empty", T, NULL },
		{ "json $.nothing[*] is not empty", F, "$.nothing[*] selects nothing" },
		{ "any json $['text', 'blank'] is empty", T, NULL },
		{ "all json $['text', 'blank'] is empty", F,
		  "$['text', 'blank']: element 1 of 2 is \"up\"" },
	};

	LOOK(cases);
}

static void existence(void **state)
{
	static const struct look_case cases[] = {
		{ "json $.nil exists", T, NULL },
		{ "json $.absent exists", F, "$.absent does not exist" },
		{ "not json $.absent exists", T, NULL },
		{ "not json $.nil exists", F, "$.nil is null" },
		{ "json $.texts[*] exists", T, NULL },
		{ "json $.nothing[*] exists", F, "$.nothing[*] selects nothing" },
		{ "any json $.nothing[*] exists", F, NULL },
		{ "none json $.nothing[*] exists", T, NULL },
		{ "none json $.texts[*] exists", F, "$.texts[*]: element 1 of 2 is \"a\"" },
		{ "any json $.absent exists", F, NULL },
		{ "none json $.absent exists", T, NULL },
		{ "number(json $.digits) exists", T, NULL },
		{ "number(json $.text) exists", F, "number(json $.text): \"up\" is not a number" },
	};

	LOOK(cases);
}

static void order_is_of_numbers_and_texts(void **state)
{
	static const struct look_case cases[] = {
		{ "json $.int < 6", T, NULL },
		{ "json $.int < 5", F, "$.int is 5" },
		{ "json $.int <= 5", T, NULL },
		{ "json $.int > 4.5", T, NULL },
		{ "json $.int >= 5", T, NULL },
		{ "json $.int > 5", F, NULL },
		{ "json $.real < 2.6", T, NULL },
		{ "json $.real >= 3", F, "$.real is 2.5" },
		{ "json $.text < 'uq'", T, NULL },
		{ "json $.text < 'u'", F, NULL },
		{ "json $.text <= 'up'", T, NULL },
		{ "json $.text > 'upper'", F, NULL },
		{ "json $.text > 5", U, "$.text is \"up\", which is not a number" },
		{ "not json $.text > 5", U, NULL },
		{ "json $.nil < 5", U, NULL },
		{ "json $.yes < 5", U, NULL },
		{ "json $.list < 5", U, NULL },
		{ "json $.absent < 5", U, NULL },
		{ "json $.list < json $.list", U, NULL },
		{ "json $.nil < json $.nil", U, NULL },
	};

	LOOK(cases);
}

static void integers_of_64_bits_compare_exactly(void **state)
{
	static const struct look_case cases[] = {
		{ "json $.big == 9223372036854775807", T, NULL },
		{ "json $.big == 9223372036854775806", F, "$.big is 9223372036854775807" },
		{ "json $.big > json $.near", T, NULL },
		{ "json $.big == json $.near", F,
		  "$.big is 9223372036854775807, $.near is 9223372036854775806" },
		{ "json $.near < 9223372036854775807", T, NULL },
		/* A real makes doubles of both, and these are the same double. */
		{ "json $.near == 9223372036854775807.0", T, NULL },
		/* Beyond 64 bits a literal is a double. */
		{ "json $.big < 9223372036854775808", F, NULL },
		{ "json $.big < 92233720368547758080", T, NULL },
	};

	LOOK(cases);
}

static void lists_of_literals(void **state)
{
	static const struct look_case cases[] = {
		{ "json $.int in [1, 5]", T, NULL },
		{ "json $.int in [1..4, 6..9]", F, "$.int is 5" },
		{ "json $.int in 1..5", T, NULL },
		{ "json $.int in 5..9", T, NULL },
		{ "json $.real in 2..3", T, NULL },
		{ "json $.real in 2.5..2.5", T, NULL },
		{ "json $.int not in [1, 2]", T, NULL },
		{ "json $.int not in [1, 5]", F, NULL },
		{ "json $.text in ['up', 'ok']", T, NULL },
		{ "json $.text in ['down']", F, NULL },
		{ "json $.yes in [true]", T, NULL },
		{ "json $.nil in ['x', null]", T, NULL },
		{ "json $.text in ['x', null]", F, NULL },
		{ "json $.text not in ['x', null]", T, NULL },
		/* Where some items are of its type, the others are not it. */
		{ "json $.text in [1, 'up']", T, NULL },
		{ "json $.text in [1, 'down']", F, NULL },
		{ "json $.text in [1, 2..3]", U,
		  "$.text is \"up\", which is not of a type in the list" },
		{ "json $.text not in [1, 2]", U, NULL },
		{ "json $.list in [1]", U, NULL },
		{ "latency in [0s, 5s]", T, NULL },
		{ "size in [1B]", F, NULL },
	};

	LOOK(cases);
}

static void lists_of_subjects(void **state)
{
	static const struct look_case cases[] = {
		{ "json $.numbers[0] in json $.numbers[*]", T, NULL },
		{ "json $.numbers[0] in json $.numbers", T, NULL },
		{ "json $.int in json $.numbers", F, "$.int is 5" },
		{ "json $.int not in json $.numbers", T, NULL },
		{ "json $.text in json $.numbers", U, NULL },
		{ "json $.int in json $.nothing", F, NULL },
		{ "json $.int in json $.nothing[*]", F, NULL },
		{ "json $.int in json $.absent", U, "$.absent does not exist" },
		{ "json $.int in json $.text", U, "$.text is not a list" },
		{ "json $.text in lower(json $.texts[*])", F, NULL },
		{ "json $.texts[*] in json $.list", F, "$.texts[*]: element 2 of 2 is \"b\"" },
		{ "any json $.texts[*] in json $.list", T, NULL },
	};

	LOOK(cases);
}

static void contains_asks_for_an_element_or_a_part(void **state)
{
	static const struct look_case cases[] = {
		{ "json $.text contains 'p'", T, NULL },
		{ "json $.text contains 'P'", F, "$.text is \"up\"" },
		{ "json $.text not contains 'P'", T, NULL },
		{ "json $.text contains 5", U, "$.text is \"up\", which is not a number" },
		{ "json $.int contains '5'", U, "$.int is 5, which is not a text" },
		{ "json $.object contains 'k'", U, NULL },
		{ "json $.texts contains 'a'", T, NULL },
		{ "json $.texts contains 'c'", F, "$.texts is [\"a\",\"b\"]" },
		{ "json $.texts contains 5", U,
		  "$.texts is [\"a\",\"b\"], in which nothing is a number" },
		{ "json $.texts not contains 5", U, NULL },
		{ "json $.list contains 'a'", T, NULL },
		{ "json $.list contains 'b'", F, NULL },
		{ "json $.list contains null", T, NULL },
		{ "json $.nothing contains 'a'", F, NULL },
		{ "json $.nothing not contains 'a'", T, NULL },
		{ "json $.texts[*] contains 'a'", T, NULL },
		{ "json $.texts[*] contains 'c'", F,
		  "$.texts[*] has 2 elements, the first of which is \"a\"" },
		{ "json $.list[*] contains 'b'", F, NULL },
		{ "json $.list[*] not contains 'b'", T, NULL },
		{ "json $.texts[*] contains 5", U,
		  "$.texts[*]: element 1 of 2 is \"a\", which is not a number" },
		{ "json $.texts[*] not contains 'b'", F, "$.texts[*]: element 2 of 2 is \"b\"" },
		{ "json $.nothing[*] contains 'a'", F, "$.nothing[*] selects nothing" },
		{ "any json $['text', 'digits'] contains 'p'", T, NULL },
		{ "all json $['text', 'digits'] contains 'p'", F, NULL },
		{ "json $.texts contains json $.texts[0]", T, NULL },
		{ "body contains json $.text", T, NULL },
		{ "body contains json $.int", U, NULL },
	};

	LOOK(cases);
}

static void patterns_are_for_texts(void **state)
{
	static const struct look_case cases[] = {
		{ "json $.text matches /^u/", T, NULL },
		{ "json $.text matches /^U/", F, "$.text is \"up\"" },
		{ "json $.text matches /^U/i", T, NULL },
		{ "json $.text matches / u p /x", T, NULL },
		{ "json $.text not matches /x/", T, NULL },
		{ "json $.text matches '^u'", T, NULL },
		{ "json $.int matches /5/", U, "$.int is 5, which is not a text" },
		{ "json $.int not matches /5/", U, NULL },
		{ "json $.texts[*] matches /^[ab]$/", T, NULL },
		{ "json $.text like 'u*'", T, NULL },
		{ "json $.text like 'u'", F, NULL },
		{ "json $.text like 'u?'", T, NULL },
		{ "json $.text like '*'", T, NULL },
		{ "json $.blank like '*'", T, NULL },
		{ "json $.blank like '?'", F, NULL },
		{ "json $.blank like ''", T, NULL },
		{ "json $.text not like '*x*'", T, NULL },
		{ "json $.int like '5'", U, NULL },
		{ "json $.text like json $.text", T, NULL },
		{ "body matches /\"int\": \\d+/", T, NULL },
		{ "body matches /a\\/b/", F, NULL },
	};

	LOOK(cases);
}

static void flags_of_regular_expressions(void **state)
{
	struct observation answer = look_answer("", "one\nTWO\nthree");
	static const struct look_case cases[] = {
		{ "body matches /^two$/", F, NULL },
		{ "body matches /^two$/i", F, NULL },
		{ "body matches /^two$/im", T, NULL },
		{ "body matches /one.TWO/", F, NULL },
		{ "body matches /one.TWO/s", T, NULL },
		{ "body matches / one . two /isx", T, NULL },
	};

	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void two_subjects_compare(void **state)
{
	static const struct look_case cases[] = {
		{ "json $.int == json $.int", T, NULL },
		{ "json $.int == json $.real", F, "$.int is 5, $.real is 2.5" },
		{ "json $.int > json $.real", T, NULL },
		{ "json $.int == json $.digits", U, NULL },
		{ "json $.int == number(json $.digits)", T, NULL },
		{ "json $.int == json $.absent", U, "$.absent does not exist" },
		{ "json $.int == number(json $.text)", U,
		  "number(json $.text): \"up\" is not a number" },
		{ "json $.list == json $.list", T, NULL },
		{ "json $.list != json $.numbers", T, NULL },
		{ "json $.object == json $.hollow", F, NULL },
		{ "json $.object == json $.list", U, NULL },
		{ "json $.nil == json $.nil", T, NULL },
		{ "json $.numbers[*] < json $.int", T, NULL },
		{ "latency <= latency", T, NULL },
	};

	LOOK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality_is_of_one_type),
		cmocka_unit_test(null_is_null_or_not),
		cmocka_unit_test(kinds),
		cmocka_unit_test(existence),
		cmocka_unit_test(order_is_of_numbers_and_texts),
		cmocka_unit_test(integers_of_64_bits_compare_exactly),
		cmocka_unit_test(lists_of_literals),
		cmocka_unit_test(lists_of_subjects),
		cmocka_unit_test(contains_asks_for_an_element_or_a_part),
		cmocka_unit_test(patterns_are_for_texts),
		cmocka_unit_test(flags_of_regular_expressions),
		cmocka_unit_test(two_subjects_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
