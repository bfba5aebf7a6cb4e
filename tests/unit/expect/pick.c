/* One value out of a document is what the whole document and the query would give, and
 * what is no JSON is refused in the same words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "expect/json.h"
#include "expect/jsonpath/jsonpath.h"

enum { DEPTH = 8, ROUNDS = 40000 };

static const char *const queries[] = {
	"$.a",	       "$.a.b",		  "$.b[1]",	      "$.b[0].a",
	"$[0]",	       "$[1][0]",	  "$.a[2].b",	      "$['']",
	"$['a\"b']",   "$['\xc3\xa4'].a", "$['a b'][0]['b']", "$.b[10]",
	"$.a.a.a.a.b", "$.b[1].a[0]",
};

static const char *const documents[] = {
	"{\"a\":1}",
	"{\"a\":{\"b\":[1,2]},\"b\":[{\"a\":0},{\"a\":[9,8]},3]}",
	" { \"b\" : [ 1 , [ ] , { } ] , \"a\" : { \"b\" : \"x\\u00e4\\n\" } } ",
	"{\"a\":1,\"a\":{\"b\":2},\"a\":{\"c\":{\"b\":3},\"b\":4}}",
	"{\"a\":{\"b\":1},\"a\":5}",
	"[[1,2],[[3],{\"a\":[]}],{\"b\":[0,1,2,3,4,5,6,7,8,9,10]}]",
	"{\"\":true,\"a\\\"b\":false,\"\\u00e4\":{\"a\":null},\"\xc3\xa4\":{\"a\":\"\\u0000\"}}",
	"{\"a b\":[{\"b\":-1.5e-3}],\"\\u0061\":{\"\\u0062\":12345678901234567890}}",
	"{\"a\":{\"a\":{\"a\":{\"a\":{\"b\":[{\"b\":[1]}]}}}}}",
	"{\"a\":[0,1,{\"b\":{}},{\"b\":1}],\"b\":[[[[[[[1]]]]]]]}",
	"{\"b\":[9223372036854775807,9223372036854775808,1e308,1E+2,-0,0.1]}",
	"{\"a\":\"\\ud834\\udd1e\",\"b\":\"\\\\\\/\\b\\f\\r\\t\"}",
};

static const char noise[] = "{}[]\",:\\ 019.eE-+tfnu\x01\x80\xc3\xa4"
			    "ab\n";

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static struct jsonpath *compile(const char *query)
{
	struct jsonpath *path;
	struct jsonpath_fault fault;

	if (jsonpath_compile(query, strlen(query), &path, &fault) < 0)
		fail_msg("%s: %s", query, fault.message);
	return path;
}

static void compare(const struct jsonpath *path, json_t *root, json_t *picked, const char *data,
		    size_t len)
{
	struct jsonpath_nodes nodes = { 0 };
	struct budget budget;

	budget_init(&budget, USEC_PER_SEC, UINT64_MAX);
	assert_int_equal(jsonpath_evaluate(path, root, &budget, &nodes), 0);
	if ((nodes.count == 1) != (picked != NULL) ||
	    (picked && !json_equal(nodes.node[0], picked)))
		fail_msg("another value out of %.*s", (int)len, data);
	jsonpath_nodes_done(&nodes);
}

static void check_deep(const struct jsonpath *path, const char *data, size_t len, unsigned depth)
{
	struct json_notes whole = { 0 }, part = { 0 };
	json_t *root = NULL, *picked = NULL;
	size_t count;
	const struct jsonpath_step *steps = jsonpath_steps(path, &count);
	const int read = json_read(data, len, depth, &root, &whole);
	const int pick = json_pick(data, len, depth, steps, count, &picked, &part);

	if (read != pick)
		fail_msg("read %d (%s), pick %d (%s): %.*s", read, whole.reason, pick, part.reason,
			 (int)len, data);
	if (read < 0) {
		assert_string_equal(whole.reason, part.reason);
		assert_int_equal(whole.line, part.line);
		assert_int_equal(whole.column, part.column);
		return;
	}
	compare(path, root, picked, data, len);
	json_decref(root);
	json_decref(picked);
}

static void check(const struct jsonpath *path, const char *data, size_t len)
{
	check_deep(path, data, len, DEPTH);
}

static void a_picked_value_is_what_the_query_finds(void **state)
{
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		struct jsonpath *path = compile(queries[i]);

		for (size_t k = 0; k < sizeof(documents) / sizeof(documents[0]); k++)
			check(path, documents[k], strlen(documents[k]));
		jsonpath_free(path);
	}
}

static void what_is_damaged_is_refused_alike(void **state)
{
	const size_t queries_count = sizeof(queries) / sizeof(queries[0]);
	struct jsonpath *paths[sizeof(queries) / sizeof(queries[0])];
	uint32_t random = 20261130;
	char data[256];

	for (size_t i = 0; i < queries_count; i++)
		paths[i] = compile(queries[i]);
	for (unsigned round = 0; round < ROUNDS; round++) {
		const char *document = documents[next_random(&random) %
						 (sizeof(documents) / sizeof(documents[0]))];
		size_t len = strlen(document);

		memcpy(data, document, len);
		for (unsigned n = next_random(&random) % 3; n-- > 0;)
			data[next_random(&random) % len] =
				noise[next_random(&random) % (sizeof(noise) - 1)];
		if (next_random(&random) % 8 == 0)
			len = next_random(&random) % len;
		check(paths[next_random(&random) % queries_count], data, len);
	}
	for (size_t i = 0; i < queries_count; i++)
		jsonpath_free(paths[i]);
}

/* Beside the value that is looked for, with something wrong in the middle or not. */
static void what_nobody_asks_for_may_be_as_deep(void **state)
{
	static const char *const middles[] = { "", "1", "\"\\u00e4\"", "1,", "\"\x01\"", "]", "}" };
	struct jsonpath *path = compile("$.b");

	for (unsigned deep = 55; deep < 110; deep++) {
		for (size_t i = 0; i < sizeof(middles) / sizeof(middles[0]); i++) {
			struct text text = { 0 };

			text_append(&text, "{\"a\":");
			for (unsigned k = 0; k < deep; k++)
				text_append(&text, k % 2 ? "{\"c\":" : "[");
			text_append(&text, deep % 2 ? middles[i] : "2");
			for (unsigned k = deep; k-- > 0;)
				text_append(&text, k % 2 ? "}" : "]");
			text_append(&text, ",\"b\":3}");
			check_deep(path, text_string(&text), text.len, 100);
			text_done(&text);
		}
	}
	jsonpath_free(path);
}

static void only_what_leads_to_one_node_has_steps(void **state)
{
	static const char *const without[] = { "$", "$.*", "$..a", "$[-1]", "$.a[0,1]", "$[?@.a]" };

	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		struct jsonpath *path = compile(without[i]);
		size_t count;

		assert_null(jsonpath_steps(path, &count));
		assert_int_equal(count, 0);
		jsonpath_free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picked_value_is_what_the_query_finds),
		cmocka_unit_test(what_is_damaged_is_refused_alike),
		cmocka_unit_test(what_nobody_asks_for_may_be_as_deep),
		cmocka_unit_test(only_what_leads_to_one_node_has_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
