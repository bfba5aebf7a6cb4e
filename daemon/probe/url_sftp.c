/* url_sftp.c - the conversation with an SFTP server, which a process of its own has.
 *
 *   call is connected --its descriptor, the order--> picketd itself, as a child --report--> done
 *
 * Why not here: see sftp_look.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mask.h"
#include "base/text.h"
#include "base/units.h"
#include "loop/child.h"
#include "probe/call.h"
#include "probe/probe.h"
#include "probe/sftp_look.h"
#include "probe/url.h"
#include "probe/url_sftp.h"

enum { ERRORS_BYTES = 1024, EXCERPT_MAX = 200 };

static const enum phase phase_of[SFTP_PHASES] = { PHASE_TLS, PHASE_FIRST_BYTE, PHASE_TRANSFER };

/* The sentence, of which the % is for the peer, and after it what somebody else said. */
static void fail(const struct sftp_talk *talk, enum failure_class class, enum phase phase,
		 const char *sentence, const char *said, size_t said_len)
{
	cleanup(text)
	struct text whole = { 0 }, shown = { .limit_bytes = EXCERPT_MAX };

	mask_append_escaped(&shown, said, said_len, talk->check->endpoint->secrets);
	text_print(&whole, "%s%s", sentence, text_string(&shown));
	call_fail_in(talk->call, class, phase, text_string(&whole));
}

static void fail_late(const struct sftp_talk *talk, enum phase phase)
{
	static const char *const waited[PHASES] = {
		[PHASE_TLS] = "no end of the key exchange with % within ",
		[PHASE_FIRST_BYTE] = "no answer to the login from % within ",
		[PHASE_TRANSFER] = "only a part of the answer from % within ",
	};
	cleanup(text)
	struct text timeout = { 0 };

	units_duration_print(&timeout, talk->check->endpoint->timeout);
	fail(talk, CLASS_timeout, phase, waited[phase], text_string(&timeout), timeout.len);
}

static void fail_locally(const struct sftp_talk *talk, const struct child_result *result)
{
	const char *why = result->detail ? result->detail : strerror(result->error);

	fail(talk, CLASS_local, PHASE_TLS, "nobody could talk to it: ", why, strlen(why));
}

/* It came to its end by itself, which need not be a good one. */
static void note_end(const struct sftp_talk *talk, const struct child_result *result,
		     const struct sftp_report *report, enum phase phase)
{
	const char *words = text_string(&result->errors);
	const size_t len = result->errors.len;

	switch (result->status) {
	case SFTP_DONE:
		call_end(talk->call);
		break;
	case SFTP_REFUSED:
		fail(talk, CLASS_expectation, phase, "% refuses ", words, len);
		break;
	case SFTP_NONSENSE:
		if (report->stranger)
			fail(talk, CLASS_malformed_reply, phase,
			     "what % answered is not SSH: ", report->stranger,
			     report->stranger_len);
		else
			fail(talk, CLASS_malformed_reply, phase,
			     phase == PHASE_TRANSFER ? "what % answered is not SFTP"
						     : "what % answered is not SSH",
			     "", 0);
		break;
	case SFTP_EMPTY:
		fail(talk, CLASS_empty_reply, phase, "% closed the connection without a word", "",
		     0);
		break;
	case SFTP_CLOSED:
		fail(talk, CLASS_partial_body, phase,
		     "% closed the connection in the middle of the conversation", "", 0);
		break;
	case SFTP_RESET:
		fail(talk, CLASS_reset, phase,
		     "% reset the connection in the middle of the conversation", "", 0);
		break;
	case SFTP_DIED:
		fail(talk, CLASS_timeout, phase,
		     "the connection to % died: nothing came back any more", "", 0);
		break;
	case SFTP_OTHER_KEY:
		fail(talk, CLASS_tls_untrusted, phase, "% has another host key: ", words, len);
		break;
	case SFTP_NO_KEYS:
		fail(talk, CLASS_tls_failure, phase, "no keys were exchanged with %: ", words, len);
		break;
	default:
		fail(talk, CLASS_local, phase, "picketd could not talk to it: ", words, len);
	}
}

static void note_body(struct observation *seen, const struct child_result *result,
		      const struct sftp_report *report)
{
	if (!report->body_at)
		return;
	text_append_len(&seen->body, result->output.data + report->body_at,
			result->output.len - report->body_at);
	seen->body_is_cut = report->is_cut;
}

/* What is left of `took` belongs to the phase that was not over. */
static void note_phases(const struct sftp_talk *talk, const struct sftp_report *report, usec_t took)
{
	for (unsigned i = 0; i < report->phases; i++) {
		const usec_t part = report->took[i] < took ? report->took[i] : took;

		call_spent(talk->call, phase_of[i], part);
		took -= part;
	}
}

/* Signals that whoever sent them meant for anybody. */
static bool is_from_here(int signal)
{
	return signal == SIGKILL || signal == SIGTERM || signal == SIGINT;
}

static void note(const struct sftp_talk *talk, const struct child_result *result)
{
	struct sftp_report report;
	usec_t left = result->took;

	sftp_report_read(&result->output, &report);
	note_phases(talk, &report, result->took);
	for (unsigned i = 0; i < report.phases; i++)
		left -= report.took[i] < left ? report.took[i] : left;
	/* A phase that failed is over as well, and the last. */
	const enum phase last = phase_of[report.phases > 0 ? report.phases - 1 : 0];
	const enum phase open =
		phase_of[report.phases < SFTP_PHASES ? report.phases : SFTP_PHASES - 1];

	if (result->outcome == CHILD_EXITED) {
		note_body(&talk->check->observation, result, &report);
		note_end(talk, result, &report, last);
		return;
	}
	if (result->took == 0) {
		fail_locally(talk, result);
		return;
	}
	call_spent(talk->call, open, left);
	if (result->outcome == CHILD_TIMED_OUT && report.stranger && report.phases == 0)
		fail(talk, CLASS_malformed_reply, open,
		     "what % answered is not SSH: ", report.stranger, report.stranger_len);
	else if (result->outcome == CHILD_TIMED_OUT)
		fail_late(talk, open);
	else if (result->outcome == CHILD_SIGNALED && !is_from_here(result->status))
		fail(talk, CLASS_malformed_reply, open,
		     "what % answered is not SSH: it ended the process that read it", "", 0);
	else
		fail(talk, CLASS_local, open, "who talked to it was ended from outside", "", 0);
}

static void looked(struct child_result *result, void *context)
{
	struct sftp_talk *talk = context;

	talk->child = NULL;
	note(talk, result);
	talk->done(talk->context);
}

void sftp_talk_start(struct sftp_talk *talk)
{
	static const char *const environment[] = { NULL };
	const struct url_options *options = talk->options;
	const size_t limit_bytes = talk->check->limits->body_bytes;
	const int fd = call_release(talk->call);
	struct sftp_order order = {
		.user = options->user,
		.password = options->password,
		.path = options->path,
	};
	cleanup(text)
	struct text input = { 0 };
	char limit[24];
	const char *const argv[] = { "/proc/self/exe", SFTP_LOOK_WORD, limit, NULL };

	while (options->host_key && options->host_key[order.keys_count]) {
		order.keys[order.keys_count] = options->host_key[order.keys_count];
		order.keys_count++;
	}
	sftp_order_write(&order, &input);
	(void)snprintf(limit, sizeof(limit), "%zu", limit_bytes);
	const struct child_request request = {
		.argv = argv,
		.environment = environment,
		.input = input.data,
		.input_len = input.len,
		.descriptor = &fd,
		.output_bytes = SFTP_REPORT_HEAD_MAX + limit_bytes,
		.errors_bytes = ERRORS_BYTES,
		.deadline = talk->check->deadline,
		.token = talk->check->endpoint->hash,
	};

	talk->child = child_start(((struct probe_tools *)talk->call->tools)->children, &request,
				  looked, talk);
	(void)close(fd);
	explicit_bzero(input.data, input.len);
}

void sftp_talk_stop(struct sftp_talk *talk)
{
	if (talk->child)
		child_cancel(talk->child);
	talk->child = NULL;
}
