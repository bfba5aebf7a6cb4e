/* tcp.c - claims about the probe tcp: what is said, what comes back, and how it ends. */
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
#include "base/text.h"
#include "expect/expect.h"
#include "probe/tcp.h"
#include "secure.h"

enum { STEPS = 8 };

static const char *name_of(enum failure_class class)
{
	return class ? class_name(class) : "none";
}

static void assert_ended(const struct check *check, enum failure_class class, enum phase phase)
{
	const struct observation *seen = &check->observation;
	usec_t sum = 0;

	assert_string_equal(name_of(seen->class), name_of(class));
	if (class) {
		assert_string_equal(phase_name(seen->phase), phase_name(phase));
		assert_non_null(seen->detail);
	}
	for (unsigned i = 0; i < PHASES; i++)
		sum += seen->phases[i];
	assert_int_equal(seen->latency, sum);
	assert_int_equal(seen->hops_count, 1);
}

static struct tcp_options *options_for(struct harness *harness, unsigned port,
				       const struct tcp_step *steps)
{
	struct tcp_options *options = harness_fill(harness, "tcp");
	struct tcp_tls *tls = arena_take(harness->arena, sizeof(*tls));
	char address[32];

	(void)snprintf(address, sizeof(address), "name.test:%u", port);
	options->reach.address = arena_text(harness->arena, address);
	options->dialogue.items = steps;
	while (steps &&
	       (steps[options->dialogue.count].expect || steps[options->dialogue.count].send ||
		steps[options->dialogue.count].starttls))
		options->dialogue.count++;
	option_fill(&tls_table, &tls->tls, harness->arena);
	tls->tls.ca = secure_pki.ca_path;
	tls->is_enabled = true;
	options->tls = tls;
	return options;
}

/* By turns: what the server says, and what it waits for before it goes on. */
static void speak(struct server *server, int fd)
{
	const char *const *lines = server->data;

	for (size_t i = 0; lines && lines[i]; i++) {
		char seen[4096];
		size_t len = 0;

		if (i % 2 == 0) {
			server_write(fd, lines[i]);
			continue;
		}
		while (len < sizeof(seen) && !memmem(seen, len, lines[i], strlen(lines[i])) &&
		       read(fd, seen + len, 1) == 1)
			len++;
	}
	if (server->tls && SSL_CTX_get0_certificate(server->tls)) {
		server_tls_reply(server, fd);
		return;
	}
	(void)shutdown(fd, SHUT_WR);
	server_wait_closed(fd);
}

static struct check *look(struct harness *harness, server_script *script, const char *const *lines,
			  const struct tcp_step *steps)
{
	struct tcp_options *options;
	struct server server;
	struct check *check;

	server_start(&server, script, NULL);
	server.data = lines;
	options = options_for(harness, server.port, steps);
	options->tls = NULL;
	check = harness_run_of(harness, "tcp", options);
	server_stop(&server);
	return check;
}

static void a_port_that_is_open_is_enough(void **state)
{
	struct check *check = look(*state, server_hello_stall, NULL, NULL);

	assert_ended(check, CLASS_NONE, PHASES);
	assert_true(observation_has_phase(&check->observation, PHASE_CONNECT));
	assert_int_equal(check->observation.body.len, 0);
	assert_int_equal(check->observation.hops_count, 1);
	check_free(check);
}

/* What an expectation reads is waited for. */
static void reads_body(struct harness *harness)
{
	struct program *program = NULL;
	struct expect_fault fault;
	static const char line[] = "body contains \"SSH\"";

	assert_int_equal(program_add(&program, line, sizeof(line) - 1, SUBJECTS_BODY, NULL, &fault),
			 0);
	harness->endpoint.expect = program;
}

static void a_banner_is_the_body_where_somebody_reads_it(void **state)
{
	static const char *const lines[] = { "SSH-2.0-Test\r\n", NULL };
	struct harness *harness = *state;
	struct check *check;

	reads_body(harness);
	check = look(harness, speak, lines, NULL);
	assert_ended(check, CLASS_NONE, PHASES);
	assert_string_equal(text_string(&check->observation.body), "SSH-2.0-Test\r\n");
	check_free(check);
	check = look(harness, speak, NULL, NULL);
	assert_ended(check, CLASS_empty_reply, PHASE_FIRST_BYTE);
	check_free(check);
	program_free((struct program *)(uintptr_t)harness->endpoint.expect);
}

static void a_dialogue_goes_step_by_step_and_carries_what_it_caught(void **state)
{
	static const char *const lines[] = {
		"220 mail.test <123@x>\r\n", "APOP 123@x\t\\\r\n", "250 fi", "", "ne\r\n", NULL
	};
	static const struct tcp_step steps[STEPS] = {
		{ .expect = "^220 (\\S+) <(.*)>" },
		{ .send = "APOP ${2}\\t\\\\\\r\\n" },
		{ .expect = "^\\r\\n250 (.*)\\r\\n$" },
	};
	struct check *check = look(*state, speak, lines, steps);

	assert_ended(check, CLASS_NONE, PHASES);
	assert_string_equal(text_string(&check->observation.body),
			    "220 mail.test <123@x>\r\n250 fine\r\n");
	check_free(check);
}

static void an_answer_that_can_never_match_is_not_waited_for(void **state)
{
	static const char *const lines[] = { "554 no\r\n", "never", NULL };
	static const struct tcp_step steps[STEPS] = { { .expect = "^220 " } };
	struct check *check = look(*state, speak, lines, steps);

	assert_ended(check, CLASS_malformed_reply, PHASE_TRANSFER);
	assert_non_null(strstr(check->observation.detail,
			       " answered '554 no\\r\\n', which does not match /^220 /"));
	check_free(check);
}

static void whoever_closes_too_early_is_told_from_whoever_says_nothing(void **state)
{
	static const char *const lines[] = { "hello\r\n", NULL };
	static const struct tcp_step steps[STEPS] = { { .expect = "ready" } };
	struct check *check = look(*state, speak, lines, steps);

	assert_ended(check, CLASS_malformed_reply, PHASE_TRANSFER);
	check_free(check);
	check = look(*state, speak, NULL, steps);
	assert_ended(check, CLASS_empty_reply, PHASE_FIRST_BYTE);
	check_free(check);
	check = look(*state, server_reset_at_once, NULL, steps);
	assert_string_equal(name_of(check->observation.class), "reset");
	check_free(check);
}

static void what_does_not_come_in_time_is_a_timeout_in_its_phase(void **state)
{
	static const struct tcp_step steps[STEPS] = { { .expect = "ready%" } };
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	for (unsigned i = 0; i < 2; i++) {
		struct tcp_options *options;

		server_start(&server, i ? server_reply_at_once : server_hello_stall, "not yet");
		options = options_for(harness, server.port, steps);
		options->tls = NULL;
		check = harness_check_of(harness, "tcp", options, i ? 300000 : 50000);
		harness_start(harness, check);
		harness_wait(harness, i + 1);
		server_stop(&server);
		assert_ended(check, CLASS_timeout, i ? PHASE_TRANSFER : PHASE_FIRST_BYTE);
		assert_non_null(strstr(check->observation.detail,
				       i ? "nothing from 127." : "no first byte from"));
		if (i)
			assert_non_null(
				strstr(check->observation.detail, " that matches /ready%/ within"));
		check_free(check);
	}
}

static void flood(struct server *server, int fd)
{
	server_flood(fd, "more and more of it\r\n");
}

static void an_endless_answer_ends_at_the_limit(void **state)
{
	static const struct tcp_step steps[STEPS] = { { .expect = "NEVER" } };
	struct check *check = look(*state, flood, NULL, steps);

	assert_ended(check, CLASS_body_too_large, PHASE_TRANSFER);
	assert_int_equal(check->observation.body.len, 64 * 1024);
	check_free(check);
}

static void a_costly_pattern_ends_with_its_budget(void **state)
{
	static char line[4096];
	static const char *lines[] = { line, "never", NULL };
	static const struct tcp_step steps[STEPS] = { { .expect = "(a+)+(a+)+(a+)+b" } };
	struct check *check;

	memset(line, 'a', sizeof(line) - 2);
	line[sizeof(line) - 2] = '\n';
	check = look(*state, speak, lines, steps);
	assert_ended(check, CLASS_expectation_limit, PHASE_TRANSFER);
	check_free(check);
}

/* Each line when the test says so. */
static void speak_when_told(struct server *server, int fd)
{
	const int *pipe_end = server->data;
	char byte;

	for (const char *const *line = (const char *const[]){ "22", "0 ready\n", NULL };
	     *line && read(*pipe_end, &byte, 1) == 1; line++)
		server_write(fd, *line);
	server_wait_closed(fd);
}

static void burn(usec_t cpu)
{
	const usec_t until = clock_thread_cpu() + cpu;

	while (clock_thread_cpu() < until)
		continue;
}

static void what_the_loop_does_meanwhile_is_not_taken_from_the_budget(void **state)
{
	static const struct tcp_step steps[STEPS] = { { .expect = "^220 (.*)\n" } };
	struct harness *harness = *state;
	struct tcp_options *options;
	struct server server;
	struct check *check;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	server_start(&server, speak_when_told, NULL);
	server.data = &ends[0];
	options = options_for(harness, server.port, steps);
	options->tls = NULL;
	check = harness_check_of(harness, "tcp", options, 20 * USEC_PER_SEC);
	harness_start(harness, check);
	/* So much that the clock of the budget is looked at, and then more than all of it. */
	burn(2 * USEC_PER_MS);
	assert_int_equal(write(ends[1], "x", 1), 1);
	while (check->observation.body.len < 2)
		harness_turn(harness, 1);
	burn(100 * USEC_PER_MS);
	assert_int_equal(write(ends[1], "x", 1), 1);
	harness_wait(harness, 1);
	server_stop(&server);
	assert_ended(check, CLASS_NONE, PHASES);
	check_free(check);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void tls_is_spoken_at_once_or_in_the_middle(void **state)
{
	static const char *const lines[] = { "hello\r\n", "STARTTLS\r\n", "go\r\n", NULL };
	static const struct tcp_step steps[STEPS] = {
		{ .expect = "^hello\r\n" }, { .send = "STARTTLS\\r\\n" },  { .expect = "^go\r\n" },
		{ .starttls = true },	    { .send = "GET\\r\\n\\r\\n" }, { .expect = "^well" },
	};
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	for (unsigned i = 0; i < 2; i++) {
		server_start_tls(&server, i ? speak : server_tls_reply, "well done\n",
				 pki_server(&secure_pki, &secure_good));
		server.data = lines;
		check = harness_run_of(harness, "tcp",
				       options_for(harness, server.port, i ? steps : steps + 4));
		server_stop(&server);
		assert_ended(check, CLASS_NONE, PHASES);
		assert_non_null(check->observation.tls);
		assert_string_equal(server.request[0], "GET\r\n\r\n");
		assert_non_null(strstr(text_string(&check->observation.body), "well done"));
		check_free(check);
	}
}

static void what_is_slipped_in_before_tls_is_refused(void **state)
{
	static const char *const lines[] = { "go\r\nand this\r\n", "never", NULL };
	static const struct tcp_step steps[STEPS] = { { .expect = "^go\r\n" },
						      { .starttls = true } };
	struct check *check = look(*state, speak, lines, steps);

	assert_ended(check, CLASS_malformed_reply, PHASE_TRANSFER);
	check_free(check);
}

static void a_certificate_that_does_not_hold_ends_it_before_a_word(void **state)
{
	const struct kind bad = { "DNS:other.test", -1, 5, 0, false, false };
	static const struct tcp_step steps[STEPS] = { { .send = "secret\\r\\n\\r\\n" } };
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start_tls(&server, server_tls_reply, "", pki_server(&secure_pki, &bad));
	check = harness_run_of(harness, "tcp", options_for(harness, server.port, steps));
	server_stop(&server);
	assert_ended(check, CLASS_tls_name_mismatch, PHASE_TLS);
	assert_int_equal(server.requests, 0);
	check_free(check);
}

static void half_of_a_secret_is_not_shown_where_an_answer_is_cut(void **state)
{
	static const char *const secrets[] = { "hunter2", NULL };
	static const char *const lines[] = {
		"-ERR, no, no, no, no, no, no, no, no, no, no, no, no, no, no, no, no, no, no, "
		"hunter2\r\n",
		NULL
	};
	static const struct tcp_step steps[STEPS] = { { .expect = "^OK\r\n" } };
	struct harness *harness = *state;
	struct check *check;

	harness->endpoint.secrets = secrets;
	check = look(harness, speak, lines, steps);
	assert_ended(check, CLASS_malformed_reply, PHASE_TRANSFER);
	assert_null(strstr(check->observation.detail, "hu"));
	assert_non_null(strstr(check->observation.detail, "no, **"));
	check_free(check);
}

#define CLAIM(claim) cmocka_unit_test_setup_teardown(claim, harness_set_up, harness_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(a_port_that_is_open_is_enough),
		CLAIM(a_banner_is_the_body_where_somebody_reads_it),
		CLAIM(a_dialogue_goes_step_by_step_and_carries_what_it_caught),
		CLAIM(an_answer_that_can_never_match_is_not_waited_for),
		CLAIM(whoever_closes_too_early_is_told_from_whoever_says_nothing),
		CLAIM(what_does_not_come_in_time_is_a_timeout_in_its_phase),
		CLAIM(an_endless_answer_ends_at_the_limit),
		CLAIM(a_costly_pattern_ends_with_its_budget),
		CLAIM(what_the_loop_does_meanwhile_is_not_taken_from_the_budget),
		CLAIM(tls_is_spoken_at_once_or_in_the_middle),
		CLAIM(what_is_slipped_in_before_tls_is_refused),
		CLAIM(a_certificate_that_does_not_hold_ends_it_before_a_word),
		CLAIM(half_of_a_secret_is_not_shown_where_an_answer_is_cut),
	};

	return cmocka_run_group_tests(tests, secure_set_up, secure_tear_down);
}
