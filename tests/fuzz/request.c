/* request.c - bytes at the socket, or at `listen:`: answered, or shown out.
 *
 * A byte says at which door; then what the client sends.
 *
 * Over: status/door.c status/entrance.c status/route.c status/answer.c status/action.c
 * status/silences.c status/heartbeat.c status/probing.c status/query.c status/filter.c
 * status/listing.c status/detail.c status/history.c status/incidents.c status/receivers.c
 * status/stream.c status/scrape.c status/badge.c status/board.c status/page_endpoint.c
 */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "fuzz.h"
#include "status/door.h"
#include "status/inside.h"
#include "unit/status/world.h"

enum { TURNS_MAX = 200, TURNS_IDLE = 6, REQUEST_MAX = 60000, ANSWER_MAX = 1 << 20 };

static int enter_socket(const struct world *world)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", world->path);
	assert(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

static int enter_port(const struct world *world)
{
	/* Gone at once, so that ports are not used up. */
	const struct linger linger = { .l_onoff = 1 };
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) == 0);
	assert(getsockname(door_fd(world->status->listen), (struct sockaddr *)&address, &len) == 0);
	if (connect(fd, (struct sockaddr *)&address, len) < 0) {
		/* This machine's fault, not the input's: say which. */
		perror("fuzz-request: connect");
		abort();
	}
	return fd;
}

/* Turns the loop until the server closes or has nothing more to say. */
static void talk(const struct world *world, int fd, struct text *answer)
{
	char bytes[4096];
	unsigned idle = 0;

	for (unsigned turn = 0; turn < TURNS_MAX && idle < TURNS_IDLE; turn++) {
		ssize_t len;

		(void)event_base_loop(world->base, EVLOOP_NONBLOCK);
		len = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (len == 0)
			return;
		if (len > 0)
			text_append_len(answer, bytes, (size_t)len);
		idle = len > 0 ? 0 : idle + 1;
	}
}

/* One answer that is whole: then its JSON is JSON, and a page has a policy. */
static void look_at(const struct text *answer)
{
	const char *head = text_string(answer), *body = strstr(head, "\r\n\r\n");
	const char *length = strstr(head, "Content-Length: ");
	json_t *json;

	if (answer->len == 0)
		return;
	/* With the version that was asked for, which is not always one. */
	assert(answer->len >= 9 && strncmp(head, "HTTP/", 5) == 0);
	if (!body || !length || length > body || answer->is_cut)
		return;
	body += 4;
	if (strtoul(length + strlen("Content-Length: "), NULL, 10) !=
	    answer->len - (size_t)(body - head))
		return;
	if (strstr(head, "Content-Type: application/json") && *body) {
		json = json_loads(body, 0, NULL);
		assert(json);
		json_decref(json);
	}
	if (strstr(head, "Content-Type: text/html; charset") && strncmp(head + 9, "200", 3) == 0)
		assert(strstr(head, "Content-Security-Policy: "));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct world_options options = {
		.endpoints = 6, .events = 20, .connections = 4, .listen = "127.0.0.1:0"
	};
	struct fuzz input = { data, len };
	struct text answer = { .limit_bytes = ANSWER_MAX };
	struct world *world;
	bool is_port;
	int fd;

	if (len > REQUEST_MAX)
		return 0;
	is_port = fuzz_byte(&input) & 1;
	world = world_new(&options);
	fd = is_port ? enter_port(world) : enter_socket(world);
	if (input.len > 0)
		assert(send(fd, input.data, input.len, MSG_NOSIGNAL) == (ssize_t)input.len);
	talk(world, fd, &answer);
	look_at(&answer);
	(void)close(fd);
	for (unsigned turn = 0; turn < TURNS_IDLE; turn++)
		(void)event_base_loop(world->base, EVLOOP_NONBLOCK);
	world_free(world);
	text_done(&answer);
	return 0;
}
