/* server.c - a web server in a thread that does exactly as it is told. */
#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
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

static void start(struct server *server, server_script *script, const char *reply, SSL_CTX *context)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	/* As in the daemon; OpenSSL writes without MSG_NOSIGNAL. */
	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	memset(server, 0, sizeof(*server));
	server->script = script;
	server->reply = reply;
	server->tls = context;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->fd >= 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(server->fd, 1024), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, work, server), 0);
}

void server_start(struct server *server, server_script *script, const char *reply)
{
	start(server, script, reply, NULL);
}

/* What a client offered, as a list. */
static int note_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
		     const unsigned char *in, unsigned in_len, void *context)
{
	struct server *server = context;

	size_t len = 0;

	server->alpn[0] = '\0';
	for (unsigned i = 0; i < in_len && len < sizeof(server->alpn); i += in[i] + 1u)
		len += (size_t)snprintf(server->alpn + len, sizeof(server->alpn) - len, "%.*s,",
					in[i], (const char *)in + i + 1);
	*out = (const unsigned char *)"h2";
	*out_len = 2;
	return server->chooses_http2 ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static int note_sni(SSL *ssl, int *alert, void *context)
{
	struct server *server = context;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)snprintf(server->sni, sizeof(server->sni), "%s", name ? name : "");
	return SSL_TLSEXT_ERR_OK;
}

void server_start_tls(struct server *server, server_script *script, const char *reply,
		      SSL_CTX *context)
{
	SSL_CTX_set_alpn_select_cb(context, note_alpn, server);
	(void)SSL_CTX_set_tlsext_servername_callback(context, note_sni);
	(void)SSL_CTX_set_tlsext_servername_arg(context, server);
	start(server, script, reply, context);
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

static ssize_t read_some(struct server *server, int fd, char *data, size_t len)
{
	return server->ssl ? SSL_read(server->ssl, data, (int)len) : read(fd, data, len);
}

bool server_read(struct server *server, int fd)
{
	char *request = server->request[server->requests % SERVER_REQUESTS];
	size_t len = 0, wanted = SIZE_MAX;

	while (len < wanted && len < SERVER_REQUEST_BYTES - 1) {
		const ssize_t n =
			read_some(server, fd, request + len, SERVER_REQUEST_BYTES - 1 - len);
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

void server_write_len(int fd, const void *data, size_t len)
{
	(void)!send(fd, data, len, MSG_NOSIGNAL);
}

void server_write(int fd, const char *text)
{
	server_write_len(fd, text, strlen(text));
}

bool server_poll(int fd, int timeout_ms)
{
	struct pollfd polled = { .fd = fd, .events = POLLRDHUP };

	return poll(&polled, 1, timeout_ms) > 0;
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

void server_flood(int fd, const char *text)
{
	while (send(fd, text, strlen(text), MSG_NOSIGNAL) > 0)
		continue;
}

void server_flood_headers(struct server *server, int fd)
{
	(void)server_read(server, fd);
	server_write(fd, "HTTP/1.1 200 OK\r\n");
	server_flood(fd, "X-More: and more\r\n");
}

void server_flood_body(struct server *server, int fd)
{
	(void)server_read(server, fd);
	server_write(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	server_flood(fd, "10\r\n0123456789abcdef\r\n");
}

void server_reply_at_once(struct server *server, int fd)
{
	server_write(fd, server->reply);
	server_wait_closed(fd);
}

void server_hello_close(struct server *server, int fd)
{
	char bytes[4096];

	(void)!read(fd, bytes, sizeof(bytes));
}

void server_hello_reset(struct server *server, int fd)
{
	server_hello_close(server, fd);
	set_reset(fd);
}

void server_hello_stall(struct server *server, int fd)
{
	server_wait_closed(fd);
}

static void reply_over_tls(struct server *server, int fd, bool says_farewell)
{
	server->ssl = SSL_new(server->tls);
	(void)SSL_set_fd(server->ssl, fd);
	if (SSL_accept(server->ssl) == 1 && server_read(server, fd)) {
		(void)SSL_write(server->ssl, server->reply, (int)strlen(server->reply));
		if (says_farewell && !server->lingers)
			(void)SSL_shutdown(server->ssl);
		if (server->lingers)
			server_wait_closed(fd);
	} else {
		/* What the client still says must not make a reset of the close. */
		(void)shutdown(fd, SHUT_WR);
		server_wait_closed(fd);
	}
	SSL_free(server->ssl);
	server->ssl = NULL;
}

void server_tls_reply(struct server *server, int fd)
{
	reply_over_tls(server, fd, true);
}

void server_tls_abandon(struct server *server, int fd)
{
	reply_over_tls(server, fd, false);
}
