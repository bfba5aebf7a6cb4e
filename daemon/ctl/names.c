/* names.c - from names and globs to the endpoints that are meant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/names.h"

enum { PAGE = 1000 };

void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i]);
	free(names->names);
}

static int take_page(const char *path, void (*take)(json_t *, void *), void *context,
		     char **ret_next)
{
	cleanup(text)
	struct text body = { 0 };
	cleanup(json)
	json_t *json = NULL;
	const json_t *endpoints, *next;
	size_t i;
	json_t *endpoint;
	int r = client_get(path, &body);

	if (r != 0)
		return r;
	json = document_parse(&body);
	endpoints = json_object_get(json, "endpoints");
	if (!json_is_array(endpoints)) {
		(void)fprintf(stderr, "picketctl: the answer is no list of endpoints; "
				      "is it picketd that listens there?\n");
		return CTL_NO_DAEMON;
	}
	json_array_foreach(endpoints, i, endpoint) take(endpoint, context);
	next = json_object_get(json, "next");
	*ret_next = json_is_string(next) ? memory_text(json_string_value(next)) : NULL;
	return 0;
}

int names_each(const char *path, void (*take)(json_t *endpoint, void *context), void *context)
{
	cleanup(free)
	char *after = NULL;
	int r;

	do {
		cleanup(text)
		struct text page = { 0 };

		text_print(&page, "%s%climit=%d", path, strchr(path, '?') ? '&' : '?', PAGE);
		if (after) {
			text_append(&page, "&after=");
			client_escape(&page, after);
			free(TAKE(after));
		}
		r = take_page(page.data, take, context, &after);
	} while (r == 0 && after);
	return r;
}

static void take_name(json_t *endpoint, void *context)
{
	struct names *names = context;

	if (names->count == names->room) {
		names->room = memory_next_room(names->room, names->count + 1);
		names->names = memory_grow(names->names, names->room, sizeof(*names->names));
	}
	names->names[names->count++] = memory_text(document_text(endpoint, "name"));
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_names(struct names *names)
{
	size_t kept = 0;

	if (names->count > 0)
		qsort(names->names, names->count, sizeof(*names->names), compare_names);
	for (size_t i = 0; i < names->count; i++) {
		if (kept > 0 && strcmp(names->names[kept - 1], names->names[i]) == 0)
			free(names->names[i]);
		else
			names->names[kept++] = names->names[i];
	}
	names->count = kept;
}

int names_find(struct names *names, char **patterns, int count)
{
	for (int i = 0; i < count; i++) {
		cleanup(text)
		struct text path = { 0 };
		const size_t before = names->count;
		int r;

		text_append(&path, "/v1/endpoints?name=");
		client_escape(&path, patterns[i]);
		r = names_each(path.data, take_name, names);
		if (r != 0)
			return r;
		if (names->count > before)
			continue;
		(void)fprintf(stderr, "picketctl: no endpoint is called '%s'.\n", patterns[i]);
		names->is_missing = true;
	}
	sort_names(names);
	return 0;
}

int ctl_names(int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS, { 0 } };
	static char every[] = "*";
	char *just_every[] = { every };
	struct names names = { 0 };
	int option, r;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		r = ctl_take_option(option, "names");
		if (r < 0)
			return -1 - r;
	}
	r = optind < argc ? names_find(&names, argv + optind, argc - optind)
			  : names_find(&names, just_every, 1);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		cleanup(text)
		struct text line = { 0 };

		text_append_escaped(&line, names.names[i], strlen(names.names[i]));
		(void)puts(text_string(&line));
	}
	if (r == 0 && names.is_missing)
		r = CTL_NOT_UP;
	names_done(&names);
	return r;
}
