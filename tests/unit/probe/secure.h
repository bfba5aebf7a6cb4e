/* secure.h - what tests of https have in common. */
#pragma once

#include "certificates.h"
#include "harness.h"
#include "server.h"

#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

extern struct pki secure_pki;
/* For name.test, www.name.test and 127.0.0.1. */
extern const struct kind secure_good;

int secure_set_up(void **state);
int secure_tear_down(void **state);

/* Of https://name.test/ at that server, trusting the authority. */
struct http_options *secure_options(struct harness *harness, const struct server *server);
/* One check of a server with that context, which is the server's from here on. */
struct check *secure_ask(struct harness *harness, SSL_CTX *context,
			 void (*change)(struct http_options *options));
/* It ended so, in the phase tls. */
void secure_assert(const struct check *check, enum failure_class class);
