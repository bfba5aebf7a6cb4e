/* events.c - picketctl events: follow what happens, a line each. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/paint.h"

enum { LINE_MAX_BYTES = 1024 * 1024 };

struct follower {
	struct text line; /* what came of a line that is not complete */
	bool has_color, has_utf8;
};

/* Local time, for people who read along. */
static void print_clock(struct text *out, const json_t *event)
{
	const char *at = document_text(event, "at");
	usec_t wall;
	struct tm parts;
	char text[16] = "--:--:--";
	time_t seconds;

	if (units_time_parse(at, strlen(at), &wall) == 0) {
		seconds = (time_t)(wall / USEC_PER_SEC);
		if (localtime_r(&seconds, &parts))
			(void)strftime(text, sizeof(text), "%H:%M:%S", &parts);
	}
	text_append(out, text);
}

static void print_state_word(struct text *out, const struct follower *follower, const char *word)
{
	const enum state state = state_find(word);

	if (state == STATES)
		text_append_escaped(out, word, strlen(word));
	else
		paint_print(out, paint_state(state, follower->has_utf8), word, follower->has_color);
}

static void print_reason(struct text *out, const json_t *event)
{
	if (!*document_text(event, "class"))
		return;
	text_append(out, "  ");
	document_show_reason(out, event);
}

static void print_verdict(struct text *out, const struct follower *follower, const json_t *event)
{
	const char *word = document_text(event, "verdict");
	enum verdict_kind kind = VERDICT_NONE;

	for (enum verdict_kind each = VERDICT_PASS; each <= VERDICT_FAIL; each++)
		if (strcmp(verdict_name(each), word) == 0)
			kind = each;
	document_show(out, event, "endpoint");
	text_append(out, "  ");
	paint_print(out, paint_verdict(kind, follower->has_utf8), verdict_name(kind),
		    follower->has_color);
	text_append(out, "  ");
	document_show_seconds(out, event, "latency");
	print_reason(out, event);
}

static void print_incident(struct text *out, const json_t *event)
{
	const char *end = document_text(event, "end");

	if (json_is_string(json_object_get(event, "endpoint")))
		document_show(out, event, "endpoint");
	else
		text_append(out, "this host");
	text_append(out, "  incident ");
	document_show(out, event, "id");
	text_append_char(out, ' ');
	document_show(out, event, *end ? "end" : "move");
	print_reason(out, event);
}

static void print_event(struct text *out, const struct follower *follower, const json_t *event)
{
	const char *type = document_text(event, "type");

	print_clock(out, event);
	text_append(out, "  ");
	if (strcmp(type, "verdict") == 0) {
		print_verdict(out, follower, event);
	} else if (strcmp(type, "state") == 0) {
		document_show(out, event, "endpoint");
		text_append(out, "  ");
		print_state_word(out, follower, document_text(event, "from"));
		text_append(out, follower->has_utf8 ? " → " : " -> ");
		print_state_word(out, follower, document_text(event, "to"));
		print_reason(out, event);
	} else if (strcmp(type, "incident") == 0) {
		print_incident(out, event);
	} else if (strcmp(type, "notification") == 0) {
		document_show(out, event, "receiver");
		text_append(out, json_is_true(json_object_get(event, "taken"))
					 ? "  was told  "
					 : "  is not told yet  ");
		document_show(out, event, "detail");
	} else if (strcmp(type, "config") == 0) {
		text_append(out, json_is_true(json_object_get(event, "taken"))
					 ? "the configuration was loaded again"
					 : "a new configuration was refused: ");
		document_show(out, event, "fault");
	} else if (strcmp(type, "gap") == 0) {
		text_print(out, "events %lld to %lld are lost",
			   (long long)json_integer_value(json_object_get(event, "from")),
			   (long long)json_integer_value(json_object_get(event, "to")));
	} else {
		text_append_escaped(out, type, strlen(type));
	}
}

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
	print_event(&out, follower, event);
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
		.has_color = paint_has_color(stdout),
		.has_utf8 = paint_has_utf8(),
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
