/* kernel.c - below the yardstick: what the kernel alone costs.
 *
 * The same checks with system calls and nothing else: socket, connect, send, recv to the end
 * of what Content-Length says, close.  It understands just what tests/world sends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "load.h"

struct check {
	const struct load_endpoint *endpoint; /* borrowed */
	struct check *next_idle;
	usec_t started;
	size_t wanted, got; /* bytes of the reply; `wanted` 0: not known yet */
	int fd;
	bool is_sent;
	char head[4096]; /* the beginning of the reply */
};

struct client {
	struct load *load; /* owned */
	struct check *idle; /* owned */
	int epoll;
};

static void end(struct client *client, struct check *check, bool is_fine)
{
	(void)close(check->fd);
	load_ended(client->load, check->endpoint, is_fine, clock_now() - check->started);
	check->next_idle = client->idle;
	client->idle = check;
}

static void launch(struct client *client, const struct load_endpoint *endpoint)
{
	struct check *check = client->idle;
	struct epoll_event event = { .events = EPOLLOUT };

	if (check)
		client->idle = check->next_idle;
	else
		check = MEMORY_NEW(struct check);
	event.data.ptr = check;
	check->endpoint = endpoint;
	check->started = clock_now();
	check->wanted = check->got = 0;
	check->is_sent = false;
	check->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (check->fd < 0 ||
	    (connect(check->fd, (const struct sockaddr *)&endpoint->address,
		     sizeof(endpoint->address)) < 0 &&
	     errno != EINPROGRESS) ||
	    epoll_ctl(client->epoll, EPOLL_CTL_ADD, check->fd, &event) < 0)
		end(client, check, false);
}

static void send_request(struct client *client, struct check *check)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = check };
	char request[512];
	const int len = snprintf(request, sizeof(request),
				 "GET %s HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\n\r\n",
				 check->endpoint->path);

	check->is_sent = true;
	if (send(check->fd, request, (size_t)len, MSG_NOSIGNAL) != len ||
	    epoll_ctl(client->epoll, EPOLL_CTL_MOD, check->fd, &event) < 0)
		end(client, check, false);
}

/* Of the whole reply, once the end of its head is there. */
static size_t length_of(const struct check *check)
{
	static const char name[] = "\r\nContent-Length: ";
	const char *blank = strstr(check->head, "\r\n\r\n"), *length = strstr(check->head, name);

	if (!blank || !length)
		return 0;
	return (size_t)(blank - check->head) + 4 + strtoul(length + sizeof(name) - 1, NULL, 10);
}

static void receive(struct client *client, struct check *check)
{
	static char rest[64 << 10];
	const bool is_head = check->got < sizeof(check->head) - 1;
	const ssize_t n = is_head ? recv(check->fd, check->head + check->got,
					 sizeof(check->head) - 1 - check->got, 0)
				  : recv(check->fd, rest, sizeof(rest), 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		end(client, check, false);
		return;
	}
	check->got += (size_t)n;
	if (is_head)
		check->head[check->got] = '\0';
	if (!check->wanted)
		check->wanted = length_of(check);
	if (check->wanted && check->got >= check->wanted)
		end(client, check, memcmp(check->head, "HTTP/1.1 200", 12) == 0);
}

/* How long there is nothing to be started. */
static usec_t pump(struct client *client)
{
	const struct load_endpoint *endpoint;
	const usec_t deadline = load_deadline(client->load);
	usec_t next, now;

	while ((endpoint = load_next(client->load, &next)))
		launch(client, endpoint);
	now = clock_now();
	next = next < deadline ? next : deadline;
	return next > now ? next - now : 0;
}

int main(int argc, char *argv[])
{
	struct load_options options;
	struct client client = { 0 };
	struct epoll_event events[512];

	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	load_options_read(&options, argc, argv);
	client.epoll = epoll_create1(EPOLL_CLOEXEC);
	client.load = load_new(&options);
	while (!load_look(client.load)) {
		const usec_t wait = pump(&client);
		const struct timespec time = { .tv_sec = (time_t)(wait / USEC_PER_SEC),
					       .tv_nsec = (long)(wait % USEC_PER_SEC * 1000) };
		const int count = epoll_pwait2(client.epoll, events, 512, &time, NULL);

		for (int i = 0; i < count; i++) {
			struct check *check = events[i].data.ptr;

			if (check->is_sent)
				receive(&client, check);
			else
				send_request(&client, check);
		}
	}
	/* It was made to be measured; what it holds goes with it. */
	return 0;
}
