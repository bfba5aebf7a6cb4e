/* secure.c - what tests of https have in common. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "secure.h"

struct pki secure_pki;

int secure_set_up(void **state)
{
	pki_init(&secure_pki);
	return 0;
}

int secure_tear_down(void **state)
{
	pki_done(&secure_pki);
	return 0;
}

const struct kind secure_good = { .names = "DNS:name.test,DNS:www.name.test,IP:127.0.0.1",
				  .from_days = -1,
				  .days = 30 };

struct http_options *secure_options(struct harness *harness, const struct server *server)
{
	struct http_options *options =
		harness_options(harness, "https://name.test:%u/", server->port);

	options->tls.ca = secure_pki.ca_path;
	return options;
}

/* One check of a server with that context, which is the server's from here on. */
struct check *secure_ask(struct harness *harness, SSL_CTX *context,
			 void (*change)(struct http_options *options))
{
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start_tls(&server, server_tls_reply, OK_REPLY, context);
	options = secure_options(harness, &server);
	if (change)
		change(options);
	check = harness_run(harness, options);
	server_stop(&server);
	return check;
}

void secure_assert(const struct check *check, enum failure_class class)
{
	const enum failure_class seen = check->observation.class;

	assert_string_equal(seen ? class_name(seen) : "none", class ? class_name(class) : "none");
	if (class)
		assert_string_equal(phase_name(check->observation.phase), "tls");
}
