/* stream.c - claims about loop/stream.h: both ends over a real pair of sockets. */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/memory.h"
#include "loop/stream.h"

enum { ROOM = 4096 };

struct stage {
	struct event_base *base;
	struct stream *stream;
	int peer;
	unsigned secured, received, ended, broken;
	bool frees_when_told, stops_taking;
	SSL_CTX *secures_with; /* as soon as something comes */
	char *got;
	size_t got_len;
};

static void told(struct stream *stream, enum stream_news news, void *context)
{
	struct stage *stage = context;
	size_t len;
	const char *data = stream_received(stream, &len);

	stage->secured += news == STREAM_SECURED;
	stage->received += news == STREAM_RECEIVED;
	stage->ended += news == STREAM_ENDED;
	stage->broken += news == STREAM_BROKEN;
	assert_true(len <= ROOM);
	if (stage->frees_when_told) {
		stream_free(stream);
		stage->stream = NULL;
		return;
	}
	if (stage->stops_taking)
		return;
	stage->got = memory_grow(stage->got, stage->got_len + len + 1, 1);
	memcpy(stage->got + stage->got_len, data, len);
	stage->got_len += len;
	stream_take(stream, len);
	if (stage->secures_with)
		stream_secure(stream, stage->secures_with, NULL);
}

static int set_up(void **state)
{
	struct stage *stage = MEMORY_NEW(struct stage);
	int pair[2];

	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	stage->base = event_base_new();
	stage->peer = pair[1];
	stage->stream = stream_new(stage->base, pair[0], ROOM, told, stage);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	if (stage->stream)
		stream_free(stage->stream);
	if (stage->peer >= 0)
		(void)close(stage->peer);
	event_base_free(stage->base);
	free(stage->got);
	free(stage);
	return 0;
}

/* What there is to do now, and nothing that would have to be waited for. */
static void turn(struct stage *stage)
{
	for (unsigned i = 0; i < 16; i++)
		(void)event_base_loop(stage->base, EVLOOP_NONBLOCK);
}

static void what_comes_is_told_and_taken(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(write(stage->peer, "hello", 5), 5);
	assert_int_equal(stage->received, 0);
	turn(stage);
	assert_int_equal(stage->received, 1);
	assert_memory_equal(stage->got, "hello", 5);
	assert_int_equal(stage->ended, 0);
}

static void what_is_sent_arrives_in_a_later_turn(void **state)
{
	struct stage *stage = *state;
	char got[16];

	stream_send(stage->stream, "one", 3);
	stream_send(stage->stream, "two", 3);
	assert_int_equal(stream_unsent(stage->stream), 6);
	turn(stage);
	assert_int_equal(stream_unsent(stage->stream), 0);
	assert_int_equal(read(stage->peer, got, sizeof(got)), 6);
	assert_memory_equal(got, "onetwo", 6);
}

static void what_nobody_takes_stops_the_reading(void **state)
{
	struct stage *stage = *state;
	char data[1024];
	size_t written = 0, len;
	ssize_t n;

	memset(data, 'x', sizeof(data));
	stage->stops_taking = true;
	for (unsigned i = 0; i < 10000; i++) {
		n = write(stage->peer, data, sizeof(data));
		if (n < 0)
			break;
		written += (size_t)n;
		turn(stage);
	}
	assert_true(n < 0 && errno == EAGAIN);
	(void)stream_received(stage->stream, &len);
	assert_int_equal(len, ROOM);
	/* A part of it makes room for more, and in the end all arrives in order. */
	stage->stops_taking = false;
	stream_take(stage->stream, ROOM);
	turn(stage);
	while (stage->got_len + ROOM < written)
		(void)event_base_loop(stage->base, EVLOOP_ONCE);
	assert_int_equal(stage->got_len + ROOM, written);
}

static void an_end_is_told_once_behind_what_came(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(write(stage->peer, "bye", 3), 3);
	(void)shutdown(stage->peer, SHUT_WR);
	turn(stage);
	assert_int_equal(stage->received, 1);
	assert_int_equal(stage->ended, 1);
	assert_int_equal(stage->broken, 0);
	/* The other direction is still there. */
	stream_send(stage->stream, "well", 4);
	turn(stage);
	assert_int_equal(stage->ended, 1);
	assert_int_equal(stream_unsent(stage->stream), 0);
}

static void a_broken_one_says_why(void **state)
{
	struct stage *stage = *state;

	(void)close(stage->peer);
	stage->peer = -1;
	stream_send(stage->stream, "hello", 5);
	turn(stage);
	assert_int_equal(stage->broken, 1);
	assert_int_equal(stream_error(stage->stream), EPIPE);
}

static void it_may_be_freed_when_it_tells(void **state)
{
	struct stage *stage = *state;

	stage->frees_when_told = true;
	assert_int_equal(write(stage->peer, "hello", 5), 5);
	(void)shutdown(stage->peer, SHUT_WR);
	turn(stage);
	assert_int_equal(stage->received, 1);
	assert_int_equal(stage->ended, 0);
}

static void what_is_given_away_is_neither_read_nor_closed(void **state)
{
	struct stage *stage = *state;
	const int fd = stream_release(stage->stream);
	char got[8];

	stage->stream = NULL;
	assert_int_equal(write(stage->peer, "hello", 5), 5);
	turn(stage);
	assert_int_equal(stage->received, 0);
	assert_int_equal(read(fd, got, sizeof(got)), 5);
	(void)close(fd);
}

static void a_farewell_goes_behind_what_is_unsent(void **state)
{
	enum { BYTES = 1024 * 1024 };
	struct stage *stage = *state;
	char *data = memory_new(BYTES, 1);
	size_t got = 0;
	ssize_t n = 1;

	stream_send(stage->stream, data, BYTES);
	stream_farewell(stage->stream);
	assert_true(stream_unsent(stage->stream) > 0);
	while (n > 0) {
		turn(stage);
		n = read(stage->peer, data, BYTES);
		got += n > 0 ? (size_t)n : 0;
	}
	free(data);
	assert_int_equal(n, 0);
	assert_int_equal(got, BYTES);
	assert_int_equal(stage->broken, 0);
}

static void a_handshake_begins_behind_what_is_unsent(void **state)
{
	struct stage *stage = *state;
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	char got[16] = "";

	stream_send(stage->stream, "go\n", 3);
	stream_secure(stage->stream, context, "name.test");
	SSL_CTX_free(context);
	turn(stage);
	assert_true(read(stage->peer, got, 6) == 6);
	/* A record of a handshake. */
	assert_memory_equal(got, "go\n\x16\x03\x01", 6);
	/* Nothing of it came back. */
	(void)shutdown(stage->peer, SHUT_WR);
	turn(stage);
	assert_int_equal(stage->secured, 0);
	assert_int_equal(stage->broken, 1);
	assert_int_equal(stage->ended, 0);
}

static void a_handshake_may_be_begun_by_whoever_is_told(void **state)
{
	struct stage *stage = *state;
	char got[16] = "";

	stage->secures_with = SSL_CTX_new(TLS_client_method());
	assert_int_equal(write(stage->peer, "go\n", 3), 3);
	turn(stage);
	SSL_CTX_free(stage->secures_with);
	assert_true(read(stage->peer, got, 3) == 3);
	assert_memory_equal(got, "\x16\x03\x01", 3);
}

#define CLAIM(claim) cmocka_unit_test_setup_teardown(claim, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(what_comes_is_told_and_taken),
		CLAIM(what_is_sent_arrives_in_a_later_turn),
		CLAIM(what_nobody_takes_stops_the_reading),
		CLAIM(an_end_is_told_once_behind_what_came),
		CLAIM(a_broken_one_says_why),
		CLAIM(it_may_be_freed_when_it_tells),
		CLAIM(what_is_given_away_is_neither_read_nor_closed),
		CLAIM(a_farewell_goes_behind_what_is_unsent),
		CLAIM(a_handshake_begins_behind_what_is_unsent),
		CLAIM(a_handshake_may_be_begun_by_whoever_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
