/* transfer_pool.c - claims about handles of libcurl that are used again. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "transfer_bench.h"

enum { SENT_MAX = 512 };

static void an_errno_does_not_outlive_its_transfer(void **state)
{
	struct fixture *fixture = *state;
	struct transfer *transfer = take(fixture, "http://name.invalid/");
	const struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	long error = 0;
	int fd, peer;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	fd = connect_to(ntohs(address.sin_port));
	peer = accept(listener, NULL, NULL);
	(void)setsockopt(peer, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	transfer_start(transfer, fd, ended, fixture);
	(void)close(peer);
	wait_for(fixture, 1);
	(void)curl_easy_getinfo(transfer_handle(transfer), CURLINFO_OS_ERRNO, &error);
	assert_int_equal(error, ECONNRESET);
	transfer_give(transfer);
	(void)close(listener);

	transfer = transfer_take(fixture->transfers, NULL);
	(void)curl_easy_getinfo(transfer_handle(transfer), CURLINFO_OS_ERRNO, &error);
	assert_int_equal(error, 0);
	transfer_give(transfer);
}

static void a_burst_of_handles_is_not_kept_for_good(void **state)
{
	struct fixture *fixture = *state;
	struct transfer *burst[600];

	for (size_t i = 0; i < 600; i++)
		burst[i] = transfer_take(fixture->transfers, NULL);
	assert_int_equal(transfers_idle(fixture->transfers), 0);
	for (size_t i = 0; i < 600; i++)
		transfer_give(burst[i]);
	assert_int_equal(transfers_idle(fixture->transfers), 600);
	/* One after the other, as after the burst. */
	for (size_t i = 0; i < 600; i++)
		transfer_give(transfer_take(fixture->transfers, NULL));
	assert_in_range(transfers_idle(fixture->transfers), 1, 300);
}

static unsigned prepared;

static int note_sent(CURL *easy, curl_infotype kind, char *data, size_t len, void *context)
{
	char *sent = context;

	if (kind == CURLINFO_HEADER_OUT)
		(void)snprintf(sent, SENT_MAX, "%.*s", (int)len, data);
	return 0;
}

static void prepare(CURL *easy)
{
	prepared++;
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "prepared");
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
	(void)curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, note_sent);
}

/* `method` NULL: the usual one, so that nothing is set but what transfer_set() sets. */
static void request(struct fixture *fixture, uint16_t port, const char *method, bool is_telling,
		    char *ret_sent)
{
	struct transfer *transfer = transfer_take(fixture->transfers, prepare);

	ret_sent[0] = '\0';
	transfer_set(transfer, "http://name.invalid/", NULL, ret_sent);
	if (method)
		(void)curl_easy_setopt(transfer_handle(transfer), CURLOPT_CUSTOMREQUEST, method);
	transfer_tell(transfer, is_telling);
	transfer_start(transfer, connect_to(port), ended, fixture);
	wait_for(fixture, fixture->ended + 1);
	assert_int_equal(fixture->code, CURLE_OK);
	transfer_give(transfer);
}

static void what_one_alone_sets_is_not_the_next_ones(void **state)
{
	struct fixture *fixture = *state;
	char sent[SENT_MAX];
	struct server server;

	prepared = 0;
	server_start(&server, 4);
	request(fixture, server.port, "BREW", true, sent);
	assert_memory_equal(sent, "BREW / ", 7);
	request(fixture, server.port, NULL, true, sent);
	assert_memory_equal(sent, "GET / ", 6);
	assert_non_null(strstr(sent, "\r\nUser-Agent: prepared\r\n"));
	assert_int_equal(prepared, 2);

	/* And what is prepared stays, without being set again, but not that it is told. */
	request(fixture, server.port, NULL, false, sent);
	assert_string_equal(sent, "");
	request(fixture, server.port, NULL, true, sent);
	assert_non_null(strstr(sent, "\r\nUser-Agent: prepared\r\n"));
	assert_int_equal(prepared, 2);
	server_stop(&server);
}

static void another_kind_begins_with_a_clean_handle(void **state)
{
	struct fixture *fixture = *state;
	char sent[SENT_MAX];
	struct server server;
	struct transfer *transfer;

	server_start(&server, 2);
	request(fixture, server.port, NULL, true, sent);
	transfer = take(fixture, "http://name.invalid/");
	(void)curl_easy_setopt(transfer_handle(transfer), CURLOPT_DEBUGFUNCTION, note_sent);
	(void)curl_easy_setopt(transfer_handle(transfer), CURLOPT_DEBUGDATA, sent);
	transfer_tell(transfer, true);
	transfer_start(transfer, connect_to(server.port), ended, fixture);
	wait_for(fixture, 2);
	assert_null(strstr(sent, "User-Agent"));
	transfer_give(transfer);
	server_stop(&server);
}

/* Whoever asks for no kept connection gets none, and leaves none. */
static void keeping_ends_with_the_transfer(void **state)
{
	struct fixture *fixture = *state;
	struct server server;
	struct transfer *transfer;
	char sent[SENT_MAX];

	server_start(&server, 2);
	for (unsigned i = 0; i < 2; i++) {
		transfer = transfer_take(fixture->transfers, prepare);
		transfer_set(transfer, "http://name.invalid/", NULL, sent);
		if (i == 0)
			transfer_keep(transfer, 7, 0);
		transfer_start(transfer, i == 0 ? connect_to(server.port) : -1, ended, fixture);
		wait_for(fixture, i + 1);
		assert_int_equal(transfer_wants_socket(transfer), i == 1);
		transfer_give(transfer);
	}
	request(fixture, server.port, NULL, true, sent);
	assert_non_null(strstr(sent, "\r\nHost: name.invalid\r\n"));
	server_stop(&server);
	assert_int_equal(server.accepted, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_burst_of_handles_is_not_kept_for_good, bench_up,
						bench_down),
		cmocka_unit_test_setup_teardown(an_errno_does_not_outlive_its_transfer, bench_up,
						bench_down),
		cmocka_unit_test_setup_teardown(what_one_alone_sets_is_not_the_next_ones, bench_up,
						bench_down),
		cmocka_unit_test_setup_teardown(another_kind_begins_with_a_clean_handle, bench_up,
						bench_down),
		cmocka_unit_test_setup_teardown(keeping_ends_with_the_transfer, bench_up,
						bench_down),
	};

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
