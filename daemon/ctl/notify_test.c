/* notify_test.c - picketctl notify-test: one marked message, and what came of it. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"

int ctl_notify_test(int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS, { 0 } };
	cleanup(text)
	struct text path = { 0 }, body = { 0 }, line = { 0 };
	cleanup(json)
	json_t *answer = NULL;
	bool is_taken;
	int option, code, r;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		r = ctl_take_option(option, "notify-test");
		if (r < 0)
			return -1 - r;
	}
	if (argc - optind != 1) {
		(void)fprintf(stderr, "picketctl: 'notify-test' wants the name of a receiver.\n");
		return CTL_USAGE;
	}
	text_append(&path, "/v1/receivers/");
	client_escape(&path, argv[optind]);
	text_append(&path, "/test");
	r = client_ask("POST", text_string(&path), &body, &code);
	if (r != 0)
		return r;
	if (code != 200)
		return client_refused(code, &body);
	answer = document_parse(&body);
	is_taken = json_is_true(json_object_get(answer, "taken"));
	if (ctl_settings()->is_json) {
		(void)fputs(text_string(&body), stdout);
	} else {
		document_show(&line, answer, "receiver");
		text_append(&line, is_taken ? ": taken (" : ": not taken (");
		document_show(&line, answer, "detail");
		text_append_char(&line, ')');
		(void)puts(line.data);
	}
	return is_taken ? CTL_OK : CTL_NOT_UP;
}
