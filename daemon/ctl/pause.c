/* pause.c - picketctl pause and picketctl resume: no more checks, or checks again. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/names.h"

static void answered(size_t index, int code, const struct text *body, void *context)
{
	int *worst = context;
	cleanup(json)
	json_t *json = NULL;
	cleanup(text)
	struct text line = { 0 };

	(void)index;
	if (code != 200) {
		*worst = client_refused(code, body);
		return;
	}
	if (ctl_settings()->is_json) {
		(void)fputs(text_string(body), stdout);
		return;
	}
	json = document_parse(body);
	document_show(&line, json, "name");
	text_append(&line, ": is ");
	document_show(&line, json, "state");
	(void)puts(line.data);
}

static int ask_all(const struct names *names, const char *verb)
{
	char **paths = memory_new(names->count, sizeof(*paths));
	int worst = CTL_OK, r;

	for (size_t i = 0; i < names->count; i++) {
		struct text path = { 0 };

		text_append(&path, "/v1/endpoints/");
		client_escape(&path, names->names[i]);
		text_print(&path, "/%s", verb);
		paths[i] = text_take(&path);
	}
	r = client_post_all(paths, names->count, answered, &worst);
	for (size_t i = 0; i < names->count; i++)
		free(paths[i]);
	free(paths);
	return r != 0 ? r : worst;
}

static int run(int argc, char **argv, const char *verb)
{
	static const struct option options[] = { CTL_OPTIONS, { 0 } };
	struct names names = { 0 };
	int option, r;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		r = ctl_take_option(option, verb);
		if (r < 0)
			return -1 - r;
	}
	if (optind == argc) {
		(void)fprintf(stderr, "picketctl: '%s' wants the name of an endpoint.\n", verb);
		return CTL_USAGE;
	}
	r = names_find(&names, argv + optind, argc - optind);
	if (r == 0)
		r = ask_all(&names, verb);
	if (r == 0 && names.is_missing)
		r = CTL_NOT_UP;
	names_done(&names);
	return r;
}

int ctl_pause(int argc, char **argv)
{
	return run(argc, argv, "pause");
}

int ctl_resume(int argc, char **argv)
{
	return run(argc, argv, "resume");
}
