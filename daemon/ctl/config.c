/* config.c - picketctl config: what holds, and where it was written. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/config.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/names.h"

enum { DEPTH_MAX = 8, VALUE_COLUMN = 40 };

/* {"value":…,"from":"FILE:LINE"} */
static bool is_leaf(const json_t *json)
{
	return json_object_get(json, "value") && json_is_string(json_object_get(json, "from"));
}

static void print_value(struct text *text, const json_t *value)
{
	if (json_is_string(value)) {
		text_append_escaped(text, json_string_value(value), json_string_length(value));
	} else {
		char *dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));

		if (dumped)
			text_append_escaped(text, dumped, strlen(dumped));
		free(dumped);
	}
}

static void pad(struct text *text, size_t start)
{
	do
		text_append_char(text, ' ');
	while (text->len - start < VALUE_COLUMN);
}

static void print_key(struct text *text, const char *key, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		text_append(text, "  ");
	if (key)
		text_append_escaped(text, key, strlen(key));
	text_append(text, key ? ":" : "-");
}

static void print_node(struct text *text, const char *key, json_t *json, unsigned depth)
{
	const size_t start = text->len;
	const char *name;
	size_t i;
	json_t *child;

	print_key(text, key, depth);
	if (is_leaf(json)) {
		text_append_char(text, ' ');
		print_value(text, json_object_get(json, "value"));
		pad(text, start);
		text_append(text, "# ");
		document_show(text, json, "from");
		text_append_char(text, '\n');
	} else if (json_is_object(json) && depth < DEPTH_MAX) {
		text_append_char(text, '\n');
		json_object_foreach(json, name, child) print_node(text, name, child, depth + 1);
	} else if (json_is_array(json) && depth < DEPTH_MAX) {
		text_append_char(text, '\n');
		json_array_foreach(json, i, child) print_node(text, NULL, child, depth + 1);
	} else {
		text_append_char(text, ' ');
		print_value(text, json);
		text_append_char(text, '\n');
	}
}

void config_print(struct text *text, json_t *config, unsigned depth)
{
	const char *name;
	json_t *child;

	json_object_foreach(config, name, child) print_node(text, name, child, depth);
}

static void show_endpoint(json_t *endpoint, void *context)
{
	cleanup(text)
	struct text text = { 0 };
	unsigned *count = context;

	if ((*count)++ == 0)
		text_append(&text, "endpoints:\n");
	text_append(&text, "  ");
	document_show(&text, endpoint, "name");
	text_append(&text, ":\n");
	config_print(&text, json_object_get(endpoint, "config"), 2);
	(void)fputs(text.data, stdout);
}

static int show_picket(void)
{
	cleanup(text)
	struct text body = { 0 };
	cleanup(text)
	struct text text = { 0 };
	cleanup(json)
	json_t *json = NULL;
	int r = client_get("/v1/config?limit=1", &body);

	if (r != 0)
		return r;
	json = document_parse(&body);
	config_print(&text, json_object_get(json, "config"), 0);
	(void)fputs(text_string(&text), stdout);
	return 0;
}

static bool copy(const char *data, size_t len, void *context)
{
	(void)context;
	return fwrite(data, 1, len, stdout) == len;
}

static int show(const char *pattern)
{
	cleanup(text)
	struct text path = { 0 };
	unsigned count = 0;
	int r;

	text_append(&path, "/v1/config");
	if (pattern) {
		text_append(&path, "?name=");
		client_escape(&path, pattern);
	}
	if (ctl_settings()->is_json)
		return client_follow(path.data, copy, NULL);
	r = pattern ? 0 : show_picket();
	if (r == 0)
		r = names_each(path.data, show_endpoint, &count);
	if (r == 0 && pattern && count == 0) {
		(void)fprintf(stderr, "picketctl: no endpoint is called '%s'.\n", pattern);
		return CTL_NOT_UP;
	}
	return r;
}

int ctl_config(int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS, { 0 } };
	int option, r;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		r = ctl_take_option(option, "config");
		if (r < 0)
			return -1 - r;
	}
	if (argc - optind > 1) {
		(void)fprintf(stderr, "picketctl: 'config' takes one name or glob.\n");
		return CTL_USAGE;
	}
	return show(optind < argc ? argv[optind] : NULL);
}
