/* events.c - picketctl events: follow what happens, a line each. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/event_line.h"
#include "ctl/paint.h"

enum { LINE_MAX_BYTES = 1024 * 1024 };

struct follower {
	struct text line; /* what came of a line that is not complete */
	struct event_look look;
};

static bool take_line(const struct follower *follower, const char *line, size_t len)
{
	cleanup(json)
	json_t *event = NULL;
	cleanup(text)
	struct text out = { 0 };

	if (ctl_settings()->is_json)
		return fwrite(line, 1, len, stdout) == len && putchar('\n') != EOF &&
		       fflush(stdout) == 0;
	event = json_loadb(line, len, 0, NULL);
	if (strcmp(document_text(event, "type"), "alive") == 0)
		return true;
	event_line_print(&out, event, &follower->look);
	return puts(out.data) != EOF && fflush(stdout) == 0;
}

static bool take(const char *data, size_t len, void *context)
{
	struct follower *follower = context;
	const char *end;

	while ((end = memchr(data, '\n', len))) {
		const size_t part = (size_t)(end - data);
		bool goes_on;

		text_append_len(&follower->line, data, part);
		goes_on = take_line(follower, text_string(&follower->line), follower->line.len);
		text_clear(&follower->line);
		if (!goes_on)
			return false;
		data += part + 1;
		len -= part + 1;
	}
	text_append_len(&follower->line, data, len);
	return !follower->line.is_cut;
}

static int follow(const char *path)
{
	struct follower follower = {
		.line.limit_bytes = LINE_MAX_BYTES,
		.look = { paint_has_color(stdout), paint_has_utf8() },
	};
	int r = client_follow(path, take, &follower);

	text_done(&follower.line);
	if (r != 0 || ferror(stdout))
		return r;
	(void)fprintf(stderr, "picketctl: the daemon has ended the stream.\n");
	return CTL_NO_DAEMON;
}

static void add_parameter(struct text *path, const char *key, const char *value)
{
	text_append_char(path, strchr(path->data, '?') ? '&' : '?');
	text_append(path, key);
	text_append_char(path, '=');
	client_escape(path, value);
}

int ctl_events(int argc, char **argv)
{
	static const struct option options[] = { { "since", required_argument, NULL, 'S' },
						 { "type", required_argument, NULL, 't' },
						 CTL_OPTIONS,
						 { 0 } };
	cleanup(text)
	struct text path = { 0 };
	int option, r;

	text_append(&path, "/v1/events");
	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		if (option == 'S') {
			add_parameter(&path, "since", optarg);
		} else if (option == 't') {
			add_parameter(&path, "type", optarg);
		} else {
			r = ctl_take_option(option, "events");
			if (r < 0)
				return -1 - r;
		}
	}
	if (argc - optind > 1) {
		(void)fprintf(stderr, "picketctl: 'events' takes one name or glob.\n");
		return CTL_USAGE;
	}
	if (optind < argc)
		add_parameter(&path, "name", argv[optind]);
	return follow(path.data);
}
