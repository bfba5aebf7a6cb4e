/* dns.c - claims about probe dns, against a server that does what each of them says. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "harness.h"
#include "model/dns.h"
#include "probe/dns_options.h"

enum manner {
	ANSWERS, /* one address and one alias */
	REFUSES, /* rcode 5 */
	DENIES, /* rcode 3 */
	CONFUSES, /* others' answers first: another id, another question, another port */
	LOSES, /* the first datagram */
	TRUNCATES, /* over UDP, and answers over TCP */
	TRUNCATES_BOTH,
	TRUNCATES_HALF, /* over TCP it closes in the middle of the answer */
	BABBLES,
	SILENT,
};

struct server {
	pthread_t thread;
	enum manner manner;
	int udp, tcp, stop[2];
	uint16_t port;
	char text[32];
	unsigned asked;
	uint16_t ids[8], ports[8];
};

static size_t answer(const struct server *server, uint8_t *message, size_t len, bool is_tcp)
{
	static const uint8_t records[] = "\xc0\x0c\0\5\0\1\0\0\1\x2c\0\4\1a\xc0\x0c"
					 "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\7";

	message[2] = 0x81;
	message[3] = 0xa0;
	if (server->manner == REFUSES || server->manner == DENIES)
		message[3] = (uint8_t)(0x80 | (server->manner == REFUSES ? 5 : 3));
	if (server->manner >= TRUNCATES && server->manner <= TRUNCATES_HALF &&
	    (!is_tcp || server->manner == TRUNCATES_BOTH)) {
		message[2] |= 2;
		return len;
	}
	if (message[3] & 15)
		return len;
	message[7] = server->manner == BABBLES ? 3 : 2;
	memcpy(message + len, records, sizeof(records) - 1);
	return len + sizeof(records) - 1;
}

static void confuse(const struct server *server, const uint8_t *message, size_t len,
		    const struct sockaddr_in *to)
{
	const int elsewhere = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint8_t wrong[2048];

	memcpy(wrong, message, len);
	wrong[0] ^= 0xff;
	(void)sendto(server->udp, wrong, len, 0, (const struct sockaddr *)to, sizeof(*to));
	memcpy(wrong, message, len);
	wrong[13] ^= 1;
	(void)sendto(server->udp, wrong, len, 0, (const struct sockaddr *)to, sizeof(*to));
	memcpy(wrong, message, len);
	wrong[3] = 0x83;
	(void)sendto(elsewhere, wrong, len, 0, (const struct sockaddr *)to, sizeof(*to));
	(void)close(elsewhere);
}

static void serve_udp(struct server *server)
{
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	uint8_t message[2048];
	ssize_t len = recvfrom(server->udp, message, 512, 0, (struct sockaddr *)&from, &from_len);

	assert_true(len > 12 && server->asked < 8);
	server->ids[server->asked] = (uint16_t)(message[0] << 8 | message[1]);
	server->ports[server->asked++] = from.sin_port;
	if (server->manner == SILENT || (server->manner == LOSES && server->asked == 1))
		return;
	len = (ssize_t)answer(server, message, (size_t)len, false);
	if (server->manner == CONFUSES)
		confuse(server, message, (size_t)len, &from);
	(void)sendto(server->udp, message, (size_t)len, 0, (struct sockaddr *)&from, from_len);
}

static void serve_tcp(struct server *server)
{
	const int fd = accept(server->tcp, NULL, NULL);
	uint8_t message[2048];
	size_t len;

	assert_int_equal(recv(fd, message, 2, MSG_WAITALL), 2);
	len = (size_t)(message[0] << 8 | message[1]);
	assert_true(len < 512);
	assert_int_equal(recv(fd, message + 2, len, MSG_WAITALL), len);
	len = answer(server, message + 2, len, true);
	message[0] = 0;
	message[1] = (uint8_t)len;
	/* In two pieces, the first of them in the middle of the length. */
	(void)send(fd, message, 1, MSG_NOSIGNAL);
	(void)send(fd, message + 1, server->manner == TRUNCATES_HALF ? 20 : len + 1, MSG_NOSIGNAL);
	(void)close(fd);
}

static void *serve(void *context)
{
	struct server *server = context;
	struct pollfd fds[] = { { server->udp, POLLIN, 0 },
				{ server->tcp, POLLIN, 0 },
				{ server->stop[0], POLLIN, 0 } };

	while (poll(fds, 3, -1) > 0 && !fds[2].revents) {
		if (fds[0].revents)
			serve_udp(server);
		if (fds[1].revents)
			serve_tcp(server);
	}
	return NULL;
}

static int bound(int type, uint16_t port)
{
	const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static void server_start(struct server *server, enum manner manner)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);

	*server = (struct server){ .manner = manner, .udp = -1 };
	/* Until a port is free for both. */
	while (server->udp < 0) {
		server->tcp = bound(SOCK_STREAM, 0);
		assert_int_equal(getsockname(server->tcp, (struct sockaddr *)&address, &len), 0);
		server->port = ntohs(address.sin_port);
		server->udp = bound(SOCK_DGRAM, server->port);
		if (server->udp < 0)
			(void)close(server->tcp);
	}
	assert_int_equal(listen(server->tcp, 16), 0);
	assert_int_equal(pipe(server->stop), 0);
	(void)snprintf(server->text, sizeof(server->text), "127.0.0.1:%u", server->port);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_stop(struct server *server)
{
	(void)!write(server->stop[1], "x", 1);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->stop[0]);
	(void)close(server->stop[1]);
	(void)close(server->udp);
	(void)close(server->tcp);
}

static struct check *ask_for(struct harness *harness, const char *server,
			     enum dns_transport transport, usec_t timeout)
{
	struct dns_options *options = harness_fill(harness, "dns");
	struct check *check;

	options->query = "example.test";
	options->server_text = server;
	options->transport = transport;
	check = harness_check_of(harness, "dns", options, timeout);
	const unsigned before = harness->done;

	harness_start(harness, check);
	assert_int_equal(harness->done, before);
	harness_wait(harness, before + 1);
	return check;
}

static const usec_t patience = 60 * USEC_PER_SEC;

/* One question to a server of that manner, which is gone afterwards. */
static struct check *ask(void **state, enum manner manner, enum dns_transport transport,
			 struct server *server)
{
	struct check *check;

	server_start(server, manner);
	check = ask_for(*state, server->text, transport, patience);
	server_stop(server);
	return check;
}

static void an_answer_is_seen_whole(void **state)
{
	struct server server;
	struct check *check = ask(state, ANSWERS, DNS_UDP, &server);
	const struct observation *seen = &check->observation;

	assert_int_equal(seen->class, CLASS_NONE);
	assert_int_equal(seen->says, CLASS_NONE);
	assert_int_equal(seen->dns->rcode, 0);
	assert_int_equal(seen->dns->counts[DNS_ANSWER], 2);
	assert_string_equal(seen->dns->records[DNS_ANSWER][0], "a.example.test.");
	assert_string_equal(seen->dns->records[DNS_ANSWER][1], "127.0.0.7");
	assert_int_equal(seen->dns->ttl, 60);
	assert_true(seen->dns->is_authenticated);
	assert_int_equal(seen->address.port, server.port);
	assert_true(observation_has_phase(seen, PHASE_FIRST_BYTE));
	assert_true(seen->latency > 0 && seen->latency == seen->phases[PHASE_FIRST_BYTE]);
	check_free(check);
}

static void over_tcp_it_is_the_same(void **state)
{
	struct server server;
	struct check *check = ask(state, ANSWERS, DNS_TCP, &server);
	const struct observation *seen = &check->observation;

	assert_int_equal(seen->class, CLASS_NONE);
	assert_int_equal(seen->dns->counts[DNS_ANSWER], 2);
	assert_true(observation_has_phase(seen, PHASE_CONNECT));
	assert_int_equal(server.asked, 0);
	check_free(check);
}

static void what_a_server_refuses_or_denies_is_said_not_judged(void **state)
{
	struct server server;
	struct check *check = ask(state, REFUSES, DNS_UDP, &server);

	assert_int_equal(check->observation.class, CLASS_NONE);
	assert_int_equal(check->observation.says, CLASS_dns_failure);
	assert_non_null(strstr(check->observation.detail, "REFUSED from 127.0.0.1"));
	check_free(check);
	check = ask(state, DENIES, DNS_UDP, &server);
	assert_int_equal(check->observation.says, CLASS_dns_nxdomain);
	check_free(check);
}

static void answers_to_others_are_passed_over(void **state)
{
	struct server server;
	struct check *check = ask(state, CONFUSES, DNS_UDP, &server);

	assert_int_equal(check->observation.class, CLASS_NONE);
	assert_int_equal(check->observation.dns->rcode, 0);
	assert_int_equal(check->observation.dns->counts[DNS_ANSWER], 2);
	check_free(check);
}

static void a_lost_datagram_is_no_failure(void **state)
{
	struct server server;
	struct check *check = ask(state, LOSES, DNS_UDP, &server);

	assert_int_equal(check->observation.class, CLASS_NONE);
	assert_int_equal(server.asked, 2);
	check_free(check);
}

static void each_question_has_its_own_id_and_port(void **state)
{
	struct server server;
	unsigned same_ids = 0, same_ports = 0;

	server_start(&server, ANSWERS);
	for (unsigned i = 0; i < 8; i++)
		check_free(ask_for(*state, server.text, DNS_UDP, patience));
	server_stop(&server);
	assert_int_equal(server.asked, 8);
	for (unsigned i = 1; i < 8; i++) {
		same_ids += server.ids[i] == server.ids[0];
		same_ports += server.ports[i] == server.ports[0];
	}
	assert_true(same_ids < 3 && same_ports < 3);
}

static void what_is_truncated_is_asked_for_over_tcp(void **state)
{
	struct server server;
	struct check *check = ask(state, TRUNCATES, DNS_UDP, &server);

	assert_int_equal(check->observation.class, CLASS_NONE);
	assert_int_equal(check->observation.dns->counts[DNS_ANSWER], 2);
	assert_true(observation_has_phase(&check->observation, PHASE_CONNECT));
	check_free(check);
	check = ask(state, TRUNCATES_BOTH, DNS_UDP, &server);
	assert_int_equal(check->observation.class, CLASS_dns_failure);
	check_free(check);
	check = ask(state, TRUNCATES_HALF, DNS_UDP, &server);
	assert_int_equal(check->observation.class, CLASS_dns_failure);
	assert_int_equal(check->observation.phase, PHASE_TRANSFER);
	check_free(check);
}

static void babble_is_a_failure(void **state)
{
	struct server server;
	struct check *check = ask(state, BABBLES, DNS_UDP, &server);

	assert_int_equal(check->observation.class, CLASS_dns_failure);
	assert_int_equal(check->observation.phase, PHASE_TRANSFER);
	check_free(check);
}

static void silence_is_a_timeout_of_the_server(void **state)
{
	struct server server;
	struct check *check;

	server_start(&server, SILENT);
	check = ask_for(*state, server.text, DNS_UDP, 50 * USEC_PER_MS);
	server_stop(&server);
	assert_int_equal(check->observation.class, CLASS_dns_timeout);
	assert_int_equal(check->observation.phase, PHASE_FIRST_BYTE);
	assert_true(check->observation.latency >= 40 * USEC_PER_MS);
	check_free(check);
}

/* Whoever waits for a connection knows no more than that there is none yet. */
static void no_connection_in_time_is_a_timeout_too(void **state)
{
	struct harness *harness = *state;

	for (unsigned is_known = 0; is_known < 2; is_known++) {
		struct check *check;

		harness->plan.hangs_resolving = !is_known;
		harness->plan.hangs_connecting = is_known;
		check = ask_for(harness, "name.test", DNS_TCP, 50 * USEC_PER_MS);
		assert_int_equal(check->observation.class,
				 is_known ? CLASS_timeout : CLASS_dns_timeout);
		assert_int_equal(check->observation.phase,
				 is_known ? PHASE_CONNECT : PHASE_RESOLVE);
		assert_true(check->observation.latency >= 40 * USEC_PER_MS);
		check_free(check);
	}
}

static void where_nobody_listens_the_kernel_says_so(void **state)
{
	struct server server;
	struct check *check;

	server_start(&server, SILENT);
	server_stop(&server);
	check = ask_for(*state, server.text, DNS_UDP, patience);
	assert_int_equal(check->observation.class, CLASS_connect_refused);
	assert_int_equal(check->observation.phase, PHASE_CONNECT);
	check_free(check);
	check = ask_for(*state, server.text, DNS_TCP, patience);
	assert_int_equal(check->observation.class, CLASS_connect_refused);
	check_free(check);
}

static void addresses_are_asked_for_by_their_reverse_names(void **state)
{
	struct dns_options *options = harness_fill(*state, "dns");
	static const char v4[] = "\0017\0010\0010\003127\7in-addr\4arpa";
	struct check *check;

	options->query = "127.0.0.7";
	options->type = DNS_PTR;
	check = harness_check_of(*state, "dns", options, patience);
	assert_int_equal(options->question.name_len, sizeof(v4));
	assert_memory_equal(options->question.name, v4, sizeof(v4));
	check_free(check);
}

static void a_cancelled_question_is_done_once(void **state)
{
	struct harness *harness = *state;
	struct dns_options *options = harness_fill(harness, "dns");
	struct server server;
	struct check *check;

	server_start(&server, SILENT);
	options->query = "example.test";
	options->server_text = server.text;
	check = harness_check_of(harness, "dns", options, patience);
	harness_start(harness, check);
	harness_turn(harness, 3);
	check->endpoint->type->cancel(check);
	assert_int_equal(harness->done, 0);
	harness_wait(harness, 1);
	assert_true(check->is_cancelled);
	check_free(check);
	server_stop(&server);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)
	const struct CMUnitTest claims[] = {
		CLAIM(an_answer_is_seen_whole),
		CLAIM(over_tcp_it_is_the_same),
		CLAIM(what_a_server_refuses_or_denies_is_said_not_judged),
		CLAIM(answers_to_others_are_passed_over),
		CLAIM(a_lost_datagram_is_no_failure),
		CLAIM(each_question_has_its_own_id_and_port),
		CLAIM(what_is_truncated_is_asked_for_over_tcp),
		CLAIM(babble_is_a_failure),
		CLAIM(silence_is_a_timeout_of_the_server),
		CLAIM(no_connection_in_time_is_a_timeout_too),
		CLAIM(where_nobody_listens_the_kernel_says_so),
		CLAIM(addresses_are_asked_for_by_their_reverse_names),
		CLAIM(a_cancelled_question_is_done_once),
	};
#undef CLAIM

	return cmocka_run_group_tests(claims, NULL, NULL);
}
