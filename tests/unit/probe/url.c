/* url.c - claims about the probe url: what is said to each server, and what its answers mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "expect/expect.h"
#include "harness.h"
#include "probe/sftp_look.h"
#include "probe/url.h"
#include "server.h"

/* What the server says, then waits for and says, in turn; NULL ends it. */
struct talk {
	const char *scheme, *path; /* of the URL, before and behind the server's address */
	const char *user, *request;
	const char *lines[16];
	enum failure_class class;
	const char *detail; /* part of it; NULL: none */
	const char *body;
};

/* A line, or so many bytes, as they are wanted; whether they came. */
static bool hear(int fd, const char *wanted)
{
	char heard[512] = "";
	size_t len = 0;

	while (len < sizeof(heard) - 1 && recv(fd, heard + len, 1, 0) == 1)
		if (heard[len++] == '\n')
			break;
	if (strcmp(heard, wanted) == 0)
		return true;
	(void)fprintf(stderr, "heard '%s', which was not to come here\n", heard);
	return false;
}

static void serve(struct server *server, int fd)
{
	const struct talk *talk = server->data;

	for (unsigned i = 0; talk->lines[i]; i++) {
		if (i % 2 == 0)
			server_write(fd, talk->lines[i]);
		else if (!hear(fd, talk->lines[i]))
			return;
	}
	(void)shutdown(fd, SHUT_WR);
	server_wait_closed(fd);
}

static const struct talk talks[] = {
	{ "smtp",
	  "",
	  NULL,
	  NULL,
	  { "220-hello\r\n220 there\r\n", "EHLO picket\r\n", "250-me\r\n250 HELP\r\n", "NOOP\r\n",
	    "250 fine\r\n", "QUIT\r\n", "221 bye\r\n" },
	  CLASS_NONE,
	  NULL,
	  "250 fine\n" },
	{ "smtp",
	  "",
	  "me",
	  NULL,
	  { "220 x\r\n", "EHLO picket\r\n", "250 AUTH PLAIN\r\n", "AUTH PLAIN AG1lAHNlY3JldA==\r\n",
	    "535 5.7.8 no, me secret\r\n" },
	  CLASS_expectation,
	  "refuses the login: 535 5.7.8 no",
	  "" },
	{ "smtp",
	  "",
	  NULL,
	  "VRFY me",
	  { "220 x\r\n", "EHLO picket\r\n", "250 x\r\n", "VRFY me\r\n", "252 perhaps\r\n",
	    "QUIT\r\n", "221 bye\r\n" },
	  CLASS_NONE,
	  NULL,
	  "252 perhaps\n" },
	{ "smtp",
	  "",
	  NULL,
	  NULL,
	  { "554 go away\r\n" },
	  CLASS_expectation,
	  "refuses the greeting: 554 go away",
	  "" },
	{ "smtp", "", NULL, NULL, { "SSH-2.0-x\r\n" }, CLASS_malformed_reply, "is not SMTP", "" },
	{ "smtp", "", NULL, NULL, { "220-half\r\n" }, CLASS_partial_body, "in the middle", "" },
	{ "smtp", "", NULL, NULL, { "" }, CLASS_empty_reply, NULL, "" },
	{ "imap",
	  "/a%20b%22",
	  "me",
	  NULL,
	  { "* OK hi\r\n", "p1 LOGIN \"me\" \"secret\"\r\n", "* CAPABILITY X\r\np1 OK in\r\n",
	    "p2 EXAMINE \"a b\\\"\"\r\n", "* 7 EXISTS\r\n+ odd\r\np2 OK done\r\n", "p9 LOGOUT\r\n",
	    "* BYE\r\np9 OK\r\n" },
	  CLASS_NONE,
	  NULL,
	  "* 7 EXISTS\n+ odd\np2 OK done\n" },
	{ "imap",
	  "/INBOX",
	  "me",
	  NULL,
	  { "* PREAUTH hi\r\n", "p1 LOGIN \"me\" \"secret\"\r\n", "p1 OK\r\n",
	    "p2 EXAMINE \"INBOX\"\r\n", "p2 NO none\r\n" },
	  CLASS_expectation,
	  "refuses the mailbox: p2 NO none",
	  "p2 NO none\n" },
	{ "imap",
	  "",
	  NULL,
	  NULL,
	  { "* BYE full\r\n" },
	  CLASS_expectation,
	  "the greeting: * BYE full",
	  "" },
	{ "pop3",
	  "",
	  "me",
	  "LIST",
	  { "+OK hi\r\n", "USER me\r\n", "+OK\r\n", "PASS secret\r\n", "+OK\r\n", "LIST\r\n",
	    "+OK 1\r\n1 120\r\n.\r\n", "QUIT\r\n", "+OK\r\n" },
	  CLASS_NONE,
	  NULL,
	  "+OK 1\n1 120\n.\n" },
	{ "pop3",
	  "",
	  "me",
	  NULL,
	  { "+OK hi\r\n", "USER me\r\n", "+OK\r\n", "PASS secret\r\n", "-ERR [AUTH] no\r\n" },
	  CLASS_expectation,
	  "refuses the login: -ERR [AUTH] no",
	  "" },
	{ "ftp",
	  "/dir/",
	  NULL,
	  NULL,
	  { "220-a\r\n  b\r\n220 c\r\n", "USER anonymous\r\n", "331 x\r\n", "PASS picket@\r\n",
	    "230 in\r\n", "CWD dir/\r\n", "250 x\r\n", "STAT .\r\n",
	    "213-Status:\r\n-rw file\r\n213 End\r\n", "QUIT\r\n", "221 x\r\n" },
	  CLASS_NONE,
	  NULL,
	  "213-Status:\n-rw file\n213 End\n" },
	{ "ftp",
	  "/file",
	  "me",
	  NULL,
	  { "220 x\r\n", "USER me\r\n", "230 in\r\n", "TYPE I\r\n", "200 x\r\n", "SIZE file\r\n",
	    "550 no such\r\n" },
	  CLASS_expectation,
	  "refuses the file: 550 no such",
	  "550 no such\n" },
};

static struct check *look(struct harness *harness, const struct talk *talk)
{
	struct url_options *options;
	struct server server;
	struct check *check;
	char url[128];

	server_start(&server, serve, NULL);
	server.data = talk;
	options = harness_fill(harness, "url");
	(void)snprintf(url, sizeof(url), "%s://name.test:%u%s", talk->scheme, server.port,
		       talk->path);
	options->url = arena_text(harness->arena, url);
	options->auth.user = talk->user;
	options->auth.password = talk->user ? "secret" : NULL;
	options->request = talk->request;
	check = harness_run_of(harness, "url", options);
	server_stop(&server);
	return check;
}

static void each_protocol_is_spoken_and_understood(void **state)
{
	for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
		const struct talk *talk = &talks[i];
		struct check *check = look(*state, talk);
		const struct observation *seen = &check->observation;

		if (seen->class != talk->class)
			fail_msg("talk %zu: %s (%s)", i, class_name(seen->class),
				 seen->detail ? seen->detail : "");
		if (talk->detail && (!seen->detail || !strstr(seen->detail, talk->detail)))
			fail_msg("talk %zu: '%s'", i, seen->detail);
		assert_string_equal(text_string(&seen->body), talk->body);
		assert_true(seen->latency > 0);
		check_free(check);
	}
}

static void packet(const char *bytes, size_t len, long wanted)
{
	assert_int_equal(mqtt_packet((const unsigned char *)bytes, len), wanted);
}

static void packets_of_mqtt_are_bounded(void **state)
{
	static const char message[] = "\x30\x07\x00\x03"
				      "a/bhi";
	const char *refusal = "", *body;
	size_t len;

	(void)state;
	packet("", 0, 0);
	packet("\x20", 1, 0);
	packet("\x20\x02", 2, 0);
	packet("\x20\x02\x00\x00\x30", 5, 4);
	packet("\x30\xff\xff\xff\xff", 5, -74 /* EBADMSG */);
	packet("\x30\xff\xff\xff\x7f", 5, 0);
	assert_int_equal(
		mqtt_read(MQTT_MESSAGE, (const unsigned char *)message, 9, &refusal, &body, &len),
		URL_GOOD);
	assert_int_equal(len, 2);
	assert_memory_equal(body, "hi", 2);
	/* The topic would be longer than the packet. */
	assert_int_equal(mqtt_read(MQTT_MESSAGE, (const unsigned char *)"\x30\x02\x00\x03", 4,
				   &refusal, &body, &len),
			 URL_NONSENSE);
	assert_int_equal(mqtt_read(MQTT_CONNECT, (const unsigned char *)"\x20\x02\x00\x05", 4,
				   &refusal, &body, &len),
			 URL_BAD);
	assert_non_null(strstr(refusal, "let us in"));
	assert_int_equal(mqtt_read(MQTT_CONNECT, (const unsigned char *)"\x20\x01\x00", 3, &refusal,
				   &body, &len),
			 URL_NONSENSE);
}

static void an_order_arrives_as_it_was_given(void **state)
{
	const struct sftp_order order = {
		.user = "me",
		.password = "",
		.keys = { "SHA256:a", "SHA256:b" },
		.keys_count = 2,
	};
	struct sftp_order got;
	struct text text = { 0 };

	(void)state;
	sftp_order_write(&order, &text);
	assert_true(sftp_order_read(text.data, text.len, &got));
	assert_string_equal(got.user, "me");
	assert_string_equal(got.password, "");
	assert_null(got.path);
	assert_int_equal(got.keys_count, 2);
	assert_string_equal(got.keys[1], "SHA256:b");
	/* Any part of it is none, but for one with fewer keys. */
	for (size_t len = 0; len < sizeof("+me\0+\0-") - 1; len++) {
		char *part = memory_copy(text.data, len + 1);

		part[len] = '\0';
		assert_false(sftp_order_read(part, len, &got));
		free(part);
	}
	for (unsigned i = 0; i < SFTP_KEYS_MAX; i++)
		text_append_len(&text, "+x", 3);
	assert_false(sftp_order_read(text.data, text.len, &got));
	text_done(&text);
}

static struct sftp_report report_of(struct text *text, const char *output)
{
	struct sftp_report report;

	text_clear(text);
	text_append(text, output);
	sftp_report_read(text, &report);
	return report;
}

static void a_report_is_read_as_far_as_it_came(void **state)
{
	struct text text = { 0 };
	struct sftp_report report = report_of(&text, "");

	(void)state;
	assert_int_equal(report.phases, 0);
	assert_int_equal(report.body_at, 0);
	report = report_of(&text, "12\n3");
	assert_int_equal(report.phases, 1);
	assert_int_equal(report.took[0], 12);
	report = report_of(&text, "!220 mail\n12\n3\n4\nwhole\nbody\n");
	assert_int_equal(report.stranger_len, 8);
	assert_memory_equal(report.stranger, "220 mail", 8);
	assert_int_equal(report.phases, 3);
	assert_string_equal(text.data + report.body_at, "body\n");
	assert_false(report.is_cut);
	report = report_of(&text, "1\ncut\n");
	assert_true(report.is_cut);
	assert_int_equal(report.body_at, text.len);
	/* More phases than there are, and what is no number. */
	report = report_of(&text, "1\n2\n3\n4\nwhole\n");
	assert_int_equal(report.phases, 3);
	assert_int_equal(report.body_at, 0);
	report = report_of(&text, "1x\nwhole\n");
	assert_int_equal(report.phases, 0);
	text_done(&text);
}

static void a_name_stays_on_its_line(void **state)
{
	struct text text = { 0 };

	(void)state;
	sftp_append_name(&text, "a\nb\x7f\0c", 6);
	assert_string_equal(text_string(&text), "a?b??c\n");
	text_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_protocol_is_spoken_and_understood,
						harness_set_up, harness_tear_down),
		cmocka_unit_test(packets_of_mqtt_are_bounded),
		cmocka_unit_test(an_order_arrives_as_it_was_given),
		cmocka_unit_test(a_report_is_read_as_far_as_it_came),
		cmocka_unit_test(a_name_stays_on_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
