/* transfer_bench.c - a web server in a thread, and what transfers to it run on. */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "transfer_bench.h"

static void *serve(void *context)
{
	static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	struct server *server = context;
	char request[4096];

	server->served[server->served_count++] = (struct pollfd){ server->fd, POLLIN, 0 };
	while (server->replies > 0) {
		/* Who comes waits until there is a place. */
		server->served[0].events = server->served_count < SERVED_MAX ? POLLIN : 0;
		assert_true(poll(server->served, server->served_count, -1) > 0);
		if (server->served[0].revents) {
			const int fd = accept(server->fd, NULL, NULL);

			server->accepted++;
			server->served[server->served_count++] = (struct pollfd){ fd, POLLIN, 0 };
		}
		for (unsigned i = server->served_count - 1; i > 0; i--) {
			const int fd = server->served[i].fd;

			if (!server->served[i].revents)
				continue;
			if (read(fd, request, sizeof(request)) > 0) {
				assert_int_equal(write(fd, reply, sizeof(reply) - 1),
						 sizeof(reply) - 1);
				server->replies--;
				continue;
			}
			(void)close(fd);
			server->served[i] = server->served[--server->served_count];
		}
	}
	while (server->served_count > 1)
		(void)close(server->served[--server->served_count].fd);
	return NULL;
}

void server_start(struct server *server, unsigned replies)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	*server = (struct server){ .replies = replies };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(server->fd, 512), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

void server_stop(struct server *server)
{
	assert_int_equal(pthread_join(server->thread, NULL), 0);
	(void)close(server->fd);
}

int connect_to(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = 0;
	socklen_t len = sizeof(error);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), -1);
	assert_int_equal(errno, EINPROGRESS);
	assert_int_equal(poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, 5000), 1);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
	assert_int_equal(error, 0);
	return fd;
}

int bench_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ .base = event_base_new() };
	fixture.transfers = transfers_new(fixture.base);
	*state = &fixture;
	return 0;
}

int bench_down(void **state)
{
	struct fixture *fixture = *state;

	transfers_free(fixture->transfers);
	event_base_free(fixture->base);
	return 0;
}

void ended(CURLcode code, void *context)
{
	struct fixture *fixture = context;

	fixture->ended++;
	fixture->code = code;
}

void wait_for(struct fixture *fixture, unsigned count)
{
	while (fixture->ended < count)
		assert_int_equal(event_base_loop(fixture->base, EVLOOP_ONCE), 0);
}

size_t swallow(char *data, size_t size, size_t count, void *context)
{
	return size * count;
}

struct transfer *take(struct fixture *fixture, const char *url)
{
	struct transfer *transfer = transfer_take(fixture->transfers, NULL);

	(void)curl_easy_setopt(transfer_handle(transfer), CURLOPT_URL, url);
	(void)curl_easy_setopt(transfer_handle(transfer), CURLOPT_WRITEFUNCTION, swallow);
	return transfer;
}
