/* watch_plain.c - picketctl watch without a terminal: a line for each change of a state. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/event_line.h"
#include "ctl/paint.h"
#include "ctl/watch.h"

enum { LINE_BYTES = 1024 * 1024 };

static const usec_t retry_first = USEC_PER_SEC, retry_last = 15 * USEC_PER_SEC;

struct plain {
	struct wire *wire; /* owned */
	const struct watch_list *list; /* what is wanted */
	struct event_look look;
	struct text line; /* the beginning of an event */
	long long last; /* number of the last event; nothing is lost while nobody listens */
	bool has_lost; /* and it was said */
	usec_t retry_at, retry_after; /* monotonic; 0: it answers */
	bool is_over;
};

static bool is_wanted(const struct plain *plain, const json_t *event)
{
	return strcmp(document_text(event, "type"), "state") == 0 &&
	       watch_list_wants(plain->list, document_text(event, "endpoint"),
				document_text(event, "group"),
				state_find(document_text(event, "to")));
}

static void take_line(struct plain *plain, const char *line, size_t len)
{
	cleanup(json)
	json_t *event = json_loadb(line, len, 0, NULL);
	cleanup(text)
	struct text out = { 0 };
	const json_int_t seq = json_integer_value(json_object_get(event, "seq"));

	plain->has_lost = false;
	plain->retry_after = retry_first;
	if (seq > plain->last)
		plain->last = seq;
	if (!is_wanted(plain, event) && strcmp(document_text(event, "type"), "gap") != 0)
		return;
	if (ctl_settings()->is_json)
		text_append_len(&out, line, len);
	else
		event_line_print(&out, event, &plain->look);
	if (puts(out.data) == EOF || fflush(stdout) != 0)
		plain->is_over = true;
}

static void take(const char *data, size_t len, void *context)
{
	struct plain *plain = context;
	const char *end;

	while (!plain->is_over && (end = memchr(data, '\n', len))) {
		const size_t part = (size_t)(end - data);

		text_append_len(&plain->line, data, part);
		if (!plain->line.is_cut)
			take_line(plain, text_string(&plain->line), plain->line.len);
		text_clear(&plain->line);
		data += part + 1;
		len -= part + 1;
	}
	text_append_len(&plain->line, data, len);
}

static void ended(int code, const struct text *body, const char *subject, void *context)
{
	struct plain *plain = context;

	(void)code;
	(void)body;
	(void)subject;
	if (!plain->has_lost)
		(void)fprintf(stderr,
			      "picketctl: no picketd answers on '%s' any more; trying again.\n",
			      ctl_settings()->socket);
	plain->has_lost = true;
	text_clear(&plain->line);
	plain->retry_at = clock_now() + plain->retry_after;
	plain->retry_after *= 2;
	if (plain->retry_after > retry_last)
		plain->retry_after = retry_last;
}

static void follow(struct plain *plain)
{
	cleanup(text)
	struct text path = { 0 };

	plain->retry_at = 0;
	text_append(&path, "/v1/events?type=state");
	if (plain->last)
		text_print(&path, "&since=%lld", plain->last);
	wire_follow(plain->wire, path.data, take, ended, plain);
}

int watch_plain(struct watch_list *list)
{
	/* A pipe that nobody reads any more is an error even while nothing is written. */
	struct curl_waitfd output = { .fd = STDOUT_FILENO, .events = 0 };
	struct plain plain = {
		.wire = wire_new(),
		.list = list,
		.look = { paint_has_color(stdout), paint_has_utf8() },
		.line.limit_bytes = LINE_BYTES,
		.retry_after = retry_first,
	};

	follow(&plain);
	while (!plain.is_over) {
		usec_t wait = 60 * USEC_PER_SEC;

		if (plain.retry_at) {
			const usec_t now = clock_now();

			wait = plain.retry_at > now ? plain.retry_at - now : 0;
			if (wait == 0)
				follow(&plain);
		}
		output.revents = 0;
		wire_wait(plain.wire, &output, 1, (int)(wait / USEC_PER_MS) + 1);
		if (output.revents)
			plain.is_over = true;
	}
	wire_free(plain.wire);
	text_done(&plain.line);
	return CTL_OK;
}
