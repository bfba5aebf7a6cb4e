/* RFC 9535, section by section: rfc9535.txt says what is asked and what the answers are. */
#include <stdio.h>
#include <stdlib.h>

#include "ask.h"
#include "base/cleanup.h"
#include "base/text.h"

enum { QUERIES_VALID_MIN = 300, QUERIES_INVALID_MIN = 200, RESULTS_MAX = 8, PATHS_MAX = 16 };

/* One query with what may come of it. */
struct row {
	unsigned line; /* of the file */
	char *query; /* owned; NULL: none yet */
	size_t column; /* of the fault; 0: it is valid */
	const char *truth; /* borrowed; of ?EXPRESSION, else NULL */
	const char *results[RESULTS_MAX]; /* borrowed */
	size_t results_count;
	const char *paths[PATHS_MAX]; /* borrowed */
	size_t paths_count;
};

static unsigned valid, invalid;

/* Stand-ins for what would not be seen. */
static char *spell_out(const char *query)
{
	static const struct {
		const char *sign;
		char meant;
	} signs[] = { { "␠", ' ' }, { "␉", '\t' }, { "␊", '\n' }, { "␍", '\r' }, { "␇", 7 } };
	struct text text = { 0 };

	while (*query) {
		size_t i = 0;

		while (i < 5 && strncmp(query, signs[i].sign, strlen(signs[i].sign)) != 0)
			i++;
		text_append_char(&text, i < 5 ? signs[i].meant : *query);
		query += i < 5 ? strlen(signs[i].sign) : 1;
	}
	return text_take(&text);
}

static void ask_invalid(const struct row *row)
{
	const char *said = ask_fault(row->query, strlen(row->query));

	if ((size_t)strtoul(said, NULL, 10) != row->column)
		fail_msg("line %u: %s: %s; not in column %zu", row->line, row->query, said,
			 row->column);
	invalid++;
}

static void ask_truth(const struct row *row, json_t *document)
{
	char *query = memory_print("$[%s]", row->query);
	json_t *found = ask(query, document);
	const size_t children =
		json_is_array(document) ? json_array_size(document) : json_object_size(document);

	assert_true(children > 0);
	if (json_array_size(found) != (strcmp(row->truth, "true") == 0 ? children : 0))
		fail_msg("line %u: %s is not %s", row->line, row->query, row->truth);
	json_decref(found);
	free(query);
}

/* Each normalised path leads to one node, in the order of the first result. */
static void ask_paths(const struct row *row, json_t *document)
{
	json_t *wanted = ask_document(row->results[0]);

	assert_int_equal(row->paths_count, json_array_size(wanted));
	for (size_t i = 0; i < row->paths_count; i++) {
		json_t *found = ask(row->paths[i], document);

		if (json_array_size(found) != 1 ||
		    !json_equal(json_array_get(found, 0), json_array_get(wanted, i)))
			fail_msg("line %u: %s leads elsewhere", row->line, row->paths[i]);
		json_decref(found);
	}
	json_decref(wanted);
}

static void ask_valid(const struct row *row, json_t *document)
{
	json_t *found = ask(row->query, document);
	bool is_one = false;

	for (size_t i = 0; i < row->results_count; i++) {
		json_t *wanted = ask_document(row->results[i]);

		is_one |= json_equal(found, wanted);
		json_decref(wanted);
	}
	if (!is_one)
		fail_msg("line %u: %s gives %s", row->line, row->query,
			 json_dumps(found, JSON_COMPACT));
	if (row->paths_count > 0)
		ask_paths(row, document);
	json_decref(found);
}

static void ask_row(struct row *row, json_t *document)
{
	if (!row->query)
		return;
	if (row->column == 0 && !row->truth && row->results_count == 0)
		fail_msg("line %u: nothing is wanted of %s", row->line, row->query);
	if (row->column)
		ask_invalid(row);
	else if (row->truth)
		ask_truth(row, document);
	else
		ask_valid(row, document);
	valid += !row->column;
	free(row->query);
	*row = (struct row){ 0 };
}

static void take_outcome(struct row *row, const char *outcome)
{
	if (sscanf(outcome, "column %zu", &row->column) == 1)
		return;
	if (outcome[0] == '[' && row->results_count < RESULTS_MAX)
		row->results[row->results_count++] = outcome;
	else if (outcome[0] == '$' && row->paths_count < PATHS_MAX)
		row->paths[row->paths_count++] = outcome;
	else if (strcmp(outcome, "true") == 0 || strcmp(outcome, "false") == 0)
		row->truth = outcome;
	else
		fail_msg("line %u: what is '%s'?", row->line, outcome);
}

static char *read_rows(const char *path)
{
	FILE *file = fopen(path, "re");
	struct text text = { 0 };
	char buffer[4096];
	size_t len;

	assert_non_null(file);
	while ((len = fread(buffer, 1, sizeof(buffer), file)) > 0)
		text_append_len(&text, buffer, len);
	(void)fclose(file);
	return text_take(&text);
}

static void every_row_is_answered_as_the_rfc_says(void **state)
{
	char *rows = read_rows(RFC9535_ROWS), *rest = rows, *line;
	json_t *document = NULL;
	struct row row = { 0 };
	unsigned number = 0;

	while ((line = strsep(&rest, "\n"))) {
		number++;
		if (line[0] == '\t') {
			take_outcome(&row, line + 1);
			continue;
		}
		ask_row(&row, document);
		if (strncmp(line, "document: ", 10) == 0) {
			if (document)
				json_decref(document);
			document = ask_document(line + 10);
		} else if (line[0] && line[0] != '#' && strncmp(line, "== ", 3) != 0) {
			row.line = number;
			row.query = spell_out(line);
		}
	}
	ask_row(&row, document);
	json_decref(document);
	free(rows);
	print_message("%u queries of RFC 9535: %u valid, %u invalid\n", valid + invalid, valid,
		      invalid);
	assert_true(valid >= QUERIES_VALID_MIN && invalid >= QUERIES_INVALID_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_answered_as_the_rfc_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
