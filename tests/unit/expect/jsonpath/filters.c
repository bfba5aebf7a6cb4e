/* Filter expressions and functions: RFC 9535, sections 2.3.5 and 2.4. */
#include <pthread.h>

#include "ask.h"

static void filters_choose_children(void **state)
{
	static const char document[] =
		"{\"a\":[3,5,1,2,4,6,{\"b\":\"j\"},{\"b\":\"k\"},{\"b\":{}},{\"b\":\"kilo\"}],"
		"\"o\":{\"p\":1,\"q\":2,\"r\":3,\"s\":5,\"t\":{\"u\":6}},\"e\":\"f\"}";
	static const struct example examples[] = {
		{ "$.a[?@.b == 'kilo']", "[{\"b\":\"kilo\"}]" },
		{ "$.a[?(@.b == 'kilo')]", "[{\"b\":\"kilo\"}]" },
		{ "$.a[?@>3.5]", "[5,4,6]" },
		{ "$.a[?@.b]", "[{\"b\":\"j\"},{\"b\":\"k\"},{\"b\":{}},{\"b\":\"kilo\"}]" },
		{ "$[?@.*]",
		  "[[3,5,1,2,4,6,{\"b\":\"j\"},{\"b\":\"k\"},{\"b\":{}},"
		  "{\"b\":\"kilo\"}],{\"p\":1,\"q\":2,\"r\":3,\"s\":5,\"t\":{\"u\":6}}]" },
		{ "$[?@[?@.b]]", "[[3,5,1,2,4,6,{\"b\":\"j\"},{\"b\":\"k\"},{\"b\":{}},"
				 "{\"b\":\"kilo\"}]]" },
		{ "$.o[?@<3, ?@<3]", "[1,2,1,2]" },
		{ "$.a[?@<2 || @.b == \"k\"]", "[1,{\"b\":\"k\"}]" },
		{ "$.a[?match(@.b, \"[jk]\")]", "[{\"b\":\"j\"},{\"b\":\"k\"}]" },
		{ "$.a[?search(@.b, \"[jk]\")]", "[{\"b\":\"j\"},{\"b\":\"k\"},{\"b\":\"kilo\"}]" },
		{ "$.o[?@>1 && @<4]", "[2,3]" },
		{ "$.o[?@.u || @.x]", "[{\"u\":6}]" },
		{ "$.a[?@.b == $.x]", "[3,5,1,2,4,6]" },
		{ "$.a[?@ == @]", "[3,5,1,2,4,6,{\"b\":\"j\"},{\"b\":\"k\"},{\"b\":{}},"
				  "{\"b\":\"kilo\"}]" },
		{ "$.e[?@ == 'f']", "[]" },
	};

	ASK_ALL(examples, document);
}

/* Each is asked of an array of one element, which is there if it holds. */
static void comparisons_hold(void **state)
{
	static const struct {
		const char *comparison;
		bool holds;
	} all[] = {
		{ "$.absent1 == $.absent2", true },
		{ "$.absent1 <= $.absent2", true },
		{ "$.absent == 'g'", false },
		{ "$.absent1 != $.absent2", false },
		{ "$.absent != 'g'", true },
		{ "$.absent < 1", false },
		{ "$.absent >= 1", false },
		{ "1 <= 2", true },
		{ "1 > 2", false },
		{ "13 == '13'", false },
		{ "'a' <= 'b'", true },
		{ "'a' > 'b'", false },
		{ "'a' < 'ab'", true },
		{ "'\\uffff' < '\\ud800\\udc00'", true },
		{ "'' < 'a'", true },
		{ "$.obj == $.arr", false },
		{ "$.obj != $.arr", true },
		{ "$.obj == $.obj", true },
		{ "$.obj != $.obj", false },
		{ "$.arr == $.arr", true },
		{ "$.arr != $.arr", false },
		{ "$.obj == 17", false },
		{ "$.obj != 17", true },
		{ "$.obj <= $.arr", false },
		{ "$.obj < $.arr", false },
		{ "$.obj <= $.obj", true },
		{ "$.arr <= $.arr", true },
		{ "1 <= $.arr", false },
		{ "1 >= $.arr", false },
		{ "1 > $.arr", false },
		{ "1 < $.arr", false },
		{ "true <= true", true },
		{ "true > true", false },
		{ "true == false", false },
		{ "null == null", true },
		{ "null != false", true },
		{ "1 == 1.0", true },
		{ "1 == 1e0", true },
		{ "100 == 1E+2", true },
		{ "0 == -0", true },
		{ "-0.0 == 0", true },
		{ "$.arr == $.reals", true },
		{ "$.obj == $.other", false },
		{ "$.big == 9007199254740993", true },
		{ "$.big == 9007199254740992", false },
		{ "$.big > 9007199254740992", true },
		{ "$.big == 9007199254740992.0", true },
		{ "$.reversed == $.ordered", true },
		{ "$['obj'].x == \"y\"", true },
		{ "$ .obj ['x'] == 'y'", true },
	};
	json_t *document = ask_document(
		"{\"obj\":{\"x\":\"y\"},\"arr\":[2,3],\"reals\":[2.0,3.0],\"other\":{\"x\":1},"
		"\"big\":9007199254740993,\"ordered\":{\"a\":1,\"b\":2},"
		"\"reversed\":{\"b\":2,\"a\":1}}");

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char *query = memory_print("$[?%s]", all[i].comparison);
		json_t *found = ask(query, document);

		if (json_array_size(found) != (all[i].holds ? json_object_size(document) : 0))
			fail_msg("%s", all[i].comparison);
		json_decref(found);
		free(query);
	}
	json_decref(document);
}

static void and_binds_closer_than_or_and_not_closest(void **state)
{
	static const struct example examples[] = {
		{ "$[?@.a || @.b && @.c].i", "[1,3]" },
		{ "$[?(@.a || @.b) && @.c].i", "[3]" },
		{ "$[?!@.a && !@.b].i", "[4]" },
		{ "$[?!(@.a && @.b) && @.b].i", "[2,3]" },
		{ "$[?! @.a].i", "[2,3,4]" },
		{ "$[?!(@.i == 1)].i", "[2,3,4]" },
		{ "$[?!( ! (@.a))].i", "[1]" },
		{ "$[?((@.a))].i", "[1]" },
		{ "$[?@.i==1||@.i==2&&@.b==1||@.i==4].i", "[1,2,4]" },
		{ "$[?@.i == 1\n||\t@.i == 4].i", "[1,4]" },
	};

	ASK_ALL(examples, "[{\"i\":1,\"a\":1},{\"i\":2,\"b\":1},{\"i\":3,\"b\":1,\"c\":1},"
			  "{\"i\":4,\"c\":1}]");
}

static void filters_nest_and_see_the_root(void **state)
{
	static const struct example examples[] = {
		{ "$.list[?@.n == $.wanted].n", "[2]" },
		{ "$.list[?@.tags[?@ == 'x']].n", "[1]" },
		{ "$.list[?@.tags[?@ == $.tag]].n", "[2]" },
		{ "$.list[?@.tags[?search(@, '^y')]].n", "[2]" },
		{ "$.list[?count(@.tags[?@ != 'x']) == 1].n", "[2]" },
		{ "$..[?@.n > 1].n", "[2]" },
		{ "$.list[0, ?@.n == 2].n", "[1,2]" },
	};

	ASK_ALL(examples, "{\"wanted\":2,\"tag\":\"y\",\"list\":[{\"n\":1,\"tags\":[\"x\"]},"
			  "{\"n\":2,\"tags\":[\"y\"]}]}");
}

static void length_counts_characters_elements_and_members(void **state)
{
	static const struct example examples[] = {
		{ "$[?length(@) == 2]",
		  "[\"ab\",\"\xc3\xa4\xf0\x9d\x84\x9e\",[1,2],{\"a\":1,\"b\":2}]" },
		{ "$[?length(@) == 0]", "[\"\",[]]" },
		{ "$[?length(@) == length($[9])]", "[1,true,null]" },
		{ "$[?length(@) < 1]", "[\"\",[]]" },
		{ "$[?length('abc') == 3 && @ == 1]", "[1]" },
		{ "$[?length(value($[3])) == 2 && @ == 1]", "[1]" },
	};

	ASK_ALL(examples, "[\"ab\",\"\xc3\xa4\xf0\x9d\x84\x9e\",\"\",[1,2],[],"
			  "{\"a\":1,\"b\":2},1,true,null]");
}

static void count_and_value_look_at_node_lists(void **state)
{
	static const struct example examples[] = {
		{ "$[?count(@.*) == 1]", "[[7],{\"c\":\"red\"}]" },
		{ "$[?count(@['a','a']) == 2]", "[{\"a\":1,\"b\":{\"c\":\"red\"}}]" },
		{ "$[?count(@.none) == 0 && @.c]", "[{\"c\":\"red\"}]" },
		{ "$[?value(@..c) == 'red']", "[{\"a\":1,\"b\":{\"c\":\"red\"}},{\"c\":\"red\"}]" },
		{ "$[?value(@.*) == value(@.none) && @[0]]", "[[1,2]]" },
		{ "$[?count( @.* ) == 1]", "[[7],{\"c\":\"red\"}]" },
	};

	ASK_ALL(examples, "[[7],[1,2],{\"a\":1,\"b\":{\"c\":\"red\"}},{\"c\":\"red\"}]");
}

static void match_takes_all_and_search_a_part(void **state)
{
	static const struct example examples[] = {
		{ "$.t[?match(@, 'a.*')]", "[\"ab\"]" },
		{ "$.t[?search(@, 'b')]", "[\"ab\",\"xb\\n\"]" },
		{ "$.t[?match(@, 'xb')]", "[]" },
		{ "$.t[?match(@, $.p)]", "[\"ab\"]" },
		{ "$.t[?search(@, $.p)]", "[\"ab\"]" },
		{ "$.t[?match(@, $.broken)]", "[]" },
		{ "$.t[?!match(@, $.broken) && @ == 1]", "[1]" },
		{ "$.t[?match(@, 1)]", "[]" },
		{ "$.t[?match(@, $.none)]", "[]" },
		{ "$.t[?search($.p, 'a') && @ == 1]", "[1]" },
		{ "$.t[?match(@, value($..p))]", "[\"ab\"]" },
		{ "$.ps[?match('ab', @)]", "[\"a.\",\"[ab]+\"]" },
		{ "$.ps[?search('ab', @) && !match('ab', @)]", "[\"a\"]" },
	};

	ASK_ALL(examples, "{\"t\":[\"ab\",\"xb\\n\",1,null,[]],\"p\":\"a.\",\"broken\":\"a**\","
			  "\"ps\":[\"a.\",\"[ab]+\",\"a\",\"(\",\"\\\\d\"]}");
}

/* cmocka's assertions belong to the first thread only. */
static void *count_matches(void *context)
{
	static const char text[] =
		"[{\"n\":1,\"s\":\"ab\"},{\"n\":2,\"s\":\"b\"},{\"n\":3,\"s\":\"a\"}]";
	json_t *document = json_loads(text, 0, NULL);
	uintptr_t matches = 0;

	for (unsigned round = 0; round < 2000; round++) {
		struct jsonpath_nodes nodes = { 0 };
		struct budget budget;

		budget_init(&budget, USEC_PER_SEC, 1000000);
		if (jsonpath_evaluate(context, document, &budget, &nodes) == 0)
			matches += nodes.count;
		jsonpath_nodes_done(&nodes);
	}
	json_decref(document);
	return (void *)matches;
}

static void threads_share_a_query(void **state)
{
	struct jsonpath *path = ask_compile("$[?match(@.s, 'a.*') && (@.n < 3 || @.n == 3.0)]");
	pthread_t threads[4];

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_matches, path), 0);
	for (size_t i = 0; i < 4; i++) {
		void *matches;

		assert_int_equal(pthread_join(threads[i], &matches), 0);
		assert_int_equal((uintptr_t)matches, 4000);
	}
	jsonpath_free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_choose_children),
		cmocka_unit_test(comparisons_hold),
		cmocka_unit_test(and_binds_closer_than_or_and_not_closest),
		cmocka_unit_test(filters_nest_and_see_the_root),
		cmocka_unit_test(length_counts_characters_elements_and_members),
		cmocka_unit_test(count_and_value_look_at_node_lists),
		cmocka_unit_test(match_takes_all_and_search_a_part),
		cmocka_unit_test(threads_share_a_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
