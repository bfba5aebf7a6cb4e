/* pinger.c - claims about echo requests, to addresses of this host. */
#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "loop/loop.h"
#include "loop/pinger_inside.h"

struct room {
	struct event_base *base;
	struct pinger *pinger;
	unsigned done;
};

static int set_up(void **state)
{
	struct room *room = MEMORY_NEW(struct room);

	room->base = loop_new();
	room->pinger = pinger_new(room->base);
	*state = room;
	return 0;
}

static int tear_down(void **state)
{
	struct room *room = *state;

	pinger_free(room->pinger);
	event_base_free(room->base);
	free(room);
	return 0;
}

static void came(struct ping *ping, void *context)
{
	struct room *room = context;

	room->done++;
}

static void wait_for(struct room *room, unsigned count)
{
	while (room->done < count)
		assert_int_equal(event_base_loop(room->base, EVLOOP_ONCE), 0);
}

static struct ping_request to(const char *address)
{
	struct ping_request request = { .count = 1, .spacing = USEC_PER_MS, .size = 56 };

	assert_int_equal(ip_parse(address, &request.ip), 0);
	return request;
}

static struct ping *run(struct room *room, const struct ping_request *request)
{
	struct ping *ping = ping_start(room->pinger, request, came, room);

	assert_int_equal(room->done, 0);
	wait_for(room, 1);
	room->done = 0;
	return ping;
}

/* Where a test may send none (a container without the right and the group), there is nothing
 * to claim.
 */
static void skip_without_right(struct room *room, const char *address)
{
	const struct ping_request request = to(address);
	struct ping *ping = run(room, &request);
	const bool is_local = ping->is_local;

	ping_free(ping);
	if (is_local)
		skip();
}

static void each_request_comes_back(void **state)
{
	static const char *const addresses[] = { "127.0.0.1", "127.1.2.3", "::1" };
	struct room *room = *state;

	for (size_t i = 0; i < 3; i++) {
		struct ping_request request = to(addresses[i]);
		struct ping *ping;

		skip_without_right(room, addresses[i]);
		request.count = 5;
		ping = run(room, &request);
		assert_int_equal(ping->sent, 5);
		assert_int_equal(ping->back, 5);
		for (unsigned n = 0; n < 5; n++)
			assert_true(ping->packets[n].took < 5 * USEC_PER_SEC);
		ping_free(ping);
	}
}

static void size_ttl_and_source_are_as_wanted(void **state)
{
	static const unsigned sizes[] = { PINGER_SIZE_MIN, 1472, 9000, PINGER_SIZE_MAX };
	struct room *room = *state;

	skip_without_right(room, "127.0.0.1");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct ping_request request = to("127.0.0.1");
		struct ping *ping;

		request.size = sizes[i];
		request.ttl = 7;
		request.dont_fragment = i < 2;
		assert_int_equal(ip_parse("127.0.0.9", &request.source), 0);
		ping = run(room, &request);
		assert_int_equal(ping->back, 1);
		ping_free(ping);
	}
}

static void a_thousand_at_once_come_back_by_one_socket(void **state)
{
	struct room *room = *state;
	struct ping *pings[1000];
	int fd;

	skip_without_right(room, "127.0.0.1");
	fd = room->pinger->v4.fd;
	for (unsigned i = 0; i < 1000; i++) {
		struct ping_request request = to("127.0.0.1");

		request.ip.bytes[2] = (uint8_t)(i / 250);
		request.ip.bytes[3] = (uint8_t)(i % 250 + 1);
		pings[i] = ping_start(room->pinger, &request, came, room);
		/* As the engine has it, which starts at most 64 a turn. */
		if (i % 64 == 63)
			(void)event_base_loop(room->base, EVLOOP_NONBLOCK);
	}
	wait_for(room, 1000);
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(pings[i]->back, 1);
		ping_free(pings[i]);
	}
	assert_int_equal(room->pinger->v4.fd, fd);
}

/* A request that waits, and the reply that it would take. */
static struct ping *waiting(struct room *room, uint8_t data[56], struct ip *from)
{
	struct ping_request request = to("127.0.0.1");
	struct ping *ping;

	ping = ping_start(room->pinger, &request, came, room);
	memset(data, 0, 56);
	memcpy(data, &ping->token, sizeof(ping->token));
	*from = request.ip;
	return ping;
}

static void replies_to_others_are_passed_over(void **state)
{
	struct room *room = *state;
	uint8_t data[56];
	struct ip from, other;
	struct ping *ping;
	uint16_t sequence;

	skip_without_right(room, "127.0.0.1");
	ping = waiting(room, data, &from);
	sequence = ping->packets[0].sequence;
	other = from;
	other.bytes[3] = 9;
	pinger_came(&room->pinger->v4, (uint16_t)(sequence + 1), &from, data, 56, 0, clock_now());
	pinger_came(&room->pinger->v4, sequence, &other, data, 56, 0, clock_now());
	pinger_came(&room->pinger->v4, sequence, &from, data, 55, 0, clock_now());
	data[0] ^= 1;
	pinger_came(&room->pinger->v4, sequence, &from, data, 56, 0, clock_now());
	assert_int_equal(ping->back, 0);
	data[0] ^= 1;
	pinger_came(&room->pinger->v4, sequence, &from, data, 56, 0, clock_now());
	assert_int_equal(ping->back, 1);
	assert_int_equal(room->done, 1);
	/* A second one is a duplicate. */
	pinger_came(&room->pinger->v4, sequence, &from, data, 56, 0, clock_now());
	assert_int_equal(ping->back, 1);
	assert_int_equal(room->done, 1);
	ping_free(ping);
	/* And whoever is gone takes none. */
	pinger_came(&room->pinger->v4, sequence, &from, data, 56, 0, clock_now());
}

static void a_stamp_counts_only_as_far_as_it_makes_sense(void **state)
{
	struct room *room = *state;
	uint8_t data[56];
	struct ip from;
	struct ping *ping;

	skip_without_right(room, "127.0.0.1");
	ping = waiting(room, data, &from);
	pinger_came(&room->pinger->v4, ping->packets[0].sequence, &from, data, 56,
		    ping->packets[0].sent_wall_ns + 3000, clock_now());
	assert_true(ping->packets[0].took <= 3);
	ping_free(ping);
	/* The clock was set, forwards and back. */
	ping = waiting(room, data, &from);
	pinger_came(&room->pinger->v4, ping->packets[0].sequence, &from, data, 56,
		    ping->packets[0].sent_wall_ns + 3600 * (usec_t)1000000000, clock_now());
	assert_true(ping->packets[0].took < 60 * USEC_PER_SEC);
	ping_free(ping);
	ping = waiting(room, data, &from);
	pinger_came(&room->pinger->v4, ping->packets[0].sequence, &from, data, 56, 1, clock_now());
	assert_true(ping->packets[0].took < 60 * USEC_PER_SEC);
	ping_free(ping);
}

static void what_the_network_refuses_ends_it(void **state)
{
	struct room *room = *state;
	uint8_t data[56];
	struct ip from;
	struct ping *ping;

	skip_without_right(room, "127.0.0.1");
	ping = waiting(room, data, &from);
	pinger_refused(&room->pinger->v4, ping->packets[0].sequence, EHOSTUNREACH);
	assert_int_equal(room->done, 1);
	assert_int_equal(ping->error, EHOSTUNREACH);
	assert_false(ping->is_local);
	ping_free(ping);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest claims[] = {
		CLAIM(each_request_comes_back),
		CLAIM(size_ttl_and_source_are_as_wanted),
		CLAIM(a_thousand_at_once_come_back_by_one_socket),
		CLAIM(replies_to_others_are_passed_over),
		CLAIM(a_stamp_counts_only_as_far_as_it_makes_sense),
		CLAIM(what_the_network_refuses_ends_it),
	};
#undef CLAIM

	return cmocka_run_group_tests(claims, NULL, NULL);
}
