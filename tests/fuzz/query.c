/* query.c - the path, the parameters and the Accept of a request.
 *
 * A line for each.
 *
 * Over: status/query.c status/filter.c status/exposition.c
 */
#include "status/query.h"
#include "base/html.h"
#include "base/text.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "status/exposition.h"
#include "status/filter.h"

/* What was read, written again, reads the same. */
static void read_path(const char *line)
{
	struct path path = { 0 }, again = { 0 };
	struct text text = { 0 };

	if (path_parse(line, &path) < 0)
		return;
	assert(path.count >= 1 && path.count <= PATH_MAX_PARTS);
	for (unsigned i = 0; i < path.count; i++) {
		assert(utf8_is_valid(path.parts[i], strlen(path.parts[i])));
		text_append_char(&text, '/');
		html_append_part(&text, path.parts[i]);
	}
	assert(path_parse(text_string(&text), &again) == 0);
	assert(again.count == path.count);
	for (unsigned i = 0; i < path.count; i++)
		assert(strcmp(again.parts[i], path.parts[i]) == 0);
	path_done(&path);
	path_done(&again);
	text_done(&text);
}

static void read_query(const char *line)
{
	static const char *const known[] = { "state", "group", "name", "label", NULL };
	struct query query = { 0 }, again = { 0 };
	struct filter filter = { 0 };
	struct text text = { 0 };
	unsigned long long number;

	if (query_parse(line, &query) < 0)
		return;
	assert(query.count <= QUERY_MAX);
	(void)query_fault(&query, known, "label");
	for (unsigned i = 0; i < query.count; i++) {
		(void)query_number(query.parameters[i].value, 0, 1000, &number);
		text_append(&text, i ? "&" : "");
		html_append_part(&text, query.parameters[i].key);
		text_append_char(&text, '=');
		html_append_part(&text, query.parameters[i].value);
	}
	assert(query_parse(text_string(&text), &again) == 0);
	assert(again.count == query.count);
	for (unsigned i = 0; i < query.count; i++) {
		assert(strcmp(again.parameters[i].key, query.parameters[i].key) == 0);
		assert(strcmp(again.parameters[i].value, query.parameters[i].value) == 0);
	}
	if (!filter_parse(&query, &filter))
		filter_done(&filter);
	query_done(&query);
	query_done(&again);
	text_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	char *path = fuzz_line(&input, NULL);
	char *query = fuzz_line(&input, NULL);
	char *accept = fuzz_line(&input, NULL);

	read_path(path);
	read_query(query);
	(void)exposition_choose(accept);
	free(path);
	free(query);
	free(accept);
	return 0;
}
