/* jsonpath.c - picketctl jsonpath: the nodes that a query selects. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/input.h"
#include "expect/json.h"
#include "expect/jsonpath/jsonpath.h"
#include "expect/node.h"

/* Nobody else waits for it, so it may take longer than a check. */
#define CPU (10 * USEC_PER_SEC)

/* As deep as a body may be where the configuration does not say otherwise. */
enum { JSON_DEPTH = 64 };

static void cleanup_document(json_t **document)
{
	json_decref(*document);
}

static int read_document(const char *path, json_t **ret_document)
{
	cleanup(text)
	struct text text = { 0 };
	struct json_notes notes;
	const int r = input_read("jsonpath", path, &text);

	if (r != CTL_OK)
		return r;
	if (json_read(text_string(&text), text.len, JSON_DEPTH, ret_document, &notes) == 0)
		return CTL_OK;
	text_clear(&text);
	json_notes_print(&text, &notes);
	(void)fprintf(stderr, "picketctl jsonpath: %s%s.\n", input_name(path), text_string(&text));
	return CTL_NOT_UP;
}

static int print_nodes(const struct jsonpath *query, json_t *document)
{
	cleanup(jsonpath_nodes)
	struct jsonpath_nodes nodes = { 0 };
	cleanup(text)
	struct text text = { 0 };
	/* What a terminal could take for more than text is escaped. */
	const bool is_ascii = isatty(STDOUT_FILENO);
	struct budget budget;

	budget_init(&budget, CPU, UINT64_MAX);
	if (jsonpath_evaluate(query, document, &budget, &nodes) < 0) {
		(void)fprintf(stderr, "picketctl jsonpath: this takes more than %u s.\n",
			      (unsigned)(CPU / USEC_PER_SEC));
		return CTL_NOT_UP;
	}
	(void)putchar('[');
	for (size_t i = 0; i < nodes.count; i++) {
		if (i > 0)
			text_append_char(&text, ',');
		node_print(&text, nodes.node[i], is_ascii);
		(void)fwrite(text_string(&text), 1, text.len, stdout);
		text_clear(&text);
	}
	(void)puts("]");
	return CTL_OK;
}

int ctl_jsonpath(int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS, { 0 } };
	cleanup(jsonpath)
	struct jsonpath *query = NULL;
	cleanup(document)
	json_t *document = NULL;
	struct jsonpath_fault fault;
	int option, r;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		r = ctl_take_option(option, "jsonpath");
		if (r < 0)
			return -1 - r;
	}
	if (argc - optind < 1 || argc - optind > 2) {
		(void)fprintf(stderr, "picketctl jsonpath: takes a query and perhaps a file, as in "
				      "'$.items[*].name' answer.json.\n");
		return CTL_USAGE;
	}
	if (jsonpath_compile(argv[optind], strlen(argv[optind]), &query, &fault) < 0) {
		input_complain("jsonpath", argv[optind], fault.column, fault.message);
		return CTL_USAGE;
	}
	/* A valid query all the same: it has its nodes, and the reader a hint. */
	if (jsonpath_check_patterns(query, &fault) < 0)
		input_complain("jsonpath", argv[optind], fault.column, fault.message);
	r = read_document(argv[optind + 1], &document);
	return r == CTL_OK ? print_nodes(query, document) : r;
}
