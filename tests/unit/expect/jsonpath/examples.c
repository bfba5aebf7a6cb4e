/* The example tables of RFC 9535, sections 1.5 and 2.2 to 2.6, but for filters. */
#include "ask.h"

static const char letters[] = "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"]";

static void the_bookstore_is_found(void **state)
{
	static const char bookstore[] =
		"{\"store\":{\"book\":["
		"{\"category\":\"reference\",\"author\":\"Nigel Rees\",\"title\":\"Sayings\","
		"\"price\":8.95},"
		"{\"category\":\"fiction\",\"author\":\"Evelyn Waugh\",\"title\":\"Sword\","
		"\"price\":12.99},"
		"{\"category\":\"fiction\",\"author\":\"Herman Melville\",\"title\":\"Moby\","
		"\"isbn\":\"0-553-21311-3\",\"price\":8.99},"
		"{\"category\":\"fiction\",\"author\":\"J. R. R. Tolkien\",\"title\":\"Lord\","
		"\"isbn\":\"0-395-19395-8\",\"price\":22.99}],"
		"\"bicycle\":{\"color\":\"red\",\"price\":399}}}";
	static const struct example examples[] = {
		{ "$.store.book[*].author", "[\"Nigel Rees\",\"Evelyn Waugh\","
					    "\"Herman Melville\",\"J. R. R. Tolkien\"]" },
		{ "$..author", "[\"Nigel Rees\",\"Evelyn Waugh\",\"Herman Melville\","
			       "\"J. R. R. Tolkien\"]" },
		{ "$.store.*.color", "[\"red\"]" },
		{ "$.store..price", "[8.95,12.99,8.99,22.99,399]" },
		{ "$..book[2].title", "[\"Moby\"]" },
		{ "$..book[2].author", "[\"Herman Melville\"]" },
		{ "$..book[2].publisher", "[]" },
		{ "$..book[-1].title", "[\"Lord\"]" },
		{ "$..book[0,1].title", "[\"Sayings\",\"Sword\"]" },
		{ "$..book[:2].title", "[\"Sayings\",\"Sword\"]" },
		{ "$..book[?@.isbn].title", "[\"Moby\",\"Lord\"]" },
		{ "$..book[?@.price<10].title", "[\"Sayings\",\"Moby\"]" },
		{ "$.store.book[?@.price < 10].title", "[\"Sayings\",\"Moby\"]" },
	};

	ASK_ALL(examples, bookstore);
}

static void the_root_is_the_document(void **state)
{
	static const struct example whole[] = { { "$", "[{\"k\":\"v\"}]" } };
	static const struct example alone[] = { { "$", "[7]" },	  { "$.a", "[]" },
						{ "$[0]", "[]" }, { "$[*]", "[]" },
						{ "$..*", "[]" }, { "$[0:]", "[]" },
						{ "$[?@]", "[]" } };

	ASK_ALL(whole, "{\"k\":\"v\"}");
	ASK_ALL(alone, "7");
}

static void names_are_members(void **state)
{
	static const struct example examples[] = {
		{ "$.o['j j']", "[{\"k.k\":3}]" },
		{ "$.o['j j']['k.k']", "[3]" },
		{ "$.o[\"j j\"][\"k.k\"]", "[3]" },
		{ "$[\"'\"][\"@\"]", "[2]" },
		{ "$['\\'']['@']", "[2]" },
		{ "$.o.missing", "[]" },
		{ "$[0]", "[]" },
	};

	ASK_ALL(examples, "{\"o\":{\"j j\":{\"k.k\":3}},\"'\":{\"@\":2}}");
}

static void names_may_be_any_text(void **state)
{
	static const struct example examples[] = {
		{ "$.\xe2\x98\xba", "[1]" },
		{ "$['\xe2\x98\xba']", "[1]" },
		{ "$['\\u263A']", "[1]" },
		{ "$['\\u263a']", "[1]" },
		{ "$['\\uD834\\uDD1E']", "[2]" },
		{ "$[\"\\ud834\\udd1e\"]", "[2]" },
		{ "$.\xf0\x9d\x84\x9e", "[2]" },
		{ "$['']", "[3]" },
		{ "$['\\b\\f\\n\\r\\t\\/\\\\\"']", "[4]" },
		{ "$[\"\\b\\f\\n\\r\\t\\/\\\\\\\"\"]", "[4]" },
		{ "$._a1", "[5]" },
		{ "$.true", "[6]" },
		{ "$ .null", "[7]" },
		{ "$['a\\u0000']", "[]" },
	};

	ASK_ALL(examples,
		"{\"\xe2\x98\xba\":1,\"\xf0\x9d\x84\x9e\":2,\"\":3,"
		"\"\\b\\f\\n\\r\\t/\\\\\\\"\":4,\"_a1\":5,\"true\":6,\"null\":7,\"a\":8}");
}

static void wildcards_take_all_children(void **state)
{
	static const struct example examples[] = {
		{ "$[*]", "[{\"j\":1,\"k\":2},[5,3]]" },
		{ "$.*", "[{\"j\":1,\"k\":2},[5,3]]" },
		{ "$.o[*]", "[1,2]" },
		{ "$.o[*, *]", "[1,2,1,2]" },
		{ "$.a[*]", "[5,3]" },
		{ "$.*.*", "[1,2,5,3]" },
	};

	ASK_ALL(examples, "{\"o\":{\"j\":1,\"k\":2},\"a\":[5,3]}");
}

static void indices_count_from_either_end(void **state)
{
	static const struct example examples[] = {
		{ "$[1]", "[\"b\"]" },
		{ "$[-2]", "[\"a\"]" },
		{ "$[0]", "[\"a\"]" },
		{ "$[2]", "[]" },
		{ "$[-3]", "[]" },
		{ "$[9007199254740991]", "[]" },
		{ "$[-9007199254740991]", "[]" },
		{ "$['0']", "[]" },
	};

	ASK_ALL(examples, "[\"a\",\"b\"]");
}

static void slices_step_through_arrays(void **state)
{
	static const struct example examples[] = {
		{ "$[1:3]", "[\"b\",\"c\"]" },
		{ "$[5:]", "[\"f\",\"g\"]" },
		{ "$[1:5:2]", "[\"b\",\"d\"]" },
		{ "$[5:1:-2]", "[\"f\",\"d\"]" },
		{ "$[::-1]", "[\"g\",\"f\",\"e\",\"d\",\"c\",\"b\",\"a\"]" },
		{ "$[:]", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"]" },
		{ "$[::]", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"]" },
		{ "$[:2]", "[\"a\",\"b\"]" },
		{ "$[-2:]", "[\"f\",\"g\"]" },
		{ "$[-3:-1]", "[\"e\",\"f\"]" },
		{ "$[::0]", "[]" },
		{ "$[3:1]", "[]" },
		{ "$[1:3:-1]", "[]" },
		{ "$[-100:2]", "[\"a\",\"b\"]" },
		{ "$[5:100]", "[\"f\",\"g\"]" },
		{ "$[100:5:-1]", "[\"g\"]" },
		{ "$[1:-100:-1]", "[\"b\",\"a\"]" },
		{ "$[0:0]", "[]" },
		{ "$[::9007199254740991]", "[\"a\"]" },
		{ "$[::-9007199254740991]", "[\"g\"]" },
		{ "$[-9007199254740991:9007199254740991:3]", "[\"a\",\"d\",\"g\"]" },
		{ "$[ 1 : 5 : 2 ]", "[\"b\",\"d\"]" },
		{ "$[\t1\n:\r5:2]", "[\"b\",\"d\"]" },
	};

	ASK_ALL(examples, letters);
}

static void slices_of_what_is_no_array_are_empty(void **state)
{
	static const struct example examples[] = {
		{ "$.o[0:]", "[]" },
		{ "$.s[::-1]", "[]" },
		{ "$.e[::-1]", "[]" },
	};

	ASK_ALL(examples, "{\"o\":{\"a\":1},\"s\":\"abc\",\"e\":[]}");
}

static void selectors_of_a_segment_add_up(void **state)
{
	static const struct example examples[] = {
		{ "$[0, 3]", "[\"a\",\"d\"]" },
		{ "$[0:2, 5]", "[\"a\",\"b\",\"f\"]" },
		{ "$[0, 0]", "[\"a\",\"a\"]" },
		{ "$[ 0 , 'x' , -1 ]", "[\"a\",\"g\"]" },
	};

	ASK_ALL(examples, letters);
}

static void descendants_come_parents_first(void **state)
{
	static const struct example examples[] = {
		{ "$..j", "[1,4]" },
		{ "$..[0]", "[5,{\"j\":4}]" },
		{ "$..o", "[{\"j\":1,\"k\":2}]" },
		{ "$.o..[*, *]", "[1,2,1,2]" },
		{ "$.a..[0, 1]", "[5,3,{\"j\":4},{\"k\":6}]" },
		{ "$..*", "[{\"j\":1,\"k\":2},[5,3,[{\"j\":4},{\"k\":6}]],1,2,5,3,"
			  "[{\"j\":4},{\"k\":6}],{\"j\":4},{\"k\":6},4,6]" },
		{ "$..[*]", "[{\"j\":1,\"k\":2},[5,3,[{\"j\":4},{\"k\":6}]],1,2,5,3,"
			    "[{\"j\":4},{\"k\":6}],{\"j\":4},{\"k\":6},4,6]" },
		{ "$..a..j", "[4]" },
		{ "$ ..j", "[1,4]" },
	};

	ASK_ALL(examples, "{\"o\":{\"j\":1,\"k\":2},\"a\":[5,3,[{\"j\":4},{\"k\":6}]]}");
}

static void null_is_a_value_like_any_other(void **state)
{
	static const struct example examples[] = {
		{ "$.a", "[null]" },	       { "$.a[0]", "[]" },	    { "$.a.d", "[]" },
		{ "$.b[0]", "[null]" },	       { "$.b[*]", "[null]" },	    { "$.b[?@]", "[null]" },
		{ "$.b[?@==null]", "[null]" }, { "$.c[?@.d==null]", "[]" }, { "$.null", "[1]" },
	};

	ASK_ALL(examples, "{\"a\":null,\"b\":[null],\"c\":[{}],\"null\":1}");
}

static void a_singular_query_is_known_by_its_segments(void **state)
{
	static const struct {
		const char *query;
		bool is_singular;
	} queries[] = {
		{ "$", true },		{ "$.a.b", true },    { "$['a'][0][-1]", true },
		{ "$[ 'a' ]", true },	{ "$ .a [1]", true }, { "$.*", false },
		{ "$..a", false },	{ "$[0,1]", false },  { "$[0:1]", false },
		{ "$.a[?@.b]", false }, { "$.a[*]", false },
	};

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		struct jsonpath *path = ask_compile(queries[i].query);

		if (jsonpath_is_singular(path) != queries[i].is_singular)
			fail_msg("%s", queries[i].query);
		jsonpath_free(path);
	}
}

static void a_deep_document_is_walked_without_recursion(void **state)
{
	char text[2 * 2000 + 2] = { 0 };
	json_t *document, *found;

	memset(text, '[', 2000);
	text[2000] = '1';
	memset(text + 2001, ']', 2000);
	document = ask_document(text);
	found = ask("$..*", document);
	assert_int_equal(json_array_size(found), 2000);
	json_decref(found);
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bookstore_is_found),
		cmocka_unit_test(the_root_is_the_document),
		cmocka_unit_test(names_are_members),
		cmocka_unit_test(names_may_be_any_text),
		cmocka_unit_test(wildcards_take_all_children),
		cmocka_unit_test(indices_count_from_either_end),
		cmocka_unit_test(slices_step_through_arrays),
		cmocka_unit_test(slices_of_what_is_no_array_are_empty),
		cmocka_unit_test(selectors_of_a_segment_add_up),
		cmocka_unit_test(descendants_come_parents_first),
		cmocka_unit_test(null_is_a_value_like_any_other),
		cmocka_unit_test(a_singular_query_is_known_by_its_segments),
		cmocka_unit_test(a_deep_document_is_walked_without_recursion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
