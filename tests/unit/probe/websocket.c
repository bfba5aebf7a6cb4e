/* websocket.c - claims about the probe websocket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/arena.h"
#include "expect/expect.h"
#include "probe/frame.h"
#include "probe/websocket.h"
#include "secure.h"

/* What the server does once it was asked. */
struct script {
	const char *head; /* with an @ for what is accepted */
	const char *frames; /* that follow it */
	size_t frames_len;
	bool waits_for_ping, ends;
};

static const char good[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n"
			   "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: @\r\n\r\n";

static void serve(struct server *server, int fd)
{
	const struct script *script = server->data;
	char accept[FRAME_ACCEPT_LEN + 1], head[512];
	unsigned char frame[12];
	const char *key;

	if (!server_read(server, fd))
		return;
	key = strstr(server->request[0], "Sec-WebSocket-Key: ");
	assert_non_null(key);
	frame_accept(key + strlen("Sec-WebSocket-Key: "), accept);
	(void)snprintf(head, sizeof(head), "%.*s%s%s", (int)strcspn(script->head, "@"),
		       script->head, strchr(script->head, '@') ? accept : "",
		       strchr(script->head, '@') ? strchr(script->head, '@') + 1 : "");
	server_write(fd, head);
	if (script->waits_for_ping) {
		/* Masked, six bytes long. */
		assert_int_equal(recv(fd, frame, sizeof(frame), MSG_WAITALL), 12);
		assert_int_equal(frame[0], 0x89);
		assert_int_equal(frame[1], 0x86);
	}
	server_write_len(fd, script->frames, script->frames_len);
	if (script->ends)
		(void)shutdown(fd, SHUT_WR);
	server_wait_closed(fd);
}

static void assert_ended(const struct check *check, enum failure_class class, enum phase phase)
{
	const struct observation *seen = &check->observation;

	assert_string_equal(seen->class ? class_name(seen->class) : "none",
			    class ? class_name(class) : "none");
	if (class) {
		assert_string_equal(phase_name(seen->phase), phase_name(phase));
		assert_non_null(seen->detail);
	}
	assert_int_equal(seen->hops_count, 1);
}

static struct websocket_options *options_for(struct harness *harness, unsigned port)
{
	struct websocket_options *options = harness_fill(harness, "websocket");
	char url[64];

	(void)snprintf(url, sizeof(url), "ws://name.test:%u/live?a=b", port);
	options->url = arena_text(harness->arena, url);
	return options;
}

static struct check *look(struct harness *harness, const struct script *script, const char *expect)
{
	struct websocket_options *options;
	struct server server;
	struct check *check;

	server_start(&server, serve, NULL);
	server.data = script;
	options = options_for(harness, server.port);
	options->expect = expect;
	options->send = expect ? "hello\\n" : NULL;
	check = harness_run_of(harness, "websocket", options);
	server_stop(&server);
	assert_non_null(strstr(server.request[0], "GET /live?a=b HTTP/1.1\r\nHost: name.test:"));
	return check;
}

#define SCRIPT(head, frames)                                                                       \
	{                                                                                          \
		head, frames, sizeof(frames) - 1, false, false                                     \
	}

static void an_upgrade_and_a_pong_are_enough(void **state)
{
	static const struct script script = { good, "\x89\x01x\x8a\x06picket", 11, true, false };
	struct check *check = look(*state, &script, NULL);

	assert_ended(check, CLASS_NONE, PHASES);
	check_free(check);
}

static void the_message_that_matches_is_the_body(void **state)
{
	static const struct script script = SCRIPT(good, "\x81\x05other\x01\x03rea\x89\x00\x80\x02"
							 "dy");
	struct check *check = look(*state, &script, "^ready$");

	assert_ended(check, CLASS_NONE, PHASES);
	assert_string_equal(text_string(&check->observation.body), "ready");
	check_free(check);
}

/* Most of them wait for a later turn of the loop, and nothing else comes to remind of them. */
static void frames_without_number_are_read_to_their_end(void **state)
{
	static char frames[2 * 2000 + 7];
	struct script script = { good, frames, sizeof(frames), false, true };

	for (unsigned is_there = 0; is_there < 2; is_there++) {
		struct check *check;

		for (size_t i = 0; i < sizeof(frames) - 7; i += 2)
			memcpy(frames + i, "\x89\x00", 2);
		memcpy(frames + sizeof(frames) - 7, is_there ? "\x81\x05ready" : "\x81\x05other",
		       7);
		check = look(*state, &script, "^ready$");
		assert_ended(check, is_there ? CLASS_NONE : CLASS_partial_body, PHASE_TRANSFER);
		assert_string_equal(text_string(&check->observation.body),
				    is_there ? "ready" : "other");
		check_free(check);
	}
}

static void what_is_wrong_has_its_class(void **state)
{
	static const struct {
		struct script script;
		enum failure_class class;
		const char *detail;
	} cases[] = {
		{ SCRIPT("HTTP/1.1 404 Not Found\r\n\r\n", ""), CLASS_malformed_reply,
		  "status 404" },
		{ SCRIPT("220 hi\r\n\r\n", ""), CLASS_malformed_reply, "not HTTP/1.1" },
		{ SCRIPT("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
			 "Sec-WebSocket-Accept: x@\r\n\r\n",
			 ""),
		  CLASS_malformed_reply, "not for this key" },
		{ SCRIPT("HTTP/1.1 101 X\r\nSec-WebSocket-Accept: @\r\n\r\n", ""),
		  CLASS_malformed_reply, "did not upgrade" },
		{ SCRIPT("HTTP/1.1 101 X\r\nA: b", "\0c\r\n\r\n"), CLASS_malformed_reply,
		  "did not upgrade" },
		{ SCRIPT(good, "\x81\x85"), CLASS_malformed_reply, "no frame" },
		{ SCRIPT(good, "\x81\x02\xff\xff"), CLASS_malformed_reply, "not UTF-8" },
		{ SCRIPT(good, "\x80\x01x"), CLASS_malformed_reply, "mixed" },
		{ SCRIPT(good, "\x82\x7f\0\0\0\1\0\0\0\0"), CLASS_body_too_large, "limits: body" },
		{ SCRIPT(good, "\x88\x06\x03\xf0late"), CLASS_partial_body, "code 1008, 'late'" },
		{ { good, "", 0, false, true }, CLASS_partial_body, "without closing" },
		{ { "HTTP/1.1 101 X\r\n", "", 0, false, true },
		  CLASS_malformed_reply,
		  "middle of its headers" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct check *check = look(*state, &cases[i].script, "never");

		assert_ended(check, cases[i].class, PHASE_TRANSFER);
		assert_non_null(strstr(check->observation.detail, cases[i].detail));
		check_free(check);
	}
}

static void silence_is_a_timeout(void **state)
{
	static const struct script script = SCRIPT(good, "");
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start(&server, serve, NULL);
	server.data = &script;
	check = harness_check_of(harness, "websocket", options_for(harness, server.port), 300000);
	harness_start(harness, check);
	harness_wait(harness, 1);
	server_stop(&server);
	assert_ended(check, CLASS_timeout, PHASE_TRANSFER);
	assert_non_null(strstr(check->observation.detail, "no answer to a ping from 127."));
	check_free(check);
}

static void a_certificate_that_does_not_hold_ends_it_before_a_word(void **state)
{
	const struct kind bad = { "DNS:other.test", -1, 5, 0, false, false };
	struct harness *harness = *state;
	struct websocket_options *options;
	struct server server;
	struct check *check;
	char url[64];

	server_start_tls(&server, server_tls_reply, "", pki_server(&secure_pki, &bad));
	(void)snprintf(url, sizeof(url), "wss://name.test:%u", server.port);
	options = options_for(harness, server.port);
	options->url = arena_text(harness->arena, url);
	options->tls.ca = secure_pki.ca_path;
	check = harness_run_of(harness, "websocket", options);
	server_stop(&server);
	assert_ended(check, CLASS_tls_name_mismatch, PHASE_TLS);
	assert_int_equal(server.requests, 0);
	assert_string_equal(server.alpn, "http/1.1,");
	check_free(check);
}

#define CLAIM(claim) cmocka_unit_test_setup_teardown(claim, harness_set_up, harness_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(an_upgrade_and_a_pong_are_enough),
		CLAIM(the_message_that_matches_is_the_body),
		CLAIM(frames_without_number_are_read_to_their_end),
		CLAIM(what_is_wrong_has_its_class),
		CLAIM(silence_is_a_timeout),
		CLAIM(a_certificate_that_does_not_hold_ends_it_before_a_word),
	};

	return cmocka_run_group_tests(tests, secure_set_up, secure_tear_down);
}
