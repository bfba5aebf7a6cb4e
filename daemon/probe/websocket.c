/* websocket.c - probe websocket: the upgrade, a message there and one back.
 *
 *   start -> connect -> [TLS] -> upgrade -> [send] -> [expected message | pong] -> close
 *
 * Source: RFC 6455.
 */
#include <event2/event.h>
#include <event2/event_struct.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "expect/expect.h"
#include "expect/regex.h"
#include "probe/call.h"
#include "probe/escape.h"
#include "probe/frame.h"
#include "probe/probe.h"
#include "probe/probing.h"
#include "probe/websocket.h"
#include "probe/websocket_upgrade.h"

enum {
	ROOM = 64 * 1024,
	CPU_MAX = 20 * 1000, /* us of the loop's thread that matching may take */
	STEPS_MAX = 1000 * 1000, /* of the budget's */
	FRAMES_A_TURN = 256,
	UNSENT_MAX = 4096, /* bytes; behind more than that no pong is put */
};

static const char ping[] = "picket";

/* One check of one server. */
struct websocket_probing {
	struct probing probing; /* the first member */
	const struct websocket_options *options; /* borrowed */
	struct call call;
	char key[FRAME_KEY_LEN + 1];
	struct text in; /* what came and is no whole frame yet, or no whole head */
	struct text message; /* the parts of it that came */
	enum frame_kind kind; /* of the message that is under way */
	struct regex *regex; /* owned; or NULL */
	struct budget budget;
	usec_t paused; /* it, between two matches */
	struct event again; /* pending while frames are left for the next turn */
	bool is_open; /* the upgrade is done */
	bool has_part; /* a message is under way */
	bool is_ended; /* the server's side */
};

static struct observation *seen_of(struct websocket_probing *websocket)
{
	return &websocket->probing.check->observation;
}

static void begin(struct websocket_probing *websocket)
{
	(void)event_del(&websocket->again);
	text_done(&websocket->in);
	text_done(&websocket->message);
	budget_init(&websocket->budget, CPU_MAX, STEPS_MAX);
	websocket->paused = 0;
	websocket->is_open = websocket->has_part = websocket->is_ended = false;
}

static void finish(struct websocket_probing *websocket)
{
	begin(websocket);
	if (!call_start_other(&websocket->call, websocket->probing.check))
		probing_end(&websocket->probing);
}

static void fail(struct websocket_probing *websocket, enum failure_class class,
		 const char *sentence)
{
	call_fail(&websocket->call, class, sentence);
	finish(websocket);
}

static void send_frame(struct websocket_probing *websocket, enum frame_kind kind,
		       const char *payload, size_t len)
{
	unsigned char mask[4];
	struct text frame = { 0 };

	if (RAND_bytes(mask, sizeof(mask)) != 1)
		abort();
	frame_print(&frame, kind, payload, len, mask);
	call_send(&websocket->call, frame.data, frame.len);
	text_done(&frame);
}

/* It is what was wanted: says so to the server, whose answer is not waited for. */
static void succeed(struct websocket_probing *websocket)
{
	send_frame(websocket, FRAME_CLOSE, "\x03\xe8", 2);
	call_end(&websocket->call);
	finish(websocket);
}

/* --- The upgrade ---------------------------------------------------------------------------------- */

static void ask(struct websocket_probing *websocket)
{
	struct text head = { 0 };

	websocket_ask(websocket->options, websocket->key, &head);
	call_send(&websocket->call, head.data, head.len);
	text_done(&head);
}

/* The head is whole: `len` bytes with its empty line.  False where that ended the check. */
static bool take_head(struct websocket_probing *websocket, size_t len)
{
	cleanup(text)
	struct text fault = { 0 };

	websocket_read_head(websocket->in.data, len, websocket->key, seen_of(websocket), &fault);
	if (fault.len > 0)
		fail(websocket, CLASS_malformed_reply, fault.data);
	return fault.len == 0;
}

/* --- Messages ------------------------------------------------------------------------------------- */

static bool wants_message(const struct websocket_probing *websocket)
{
	const struct endpoint *endpoint = websocket->probing.check->endpoint;

	return websocket->options->expect || program_reads_body(endpoint->expect) ||
	       program_reads_body(endpoint->warn);
}

static void open_up(struct websocket_probing *websocket)
{
	struct text bytes = { 0 };

	websocket->is_open = true;
	if (websocket->options->send) {
		(void)escape_print(websocket->options->send, NULL, &bytes);
		send_frame(websocket,
			   utf8_is_valid(text_string(&bytes), bytes.len) ? FRAME_TEXT
									 : FRAME_BINARY,
			   text_string(&bytes), bytes.len);
		text_done(&bytes);
	}
	/* An answer that everybody has to give. */
	if (!wants_message(websocket))
		send_frame(websocket, FRAME_PING, ping, strlen(ping));
}

/* False where that ended the check. */
static bool take_message(struct websocket_probing *websocket)
{
	struct observation *seen = seen_of(websocket);
	int r = 1;

	if (websocket->kind == FRAME_TEXT &&
	    !utf8_is_valid(text_string(&websocket->message), websocket->message.len)) {
		fail(websocket, CLASS_malformed_reply, "% sent a text that is not UTF-8");
		return false;
	}
	if (!wants_message(websocket))
		return true;
	text_clear(&seen->body);
	text_append_len(&seen->body, text_string(&websocket->message), websocket->message.len);
	if (websocket->regex) {
		budget_resume(&websocket->budget, websocket->paused);
		r = regex_match(websocket->regex, text_string(&seen->body), seen->body.len,
				&websocket->budget);
		websocket->paused = budget_pause(&websocket->budget);
	}
	if (r == 0)
		return true;
	if (r == 1)
		succeed(websocket);
	else
		fail(websocket, CLASS_expectation_limit,
		     "matching what % sent ran out of its budget");
	return false;
}

/* A part of a message, or a whole one; false where that ended the check. */
static bool take_data(struct websocket_probing *websocket, const struct frame *frame)
{
	const size_t max = websocket->probing.check->limits->body_bytes;

	if ((frame->kind == FRAME_MORE) != websocket->has_part) {
		fail(websocket, CLASS_malformed_reply, "% mixed the parts of its messages");
		return false;
	}
	if (frame->kind != FRAME_MORE) {
		websocket->kind = frame->kind;
		text_clear(&websocket->message);
	}
	if (frame->len > max - websocket->message.len) {
		fail(websocket, CLASS_body_too_large,
		     "% sent a message larger than 'limits: body'");
		return false;
	}
	text_append_len(&websocket->message, frame->payload, frame->len);
	websocket->has_part = !frame->is_last;
	return !frame->is_last || take_message(websocket);
}

static void fail_closed(struct websocket_probing *websocket, const struct frame *frame)
{
	const unsigned char *payload = (const unsigned char *)frame->payload;
	struct text sentence = { 0 };

	text_append(&sentence, "% closed the WebSocket");
	if (frame->len >= 2)
		text_print(&sentence, " with code %u", payload[0] << 8 | payload[1]);
	if (frame->len > 2) {
		text_append(&sentence, ", '");
		text_append_escaped(&sentence, frame->payload + 2, frame->len - 2);
		text_append(&sentence, "'");
	}
	fail(websocket, CLASS_partial_body, sentence.data);
	text_done(&sentence);
}

/* False where that ended the check. */
static bool take_frame(struct websocket_probing *websocket, const struct frame *frame)
{
	switch (frame->kind) {
	case FRAME_PING:
		/* A server that only sends would have us keep all that it does not read; of
		 * many pings the latest is the one that wants an answer (RFC 6455, 5.5.3).
		 */
		if (call_unsent(&websocket->call) <= UNSENT_MAX)
			send_frame(websocket, FRAME_PONG, frame->payload, frame->len);
		return true;
	case FRAME_PONG:
		if (wants_message(websocket) || frame->len != strlen(ping) ||
		    memcmp(frame->payload, ping, frame->len) != 0)
			return true;
		succeed(websocket);
		return false;
	case FRAME_CLOSE:
		fail_closed(websocket, frame);
		return false;
	case FRAME_MORE:
	case FRAME_TEXT:
	case FRAME_BINARY:
		break;
	}
	return take_data(websocket, frame);
}

static void drop(struct text *text, size_t len)
{
	if (len == 0)
		return;
	memmove(text->data, text->data + len, text->len - len + 1);
	text->len -= len;
}

/* As many as one turn of the loop may have; false where that ended the check. */
static bool take_frames(struct websocket_probing *websocket)
{
	static const struct timeval at_once = { 0 };
	const size_t max = websocket->probing.check->limits->body_bytes;
	struct frame frame;
	size_t at = 0, used;

	for (unsigned i = 0; i < FRAMES_A_TURN; i++) {
		switch (frame_read(text_string(&websocket->in) + at, websocket->in.len - at, max,
				   &frame, &used)) {
		case FRAME_WAITS:
			drop(&websocket->in, at);
			return true;
		case FRAME_BROKEN:
			fail(websocket, CLASS_malformed_reply,
			     "% sent what is no frame of a WebSocket");
			return false;
		case FRAME_TOO_LARGE:
			fail(websocket, CLASS_body_too_large,
			     "% sent a message larger than 'limits: body'");
			return false;
		case FRAME_WHOLE:
			if (!take_frame(websocket, &frame))
				return false;
			at += used;
		}
	}
	drop(&websocket->in, at);
	(void)event_add(&websocket->again, &at_once);
	return true;
}

/* False where that ended the check. */
static bool received(struct websocket_probing *websocket)
{
	const size_t max = websocket->probing.check->limits->headers_bytes;
	size_t len;
	const char *data = call_received(&websocket->call, &len);
	const char *end;

	/* First what is here: meanwhile it fills the room of the stream, and no more. */
	if (evtimer_pending(&websocket->again, NULL))
		return true;
	/* Bounded: a head by the limit below, a frame by what is read of its length. */
	text_append_len(&websocket->in, data, len);
	call_take(&websocket->call, len);
	if (!websocket->is_open) {
		end = memmem(websocket->in.data, websocket->in.len, "\r\n\r\n", 4);
		len = end ? (size_t)(end - websocket->in.data) + 4 : websocket->in.len;
		if (len > max) {
			fail(websocket, CLASS_headers_too_large,
			     "% sent more headers than 'limits: headers'");
			return false;
		}
		if (!end)
			return true;
		if (!take_head(websocket, len))
			return false;
		drop(&websocket->in, len);
		open_up(websocket);
	}
	return take_frames(websocket);
}

static void fail_ended(struct websocket_probing *websocket)
{
	call_fail_ended(
		&websocket->call, websocket->is_open ? CLASS_partial_body : CLASS_malformed_reply,
		websocket->is_open ? "% closed the connection without closing the WebSocket"
				   : "% closed the connection in the middle of its headers");
	finish(websocket);
}

/* The next turn: the frames that are left, then what came meanwhile. */
static void go_on(evutil_socket_t fd, short what, void *context)
{
	struct websocket_probing *websocket = context;
	size_t len;

	if (!take_frames(websocket) || evtimer_pending(&websocket->again, NULL))
		return;
	(void)call_received(&websocket->call, &len);
	if (len > 0 && !received(websocket))
		return;
	if (websocket->is_ended && !evtimer_pending(&websocket->again, NULL))
		fail_ended(websocket);
}

static void told(struct call *call, enum call_news news, void *context)
{
	struct websocket_probing *websocket = context;

	switch (news) {
	case CALL_CONNECTED:
		if (!websocket->options->is_secure)
			ask(websocket);
		else if (!call_secure(call))
			finish(websocket);
		break;
	case CALL_SECURED:
		ask(websocket);
		break;
	case CALL_RECEIVED:
		(void)received(websocket);
		break;
	case CALL_ENDED:
		websocket->is_ended = true;
		if (!evtimer_pending(&websocket->again, NULL))
			fail_ended(websocket);
		break;
	case CALL_FAILED:
		finish(websocket);
		break;
	}
}

/* --- The probe ------------------------------------------------------------------------------------ */

static void websocket_expire(struct probing *probing)
{
	struct websocket_probing *websocket = (struct websocket_probing *)probing;
	cleanup(text)
	struct text waited_for = { 0 };

	if (websocket->is_open && websocket->options->expect)
		text_print(&waited_for, "no message from %% that matches /%s/",
			   websocket->options->expect);
	else if (websocket->is_open)
		text_append(&waited_for, wants_message(websocket) ? "no message from %"
								  : "no answer to a ping from %");
	call_expire(&websocket->call, probing->check->endpoint->timeout,
		    waited_for.len ? waited_for.data : NULL);
	probing_end(probing);
}

static void websocket_stop(struct probing *probing)
{
	call_done(&((struct websocket_probing *)probing)->call);
}

static void websocket_release(struct probing *probing)
{
	struct websocket_probing *websocket = (struct websocket_probing *)probing;

	websocket_stop(probing);
	begin(websocket);
	if (websocket->regex)
		regex_free(websocket->regex);
	free(probing);
}

static const struct probing_verbs verbs = {
	.expire = websocket_expire,
	.stop = websocket_stop,
	.release = websocket_release,
};

static void websocket_start(struct check *check, struct probe_tools *tools, probe_done *done,
			    void *context)
{
	struct websocket_probing *websocket = MEMORY_NEW(struct websocket_probing);
	const struct websocket_options *options = check->endpoint->options;
	struct regex_fault fault;

	websocket->options = options;
	probing_begin(&websocket->probing, &verbs, check, tools, done, context);
	call_init(&websocket->call, tools, &options->reach, &options->tls, ROOM, told, websocket);
	websocket->call.alpn = options->alpn;
	websocket->call.alpn_len = options->alpn_len;
	if (options->expect && regex_compile(options->expect, strlen(options->expect), 0,
					     &websocket->regex, &fault) < 0)
		abort(); /* it was compiled when the configuration was loaded */
	(void)evtimer_assign(&websocket->again, tools->base, go_on, websocket);
	begin(websocket);
	call_start(&websocket->call, reach_family(&options->reach), &check->observation);
}

static char *websocket_target(const void *object)
{
	return memory_text(((const struct websocket_options *)object)->shown_url);
}

static char *websocket_host(const void *object)
{
	return reach_host(&((const struct websocket_options *)object)->reach);
}

static const struct probe_url urls[] = {
	{ .scheme = "ws", .whole = "url" },
	{ .scheme = "wss", .whole = "url" },
	{ 0 },
};

static bool websocket_shakes_hands(const struct endpoint *endpoint)
{
	const struct websocket_options *websocket = endpoint->options;

	return websocket->is_secure;
}

const struct probe_type probe_websocket = {
	.name = "websocket",
	.about = "Opens a WebSocket, and talks over it.",
	.table = &websocket_table,
	.short_key = "url",
	.urls = urls,
	.subjects = SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_BODY | SUBJECTS_TLS,
	.prepare = websocket_options_prepare,
	.target = websocket_target,
	.host = websocket_host,
	.shakes_hands = websocket_shakes_hands,
	.start = websocket_start,
	.cancel = probing_cancel,
};
