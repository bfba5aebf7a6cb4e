/* json.c - the walk over a document that builds nothing takes what jansson takes, and finds what
 * a query finds.
 *
 * A query; then the document.
 *
 * Over: expect/json.c expect/json_walk.c expect/json_skim.c expect/json_tokens.c
 */
#include "expect/json.h"
#include "fuzz.h"

enum { DEPTH = 64, STEPS = 1000000 };

/* The value of a singular query, by building all of the document; a new reference, or NULL. */
static json_t *find(json_t *document, const struct jsonpath *path, bool *ret_is_known)
{
	struct jsonpath_nodes nodes = { 0 };
	struct budget budget;
	json_t *found = NULL;

	budget_init(&budget, USEC_PER_MIN, STEPS);
	*ret_is_known = jsonpath_evaluate(path, document, &budget, &nodes) == 0;
	if (*ret_is_known) {
		assert(nodes.count <= 1);
		found = nodes.count ? json_incref(nodes.node[0]) : NULL;
	}
	jsonpath_nodes_done(&nodes);
	return found;
}

static void compare(json_t *document, const char *data, size_t len, const struct jsonpath *path)
{
	size_t count;
	const struct jsonpath_step *steps = jsonpath_steps(path, &count);
	struct json_notes notes = { 0 };
	json_t *picked = NULL, *found;
	bool is_known;

	if (!steps)
		return;
	assert(json_pick(data, len, DEPTH, steps, count, &picked, &notes) == 0);
	found = find(document, path, &is_known);
	if (is_known) {
		assert(!picked == !found);
		assert(!found || json_equal(picked, found));
	}
	json_decref(picked);
	json_decref(found);
}

/* By the walk alone. */
static bool is_taken(const char *data, size_t len)
{
	struct json_notes notes = { 0 };
	json_t *whole = NULL;
	const int r = json_pick(data, len, DEPTH, NULL, 0, &whole, &notes);

	json_decref(whole);
	return r == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	struct jsonpath *path = NULL;
	struct jsonpath_fault fault;
	struct json_notes notes = { 0 };
	json_t *document = NULL;
	size_t query_len, text_len;
	char *query = fuzz_line(&input, &query_len);
	char *text = fuzz_rest(&input, &text_len);

	if (json_read(text, text_len, DEPTH, &document, &notes) == 0) {
		assert(is_taken(text, text_len));
		(void)json_has_duplicates(text, text_len);
		if (jsonpath_compile(query, query_len, &path, &fault) == 0) {
			compare(document, text, text_len, path);
			jsonpath_free(path);
		}
		json_decref(document);
	} else {
		assert(notes.reason[0]);
		assert(!is_taken(text, text_len));
	}
	free(query);
	free(text);
	return 0;
}
