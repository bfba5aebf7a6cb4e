/* reload.c - picketctl reload: the configuration again, and what is wrong with it. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"

static int say_faults(const json_t *json)
{
	const json_t *faults = json_object_get(json_object_get(json, "error"), "faults");
	size_t i;
	json_t *fault;

	json_array_foreach(faults, i, fault)
	{
		cleanup(text)
		struct text shown = { 0 };
		const char *text = json_string_value(fault);

		if (text)
			text_append_escaped(&shown, text, strlen(text));
		(void)fprintf(stderr, "%s\n", text_string(&shown));
	}
	(void)fprintf(stderr,
		      "picketctl: the new configuration is refused; the running one is kept.\n");
	return CTL_REFUSED;
}

static int say_result(int code, const struct text *body)
{
	cleanup(json)
	json_t *json = document_parse(body);
	int r = 0;

	if (ctl_settings()->is_json)
		(void)fputs(text_string(body), stdout);
	if (code == 422)
		r = say_faults(json);
	else if (code != 200)
		r = client_refused(code, body);
	else if (!ctl_settings()->is_json)
		(void)printf("The configuration is loaded; it has %lld endpoints.\n",
			     (long long)json_integer_value(json_object_get(json, "endpoints")));
	return r;
}

int ctl_reload(int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS, { 0 } };
	cleanup(text)
	struct text body = { 0 };
	int option, r, code;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		r = ctl_take_option(option, "reload");
		if (r < 0)
			return -1 - r;
	}
	if (optind < argc) {
		(void)fprintf(stderr, "picketctl: 'reload' takes no arguments.\n");
		return CTL_USAGE;
	}
	r = client_ask("POST", "/v1/reload", &body, &code);
	return r != 0 ? r : say_result(code, &body);
}
