/* server.c - a web server in a thread that does exactly as it is told. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "server.h"

static void *work(void *context)
{
	struct server *server = context;

	for (;;) {
		const int fd = accept(server->fd, NULL, NULL);

		if (atomic_load(&server->is_stopping) || fd < 0) {
			if (fd >= 0)
				(void)close(fd);
			return NULL;
		}
		server->connections++;
		server->script(server, fd);
		(void)close(fd);
	}
}

void server_start(struct server *server, server_script *script, const char *reply)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	memset(server, 0, sizeof(*server));
	server->script = script;
	server->reply = reply;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->fd >= 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(server->fd, 1024), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, work, server), 0);
}

void server_stop(struct server *server)
{
	atomic_store(&server->is_stopping, true);
	(void)shutdown(server->fd, SHUT_RDWR); /* wakes accept() */
	assert_int_equal(pthread_join(server->thread, NULL), 0);
	(void)close(server->fd);
	SSL_CTX_free(server->tls);
}

static size_t length_of(const char *head)
{
	const char *line = strcasestr(head, "\r\nContent-Length:");

	return line ? strtoul(line + 17, NULL, 10) : 0;
}

bool server_read(struct server *server, int fd)
{
	char *request = server->request[server->requests % SERVER_REQUESTS];
	size_t len = 0, wanted = SIZE_MAX;

	while (len < wanted && len < SERVER_REQUEST_BYTES - 1) {
		const ssize_t n = read(fd, request + len, SERVER_REQUEST_BYTES - 1 - len);
		const char *end;

		if (n <= 0)
			return false;
		len += (size_t)n;
		request[len] = '\0';
		end = strstr(request, "\r\n\r\n");
		if (end)
			wanted = (size_t)(end - request) + 4 + length_of(request);
	}
	server->requests++;
	return true;
}

void server_write(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

void server_wait_closed(int fd)
{
	char bytes[4096];

	while (read(fd, bytes, sizeof(bytes)) > 0)
		continue;
}

void server_reply(struct server *server, int fd)
{
	if (server_read(server, fd))
		server_write(fd, server->reply);
}

void server_reply_each(struct server *server, int fd)
{
	while (server_read(server, fd))
		server_write(fd, server->reply);
}

static void set_reset(int fd)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

void server_reset(struct server *server, int fd)
{
	(void)server_read(server, fd);
	server_write(fd, server->reply ? server->reply : "");
	set_reset(fd);
}

void server_reset_at_once(struct server *server, int fd)
{
	set_reset(fd);
}

void server_close_silently(struct server *server, int fd)
{
	(void)server_read(server, fd);
}

void server_stall(struct server *server, int fd)
{
	(void)server_read(server, fd);
	server_write(fd, server->reply ? server->reply : "");
	server_wait_closed(fd);
}

static void flood(int fd, const char *text)
{
	while (send(fd, text, strlen(text), MSG_NOSIGNAL) > 0)
		continue;
}

void server_flood_headers(struct server *server, int fd)
{
	(void)server_read(server, fd);
	server_write(fd, "HTTP/1.1 200 OK\r\n");
	flood(fd, "X-More: and more\r\n");
}

void server_flood_body(struct server *server, int fd)
{
	(void)server_read(server, fd);
	server_write(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	flood(fd, "10\r\n0123456789abcdef\r\n");
}
