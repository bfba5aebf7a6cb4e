/* Queries put together by dice: whatever comes out, nothing breaks (meant for the
 * sanitizers), and each fault lies within the query.
 */
#include "ask.h"
#include "base/text.h"

#define ROUNDS 20000

static uint64_t dice;

static unsigned throw(unsigned sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)(dice % sides);
}

static const char *const tokens[] = {
	"$",	   "@",	       ".",	   "..",
	"[",	   "]",	       "*",	   "?",
	",",	   ":",	       "(",	   ")",
	"!",	   "&&",       "||",	   "==",
	"!=",	   "<",	       "<=",	   ">",
	">=",	   "'a'",      "\"b\"",	   "a",
	"b",	   "0",	       "1",	   "-1",
	"2.5",	   "1e3",      "true",	   "null",
	"length(", "count(",   "match(",   "search(",
	"value(",  " ",	       "\n",	   "\\",
	"'",	   "\"",       "\\u00e4",  "\\ud800\\udc00",
	"'a.*'",   "'[a-z]'",  "'(a|b)*'", "@.a",
	"$.b",	   "[?@.a]",   "[?@==1]",  "[*]",
	"..a",	   "\xc3\xa4", "\xff",	   "@[0]",
	"$..*",
};

static void run(json_t *document, const struct text *query, unsigned *valid)
{
	struct jsonpath *path = NULL;
	struct jsonpath_nodes nodes = { 0 };
	struct jsonpath_fault fault = { 0 };
	struct budget budget;

	if (jsonpath_compile(text_string(query), query->len, &path, &fault) < 0) {
		assert_in_range(fault.column, 1, query->len + 1);
		assert_true(strlen(fault.message) > 5);
		return;
	}
	++*valid;
	budget_init(&budget, 50 * USEC_PER_MS, 100000);
	if (jsonpath_evaluate(path, document, &budget, &nodes) == 0) {
		assert_true(!jsonpath_is_singular(path) || nodes.count <= 1);
		for (size_t i = 0; i < nodes.count; i++)
			assert_true(json_typeof(nodes.node[i]) <= JSON_NULL);
	}
	jsonpath_nodes_done(&nodes);
	jsonpath_free(path);
}

static json_t *some_document(void)
{
	return ask_document("{\"a\":[1,\"ab\",null,{\"a\":1,\"b\":[2.5,{\"a\":\"a\"}]}],"
			    "\"b\":{\"a\":{\"a\":true},\"b\":\"(\"},\"\xc3\xa4\":1}");
}

static void tokens_in_any_order_break_nothing(void **state)
{
	json_t *document = some_document();
	struct text query = { 0 };
	unsigned valid = 0;

	dice = 0x2545f4914f6cdd1d;
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned count = throw(12);

		text_append(&query, "$");
		if (throw(3))
			text_append(&query, "[?");
		while (count-- > 0)
			text_append(&query, tokens[throw(sizeof(tokens) / sizeof(tokens[0]))]);
		if (throw(3))
			text_append(&query, "]");
		run(document, &query, &valid);
		text_clear(&query);
	}
	text_done(&query);
	json_decref(document);
	assert_true(valid > ROUNDS / 100);
}

static void bytes_changed_in_good_queries_break_nothing(void **state)
{
	static const char *const good[] = {
		"$.store.book[?@.price < 10 && length(@.a) == 2].title",
		"$..a[1:5:-2, 'x', *, ?search(@.b, '[a-z]+(x|y){2,3}')]",
		"$[?!(@['a'][0] == $.b) || count(@..*) >= 1.5e3]",
		"$['\\ud834\\udd1e\\u00e4']..[?value(@.a) == 'a\\'b']",
		"$[?match(@.a, '[^a-c\\\\p{Lu}]*\\\\.(ab|c?)')]",
	};
	json_t *document = some_document();
	struct text query = { 0 };
	unsigned valid = 0;

	dice = 0x9e3779b97f4a7c15;
	for (unsigned round = 0; round < ROUNDS; round++) {
		text_append(&query, good[throw(sizeof(good) / sizeof(good[0]))]);
		for (unsigned changes = throw(3) + 1; changes > 0; changes--)
			query.data[throw((unsigned)query.len)] =
				(char)(throw(2) ? throw(128) : throw(256));
		query.len -= throw(4) == 0 ? throw((unsigned)query.len) : 0;
		run(document, &query, &valid);
		text_clear(&query);
	}
	text_done(&query);
	json_decref(document);
	assert_true(valid > ROUNDS / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_in_any_order_break_nothing),
		cmocka_unit_test(bytes_changed_in_good_queries_break_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
