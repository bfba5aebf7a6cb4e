/* beat.c - picketctl beat: a job says that it has begun, is done, or has failed. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/utf8.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "model/pulse.h"

struct beat {
	const char *status, *message;
};

/* A beat must not be lost because of bytes that are no text, or of too many. */
static void append_message(struct text *path, const char *message)
{
	size_t left = strlen(message);
	cleanup(text)
	struct text clean = { 0 };

	while (left > 0 && clean.len < PULSE_MESSAGE_BYTES) {
		uint32_t code;
		const size_t len = utf8_next(message, left, &code);

		text_append_len(&clean, len ? message : "?", len ? len : 1);
		message += len ? len : 1;
		left -= len ? len : 1;
	}
	text_append(path, "&message=");
	client_escape(path, text_string(&clean));
}

static int send_beat(const char *name, const struct beat *beat)
{
	cleanup(text)
	struct text path = { 0 }, body = { 0 };
	int code, r;

	text_append(&path, "/v1/heartbeats/");
	client_escape(&path, name);
	text_print(&path, "?status=%s", beat->status);
	if (beat->message)
		append_message(&path, beat->message);
	r = client_ask("POST", text_string(&path), &body, &code);
	if (r != 0)
		return r;
	return code == 204 ? CTL_OK : client_refused(code, &body);
}

int ctl_beat(int argc, char **argv)
{
	static const struct option options[] = { { "start", no_argument, NULL, 'b' },
						 { "fail", no_argument, NULL, 'f' },
						 { "message", required_argument, NULL, 'm' },
						 CTL_OPTIONS,
						 { 0 } };
	struct beat beat = { .status = "ok" };
	int option, r;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		if (option == 'b') {
			beat.status = "start";
		} else if (option == 'f') {
			beat.status = "fail";
		} else if (option == 'm') {
			beat.message = optarg;
		} else {
			r = ctl_take_option(option, "beat");
			if (r < 0)
				return -1 - r;
		}
	}
	if (argc - optind != 1) {
		(void)fprintf(stderr, "picketctl: 'beat' wants the name of a heartbeat.\n");
		return CTL_USAGE;
	}
	return send_beat(argv[optind], &beat);
}
