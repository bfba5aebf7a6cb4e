/* ask.h - a query, a document, an answer; for the tests of this folder. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "base/memory.h"
#include "expect/jsonpath/jsonpath.h"

struct example {
	const char *query;
	const char *result; /* the nodes as a JSON array; of a fault "COLUMN MESSAGE" */
};

static inline json_t *ask_document(const char *text)
{
	json_t *document = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	if (!document)
		fail_msg("the test's own document is no JSON: %s", text);
	return document;
}

static inline struct jsonpath *ask_compile(const char *query)
{
	struct jsonpath *path = NULL;
	struct jsonpath_fault fault;

	if (jsonpath_compile(query, strlen(query), &path, &fault) < 0)
		fail_msg("%s: column %zu: %s", query, fault.column, fault.message);
	return path;
}

/* The nodes as one JSON array, of which they are members then. */
static inline json_t *ask(const char *query, json_t *document)
{
	struct jsonpath *path = ask_compile(query);
	struct jsonpath_nodes nodes = { 0 };
	json_t *result = json_array();
	struct budget budget;

	budget_init(&budget, USEC_PER_SEC, 1000000);
	assert_int_equal(jsonpath_evaluate(path, document, &budget, &nodes), 0);
	for (size_t i = 0; i < nodes.count; i++)
		json_array_append(result, nodes.node[i]);
	jsonpath_nodes_done(&nodes);
	jsonpath_free(path);
	return result;
}

static inline void ask_example(const struct example *example, json_t *document)
{
	json_t *found = ask(example->query, document);
	json_t *wanted = ask_document(example->result);

	if (!json_equal(found, wanted))
		fail_msg("%s gives %s, not %s", example->query, json_dumps(found, JSON_COMPACT),
			 example->result);
	json_decref(wanted);
	json_decref(found);
}

static inline void ask_examples(const struct example *examples, size_t count, const char *text)
{
	json_t *document = ask_document(text);

	for (size_t i = 0; i < count; i++)
		ask_example(&examples[i], document);
	json_decref(document);
}

#define ASK_ALL(examples, document)                                                                \
	ask_examples(examples, sizeof(examples) / sizeof((examples)[0]), document)

/* What compiling says, as "COLUMN MESSAGE", in a buffer of its own. */
static inline const char *ask_fault(const char *query, size_t len)
{
	static char said[256];
	struct jsonpath *path = NULL;
	struct jsonpath_fault fault;

	if (jsonpath_compile(query, len, &path, &fault) == 0) {
		jsonpath_free(path);
		return "is valid";
	}
	(void)snprintf(said, sizeof(said), "%zu %s", fault.column, fault.message);
	return said;
}
