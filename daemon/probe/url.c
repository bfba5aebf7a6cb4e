/* url.c - probe url: logs in to servers of mail, files and messages, and looks or lists.
 *
 *   start -> connect -> [TLS at once, or starttls] -> step: say, read the answer … -> goodbye
 *
 * Each protocol is a list of steps (url_script.c), or packets (url_mqtt.c); libcurl would do
 * the same with a resolver of its own, and without telling when what happened.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mask.h"
#include "base/memory.h"
#include "base/text.h"
#include "expect/expect.h"
#include "probe/call.h"
#include "probe/probe.h"
#include "probe/probing.h"
#include "probe/upgrade.h"
#include "probe/url.h"
#include "probe/url_sftp.h"

enum {
	ROOM = 64 * 1024, /* the longest line or packet */
	EXCERPT_MAX = 120, /* bytes of an answer in a reason */
};

/* One check of one server. */
struct url_probing {
	struct probing probing; /* the first member */
	const struct url_options *options; /* borrowed */
	struct call call;
	struct starttls starttls;
	unsigned step;
	enum mqtt_step packet;
	struct url_answer answer;
	struct sftp_talk sftp;
	bool is_talking; /* after TLS, where there is any */
	bool is_leaving; /* all is said but goodbye */
};

static void begin(struct url_probing *url)
{
	url->starttls = (struct starttls){
		.protocol = url->options->starttls,
		.host = url->options->reach.host,
	};
	url->step = 0;
	url->packet = MQTT_CONNECT;
	url->answer = (struct url_answer){ 0 };
	url->is_talking = url->is_leaving = false;
}

/* The call is over, and the observation says how. */
static void finish(struct url_probing *url)
{
	begin(url);
	if (!call_start_other(&url->call, url->probing.check))
		probing_end(&url->probing);
}

static void add_body(struct url_probing *url, const char *data, size_t len)
{
	struct observation *seen = &url->probing.check->observation;

	seen->body.limit_bytes = url->probing.check->limits->body_bytes;
	text_append_len(&seen->body, data, len);
	seen->body_is_cut = seen->body_is_cut || seen->body.is_cut;
}

static void leave(struct url_probing *url)
{
	cleanup(text)
	struct text say = { 0 };

	if (url->options->protocol == URL_MQTT)
		mqtt_say(&say, MQTT_OVER, url->options);
	else
		text_append(&say, url_farewell(url->options->protocol));
	url->is_leaving = true;
	call_send(&url->call, say.data, say.len);
	(void)call_unsent(&url->call);
	/* MQTT has no answer to that. */
	if (url->options->protocol == URL_MQTT) {
		call_end(&url->call);
		finish(url);
		return;
	}
	call_farewell(&url->call);
}

static void fail_nonsense(struct url_probing *url)
{
	cleanup(text)
	struct text sentence = { 0 };

	text_print(&sentence, "what %% answered is not %s",
		   url_protocol_name(url->options->protocol));
	call_fail(&url->call, CLASS_malformed_reply, text_string(&sentence));
	finish(url);
}

/* "% refuses the login: 535 Incorrect authentication data": the % is for the peer. */
static void fail_refused(struct url_probing *url, const char *what, const char *said, size_t len)
{
	cleanup(text)
	struct text sentence = { 0 }, shown = { .limit_bytes = EXCERPT_MAX };

	mask_append_escaped(&shown, said, len, url->probing.check->endpoint->secrets);
	text_print(&sentence, "%% refuses %s: %s", what, text_string(&shown));
	call_fail(&url->call, CLASS_expectation, text_string(&sentence));
	finish(url);
}

/* --- Lines ------------------------------------------------------------------------------------- */

static void say_line(struct url_probing *url)
{
	const struct url_step *step = &url->options->steps[url->step];

	url->answer = (struct url_answer){ 0 };
	if (step->say)
		call_send(&url->call, step->say, strlen(step->say));
}

/* Whether the script goes on. */
static bool next_line(struct url_probing *url, const char *line, size_t len)
{
	const char *skips = url->options->steps[url->step].skips;

	url->step += skips && len >= strlen(skips) && memcmp(line, skips, strlen(skips)) == 0;
	if (++url->step < url->options->steps_count) {
		say_line(url);
		return true;
	}
	leave(url);
	return false;
}

/* One line of an answer, which is taken after that; whether there may be another. */
static bool take_line(struct url_probing *url, const char *line, size_t len)
{
	const struct url_step *step = &url->options->steps[url->step];
	const size_t text = len > 0 && line[len - 1] == '\r' ? len - 1 : len;
	const enum url_line what =
		url_read(url->options->protocol, url->step, step, line, text, &url->answer);

	if (step->is_asked) {
		add_body(url, line, text);
		add_body(url, "\n", 1);
	}
	if (what == URL_MORE)
		return true;
	if (what == URL_GOOD)
		return next_line(url, line, text);
	if (what == URL_BAD)
		fail_refused(url, step->what, line, text);
	else
		fail_nonsense(url);
	return false;
}

static void take_lines(struct url_probing *url)
{
	for (;;) {
		size_t len;
		const char *data = call_received(&url->call, &len);
		const char *end = len ? memchr(data, '\n', len) : NULL;
		cleanup(free)
		char *line = end ? memory_text_len(data, (size_t)(end - data)) : NULL;

		if (!end && len >= ROOM) {
			fail_nonsense(url);
			return;
		}
		if (!end)
			return;
		call_take(&url->call, (size_t)(end - data) + 1);
		if (!take_line(url, line, strlen(line)))
			return;
	}
}

/* --- Packets ----------------------------------------------------------------------------------- */

static void say_packet(struct url_probing *url, enum mqtt_step packet)
{
	cleanup(text)
	struct text say = { 0 };

	url->packet = packet;
	mqtt_say(&say, packet, url->options);
	if (say.len)
		call_send(&url->call, say.data, say.len);
}

/* Whether there may be another. */
static bool next_packet(struct url_probing *url, const char *body, size_t len)
{
	static const char nothing[] = "";

	if (url->packet == MQTT_CONNECT) {
		say_packet(url, url->options->topic ? MQTT_SUBSCRIBE : MQTT_PING);
		return true;
	}
	if (url->packet == MQTT_SUBSCRIBE && !body) {
		say_packet(url, MQTT_MESSAGE);
		return true;
	}
	add_body(url, body ? body : nothing, len);
	leave(url);
	return false;
}

static void take_packets(struct url_probing *url)
{
	static const char *const whats[] = {
		[MQTT_CONNECT] = "the login",
		[MQTT_PING] = "a ping",
		[MQTT_SUBSCRIBE] = "a subscription",
		[MQTT_MESSAGE] = "a message",
		[MQTT_OVER] = "anything",
	};

	for (;;) {
		size_t len, body_len = 0;
		const char *data = call_received(&url->call, &len), *body, *refusal = "";
		const long size = mqtt_packet((const unsigned char *)data, len);
		cleanup(free)
		char *packet = size > 0 ? memory_copy(data, (size_t)size) : NULL;
		enum url_line what;

		if (size < 0 || (size == 0 && len >= ROOM)) {
			fail_nonsense(url);
			return;
		}
		if (size == 0)
			return;
		call_take(&url->call, (size_t)size);
		what = mqtt_read(url->packet, (const unsigned char *)packet, (size_t)size, &refusal,
				 &body, &body_len);
		if (what == URL_BAD)
			fail_refused(url, whats[url->packet], refusal, strlen(refusal));
		else if (what == URL_NONSENSE)
			fail_nonsense(url);
		if (what == URL_BAD || what == URL_NONSENSE)
			return;
		if (what == URL_GOOD && !next_packet(url, body, body_len))
			return;
	}
}

/* --- The call ---------------------------------------------------------------------------------- */

static void take(struct url_probing *url)
{
	if (url->options->protocol == URL_MQTT)
		take_packets(url);
	else
		take_lines(url);
}

static void talk(struct url_probing *url)
{
	url->is_talking = true;
	if (url->options->protocol == URL_MQTT)
		say_packet(url, MQTT_CONNECT);
	else
		say_line(url);
}

static void upgrade(struct url_probing *url)
{
	if (upgrade_step(&url->call, &url->starttls) == UPGRADE_FAILED)
		finish(url);
}

static void looked_by_sftp(void *context)
{
	finish(context);
}

static void connected(struct url_probing *url)
{
	if (url->options->protocol == URL_SFTP) {
		url->sftp = (struct sftp_talk){
			.options = url->options,
			.call = &url->call,
			.check = url->probing.check,
			.done = looked_by_sftp,
			.context = url,
		};
		sftp_talk_start(&url->sftp);
	} else if (url->options->is_tls_at_once) {
		if (!call_secure(&url->call))
			finish(url);
	} else if (url->options->starttls) {
		upgrade(url);
	} else {
		talk(url);
	}
}

static void ended(struct url_probing *url)
{
	if (url->is_leaving)
		call_end(&url->call);
	else
		call_fail_ended(&url->call, CLASS_partial_body,
				"% closed the connection in the middle of the conversation");
	finish(url);
}

static void received(struct url_probing *url)
{
	if (url->is_leaving) {
		call_end(&url->call);
		finish(url);
	} else if (url->is_talking) {
		take(url);
	} else {
		upgrade(url);
	}
}

static void told(struct call *call, enum call_news news, void *context)
{
	struct url_probing *url = context;

	(void)call;
	switch (news) {
	case CALL_CONNECTED:
		connected(url);
		break;
	case CALL_SECURED:
		talk(url);
		break;
	case CALL_RECEIVED:
		received(url);
		break;
	case CALL_ENDED:
		ended(url);
		break;
	case CALL_FAILED:
		finish(url);
		break;
	}
}

static void expire(struct probing *probing)
{
	struct url_probing *url = (struct url_probing *)probing;
	cleanup(text)
	struct text waited = { 0 };

	/* Who has the conversation has the same deadline, and reports when it has been ended. */
	if (url->sftp.child)
		return;
	if (url->is_leaving) {
		call_end(&url->call);
		probing_end(probing);
		return;
	}
	if (url->packet == MQTT_MESSAGE)
		text_append(&waited, "no message of that topic from %");
	else if (url->is_talking && url->options->protocol != URL_MQTT)
		text_print(&waited, "no answer to %s from %%", url->options->steps[url->step].what);
	call_expire(&url->call, probing->check->endpoint->timeout,
		    waited.len ? text_string(&waited) : NULL);
	probing_end(probing);
}

static void stop(struct probing *probing)
{
	struct url_probing *url = (struct url_probing *)probing;

	sftp_talk_stop(&url->sftp);
	call_done(&url->call);
}

static void release(struct probing *probing)
{
	stop(probing);
	free(probing);
}

static const struct probing_verbs verbs = { .expire = expire, .stop = stop, .release = release };

static void url_start(struct check *check, struct probe_tools *tools, probe_done *done,
		      void *context)
{
	struct url_probing *url = MEMORY_NEW(struct url_probing);

	url->options = check->endpoint->options;
	probing_begin(&url->probing, &verbs, check, tools, done, context);
	call_init(&url->call, tools, &url->options->reach, url->options->tls_used, ROOM, told, url);
	begin(url);
	call_start(&url->call, reach_family(&url->options->reach), &check->observation);
}

static char *url_target(const void *object)
{
	const struct url_options *url = object;

	return memory_text(url->shown);
}

static char *url_host(const void *object)
{
	const struct url_options *url = object;

	return reach_host(&url->reach);
}

static char *url_credentials(const void *object)
{
	const struct url_options *url = object;

	return url->encoded ? memory_text(url->encoded) : NULL;
}

/* Its conversations are had by children, and those are the first loop's. */
static bool url_stays(const void *options)
{
	return ((const struct url_options *)options)->protocol == URL_SFTP;
}

static bool url_shakes_hands(const struct endpoint *endpoint)
{
	const struct url_options *url = endpoint->options;

	return url->is_tls_at_once || url->starttls != STARTTLS_NONE;
}

const struct probe_type probe_url = {
	.name = "url",
	.about = "Logs in to a server of mail, files or messages, and looks or lists.",
	.table = &url_table,
	.short_key = "url",
	.subjects = SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_BODY | SUBJECTS_TLS,
	.stays_for = url_stays,
	.prepare = url_options_prepare,
	.target = url_target,
	.host = url_host,
	.credentials = url_credentials,
	.shakes_hands = url_shakes_hands,
	.start = url_start,
	.cancel = probing_cancel,
};
