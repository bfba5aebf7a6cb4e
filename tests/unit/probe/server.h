/* server.h - a web server in a thread that does exactly as it is told.
 *
 * One connection at a time.  What it was asked is looked at after server_stop().
 */
#pragma once

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server;
/* Has the connection to itself; it is closed when this returns. */
typedef void server_script(struct server *server, int fd);

enum { SERVER_REQUESTS = 16, SERVER_REQUEST_BYTES = 8192 };

struct server {
	pthread_t thread;
	int fd;
	uint16_t port;
	atomic_bool is_stopping;
	server_script *script;
	const char *reply; /* of server_reply() */
	const void *data; /* for the script */
	SSL_CTX *tls; /* owned; or NULL */
	SSL *ssl; /* of the connection that is served */
	char sni[256], alpn[256]; /* what the last client asked for, and offered: "h2,http/1.1," */
	bool chooses_http2;
	bool lingers; /* after a reply over TLS, until the client closes */
	unsigned connections;
	unsigned requests;
	char request[SERVER_REQUESTS][SERVER_REQUEST_BYTES]; /* head and body as they came */
};

/* `address` NULL: 127.0.0.1 */
void server_start(struct server *server, server_script *script, const char *reply);
/* The same with TLS; the context is the server's from here on. */
void server_start_tls(struct server *server, server_script *script, const char *reply,
		      SSL_CTX *context);
void server_stop(struct server *server);

/* Reads one request, body and all; false if there is none. */
bool server_read(struct server *server, int fd);
void server_write(int fd, const char *text);
void server_write_len(int fd, const void *data, size_t len);
/* The same text until the other side has had enough. */
void server_flood(int fd, const char *text);
/* Waits for the other side to close, at most so long. */
bool server_poll(int fd, int timeout_ms);
/* Reads until the other side closes or resets. */
void server_wait_closed(int fd);

/* Each of these is a server_script. */
void server_reply(struct server *server, int fd); /* reads, sends `reply`, closes */
void server_reply_each(struct server *server,
		       int fd); /* the same for each request, without closing */
void server_reset(struct server *server, int fd); /* reads, then RST */
void server_reset_at_once(struct server *server, int fd);
void server_close_silently(struct server *server, int fd); /* reads, then FIN */
void server_stall(struct server *server, int fd); /* reads, and never answers */
void server_flood_headers(struct server *server, int fd);
void server_flood_body(struct server *server, int fd);
void server_reply_at_once(struct server *server, int fd); /* before anything is asked */
/* Read something that is no request, then FIN, RST or nothing more. */
void server_hello_close(struct server *server, int fd);
void server_hello_reset(struct server *server, int fd);
void server_hello_stall(struct server *server, int fd);

/* With server_start_tls(). */
void server_tls_reply(struct server *server, int fd);
void server_tls_abandon(struct server *server, int fd); /* the same without a farewell */
