/* version.c - picketctl version: of both programs. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"

int ctl_version(int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS, { 0 } };
	cleanup(text)
	struct text body = { 0 };
	cleanup(text)
	struct text version = { 0 };
	cleanup(json)
	json_t *json = NULL;
	int option, r;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		r = ctl_take_option(option, "version");
		if (r < 0)
			return -1 - r;
	}
	if (!ctl_settings()->is_json)
		(void)puts("picketctl " PICKET_VERSION);
	r = client_get("/v1/status", &body);
	if (r != 0)
		return r;
	json = document_parse(&body);
	if (ctl_settings()->is_json) {
		const char *theirs = document_text(json, "version");

		text_append(&version, "{\"picketctl\":\"" PICKET_VERSION "\",\"picketd\":");
		text_append_json(&version, theirs, strlen(theirs));
		text_append_char(&version, '}');
	} else {
		text_append(&version, "picketd ");
		document_show(&version, json, "version");
	}
	(void)puts(version.data);
	return 0;
}
