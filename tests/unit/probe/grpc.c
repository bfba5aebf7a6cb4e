/* grpc.c - claims about probe grpc, against a server that speaks HTTP/2 byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/text.h"
#include "harness.h"
#include "model/observation.h"
#include "probe/grpc.h"
#include "probe/grpc_health.h"
#include "server.h"

/* RFC 9113: types of frames and their flags. */
enum { DATA = 0, HEADERS = 1, SETTINGS = 4, END_STREAM = 1, ACK = 1, END_HEADERS = 4 };

/* What is answered: headers and trailers as "name: value\n" lines, and a message. */
struct answer {
	unsigned status; /* 200 or 503 */
	const char *headers;
	const char *message;
	size_t message_len;
	const char *trailers; /* NULL: the headers end it */
	bool stalls;
};

static void send_frame(int fd, unsigned type, unsigned flags, unsigned stream, const void *payload,
		       size_t len)
{
	const unsigned char head[] = { 0,
				       (unsigned char)(len >> 8),
				       (unsigned char)len,
				       (unsigned char)type,
				       (unsigned char)flags,
				       0,
				       0,
				       0,
				       (unsigned char)stream };

	server_write_len(fd, head, sizeof(head));
	server_write_len(fd, payload, len);
}

static bool read_whole(int fd, unsigned char *data, size_t len)
{
	while (len > 0) {
		const ssize_t n = read(fd, data, len);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* Until the request has ended; its message is kept. */
static bool read_request(struct server *server, int fd)
{
	unsigned char preface[24], head[9], payload[16384];

	if (!read_whole(fd, preface, sizeof(preface)))
		return false;
	while (read_whole(fd, head, sizeof(head))) {
		const size_t len = (size_t)head[1] << 8 | head[2];

		if (head[0] || len > sizeof(payload) || !read_whole(fd, payload, len))
			return false;
		if (head[3] != DATA)
			continue;
		memcpy(server->request[0], payload, len);
		server->requests = (unsigned)len;
		if (head[4] & END_STREAM)
			return true;
	}
	return false;
}

/* RFC 7541, 6.2.2: literals, without Huffman's code. */
static void add_fields(struct text *block, const char *lines)
{
	while (*lines) {
		const size_t len = strcspn(lines, "\n"), name = strcspn(lines, ":");

		text_append_char(block, 0);
		text_append_char(block, (char)name);
		text_append_len(block, lines, name);
		text_append_char(block, (char)(len - name - 2));
		text_append_len(block, lines + name + 2, len - name - 2);
		lines += len + 1;
	}
}

static void send_fields(int fd, char status, const char *lines, bool is_last)
{
	struct text block = { 0 };

	if (status)
		text_append_char(&block, status);
	add_fields(&block, lines);
	send_frame(fd, HEADERS, END_HEADERS | (is_last ? END_STREAM : 0), 1, block.data, block.len);
	text_done(&block);
}

static void answer_as_told(struct server *server, int fd)
{
	const struct answer *answer = server->data;

	send_frame(fd, SETTINGS, 0, 0, "", 0);
	if (!read_request(server, fd))
		return;
	send_frame(fd, SETTINGS, ACK, 0, "", 0);
	if (answer->stalls) {
		server_wait_closed(fd);
		return;
	}
	/* The static table has 200 at 8 and 503 nowhere; 500 is at 14. */
	send_fields(fd, answer->status == 200 ? (char)0x88 : (char)0x8e, answer->headers,
		    !answer->trailers);
	if (answer->message_len)
		send_frame(fd, DATA, 0, 1, answer->message, answer->message_len);
	if (answer->trailers)
		send_fields(fd, 0, answer->trailers, true);
	server_wait_closed(fd);
}

static struct check *ask(struct harness *harness, struct server *server,
			 const struct answer *answer, const char *service, usec_t timeout)
{
	struct grpc_options *options = harness_fill(harness, "grpc");
	static char address[64];
	struct check *check;
	const unsigned before = harness->done;

	server_start(server, answer_as_told, NULL);
	server->data = answer;
	(void)snprintf(address, sizeof(address), "name.test:%u", server->port);
	options->reach.address = address;
	options->service = service;
	check = harness_check_of(harness, "grpc", options, timeout);
	harness_start(harness, check);
	harness_wait(harness, before + 1);
	server_stop(server);
	return check;
}

#define GRPC "content-type: application/grpc\n"

static const struct {
	struct answer answer;
	enum failure_class class, says;
	const char *body, *detail;
} table[] = {
	{ { 200, GRPC, "\0\0\0\0\2\x08\1", 7, "grpc-status: 0\n", false },
	  CLASS_NONE,
	  CLASS_NONE,
	  "SERVING",
	  NULL },
	{ { 200, GRPC, "\0\0\0\0\2\x08\2", 7, "grpc-status: 0\n", false },
	  CLASS_NONE,
	  CLASS_NONE,
	  "NOT_SERVING",
	  NULL },
	/* The value 0 is not sent. */
	{ { 200, GRPC, "\0\0\0\0\0", 5, "grpc-status: 0\n", false },
	  CLASS_NONE,
	  CLASS_NONE,
	  "UNKNOWN",
	  NULL },
	{ { 200, GRPC, "\0\0\0\0\2\x08\x09", 7, "grpc-status: 0\n", false },
	  CLASS_NONE,
	  CLASS_NONE,
	  "STATUS_9",
	  NULL },
	/* Fields that somebody has added since. */
	{ { 200, GRPC, "\0\0\0\0\x0b\x12\3abc\x18\x80\1\x08\1\x1d", 16, "grpc-status: 0\n", false },
	  CLASS_malformed_reply,
	  CLASS_NONE,
	  NULL,
	  "the message is no HealthCheckResponse" },
	{ { 200, GRPC, "\0\0\0\0\x0a\x12\3abc\x18\x80\1\x08\1", 15, "grpc-status: 0\n", false },
	  CLASS_NONE,
	  CLASS_NONE,
	  "SERVING",
	  NULL },
	{ { 200, GRPC "grpc-status: 12\ngrpc-message: unknown%20service%1b\n", NULL, 0, NULL,
	    false },
	  CLASS_NONE,
	  CLASS_expectation,
	  "UNIMPLEMENTED",
	  "grpc-status is 12 (UNIMPLEMENTED): unknown service\\x1b" },
	{ { 200, GRPC, NULL, 0, "grpc-status: 5\n", false },
	  CLASS_NONE,
	  CLASS_expectation,
	  "NOT_FOUND",
	  "grpc-status is 5 (NOT_FOUND)" },
	{ { 200, GRPC, NULL, 0, "grpc-status: 99\n", false },
	  CLASS_NONE,
	  CLASS_expectation,
	  "UNKNOWN",
	  "grpc-status is 99" },
	{ { 200, GRPC, "\0\0\0\0\2\x08\1", 7, "some: thing\n", false },
	  CLASS_malformed_reply,
	  CLASS_NONE,
	  NULL,
	  "the reply has no grpc-status" },
	{ { 200, GRPC, NULL, 0, "grpc-status: 0\n", false },
	  CLASS_malformed_reply,
	  CLASS_NONE,
	  NULL,
	  "the reply has no message" },
	{ { 200, GRPC, "\1\0\0\0\2\x08\1", 7, "grpc-status: 0\n", false },
	  CLASS_malformed_reply,
	  CLASS_NONE,
	  NULL,
	  "the message is compressed, which nobody asked for" },
	{ { 200, GRPC, "\0\0\0\1\2\x08\1", 7, "grpc-status: 0\n", false },
	  CLASS_malformed_reply,
	  CLASS_NONE,
	  NULL,
	  "the message does not have the length that it says" },
	{ { 500, "content-type: text/html\n", "no", 2, "a: b\n", false },
	  CLASS_malformed_reply,
	  CLASS_NONE,
	  NULL,
	  "the server answered with status 500 of HTTP, not as gRPC does" },
};

static void each_answer_is_told_for_what_it_is(void **state)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct server server;
		struct check *check =
			ask(*state, &server, &table[i].answer, NULL, 20 * USEC_PER_SEC);
		const struct observation *seen = &check->observation;

		if (seen->class != table[i].class)
			print_message("row %zu: %s\n", i, seen->detail ? seen->detail : "");
		assert_int_equal(seen->class, table[i].class);
		assert_int_equal(seen->says, table[i].says);
		if (table[i].body)
			assert_string_equal(text_string(&seen->body), table[i].body);
		if (table[i].detail)
			assert_string_equal(seen->detail, table[i].detail);
		assert_int_equal(seen->hops_count, 1);
		assert_true(observation_has_phase(seen, PHASE_FIRST_BYTE));
		assert_true(seen->latency > 0);
		check_free(check);
	}
}

static void the_service_is_asked_for_by_its_name(void **state)
{
	struct server server;
	struct check *check = ask(*state, &server, &table[0].answer, "a.B", 20 * USEC_PER_SEC);

	assert_int_equal(server.requests, 10);
	assert_memory_equal(server.request[0], "\0\0\0\0\5\x0a\3a.B", 10);
	check_free(check);
	check = ask(*state, &server, &table[0].answer, NULL, 20 * USEC_PER_SEC);
	assert_int_equal(server.requests, 5);
	assert_memory_equal(server.request[0], "\0\0\0\0\0", 5);
	check_free(check);
}

static void a_server_that_says_nothing_times_out(void **state)
{
	const struct answer answer = { .stalls = true };
	struct server server;
	struct check *check = ask(*state, &server, &answer, NULL, 200 * USEC_PER_MS);

	assert_int_equal(check->observation.class, CLASS_timeout);
	assert_int_equal(check->observation.phase, PHASE_FIRST_BYTE);
	check_free(check);
}

static void a_server_of_another_protocol_is_told_apart(void **state)
{
	struct harness *harness = *state;
	struct grpc_options *options = harness_fill(harness, "grpc");
	struct server server = { 0 };
	char address[64];
	struct check *check;

	server_start(&server, server_reply_at_once, "HTTP/1.1 400 Bad Request\r\n\r\n");
	(void)snprintf(address, sizeof(address), "name.test:%u", server.port);
	options->reach.address = address;
	check = harness_run_of(harness, "grpc", options);
	server_stop(&server);
	assert_int_equal(check->observation.class, CLASS_http2_error);
	check_free(check);
}

static void messages_are_decoded_where_they_can_be(void **state)
{
	static const char message[] = "a%20b%2c%zz%4";
	struct text text = { 0 };

	(void)state;
	grpc_message_print(&text, message, strlen(message));
	assert_string_equal(text_string(&text), "a b,%zz%4");
	text_done(&text);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(each_answer_is_told_for_what_it_is),
		CLAIM(the_service_is_asked_for_by_its_name),
		CLAIM(a_server_that_says_nothing_times_out),
		CLAIM(a_server_of_another_protocol_is_told_apart),
		CLAIM(messages_are_decoded_where_they_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
