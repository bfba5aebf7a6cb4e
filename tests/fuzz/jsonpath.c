/* jsonpath.c - a query is refused with a place, or selects nodes of the document.
 *
 * A query; then the document.
 *
 * Over: expect/jsonpath/parse.c expect/jsonpath/parse_filter.c expect/jsonpath/scan.c
 * expect/jsonpath/evaluate.c expect/jsonpath/filter.c expect/jsonpath/compare.c
 * expect/jsonpath/iregexp.c
 */
#include "expect/jsonpath/jsonpath.h"
#include "expect/json.h"
#include "fuzz.h"

enum { DEPTH = 64, STEPS = 100000 };

static void evaluate(const struct jsonpath *path, json_t *document)
{
	struct jsonpath_nodes nodes = { 0 };
	struct budget budget;

	budget_init(&budget, USEC_PER_SEC, STEPS);
	if (jsonpath_evaluate(path, document, &budget, &nodes) == 0) {
		assert(nodes.count <= JSONPATH_NODES_MAX);
		assert(!jsonpath_is_singular(path) || nodes.count <= 1);
		for (size_t i = 0; i < nodes.count; i++)
			assert(jsonpath_equal(nodes.node[i], nodes.node[i], &budget) != 0);
	}
	jsonpath_nodes_done(&nodes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	struct jsonpath_fault fault = { 0 };
	struct jsonpath *path = NULL;
	struct json_notes notes;
	json_t *document = NULL;
	size_t query_len, text_len, count;
	char *query = fuzz_line(&input, &query_len);
	char *text = fuzz_rest(&input, &text_len);

	if (jsonpath_compile(query, query_len, &path, &fault) < 0) {
		assert(fault.column >= 1 && fault.column <= query_len + 1 && fault.message[0]);
	} else {
		(void)jsonpath_check_patterns(path, &fault);
		assert(!jsonpath_steps(path, &count) || jsonpath_is_singular(path));
		if (json_read(text, text_len, DEPTH, &document, &notes) == 0)
			evaluate(path, document);
		json_decref(document);
		jsonpath_free(path);
	}
	free(query);
	free(text);
	return 0;
}
