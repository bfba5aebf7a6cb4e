/* http_url.h - a URL taken apart once, as connector, libcurl and people need it.
 *
 * Source: RFC 3986, and curl's own reading of it (libcurl-url(3)), so that nobody
 * is shown another host than the one that is asked.  Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct text;

struct http_url {
	char *text; /* owned; for libcurl: no credentials, no fragment */
	char *host; /* owned; for the connector: without brackets, with its zone */
	char *user, *password; /* owned; decoded; NULL where there is none */
	uint16_t port;
	bool is_https;
};

/* 0, -EPROTONOSUPPORT (neither http nor https) or -EINVAL; then *ret_fault says what is
 * wrong with it: "has a host label longer than 63 bytes".  `ret_url` may be NULL where
 * nothing else is wanted.
 */
int http_url_parse(const char *text, struct http_url *ret_url, const char **ret_fault);
/* http_url_plain.c: whether it is one that nobody could read in two ways: it is then what
 * http_url_parse() makes of it.  `ret_url` as there.
 */
bool http_url_is_plain(const char *text, struct http_url *ret_url);
void http_url_done(struct http_url *url);
/* Moves it into the arena. */
void http_url_settle(struct http_url *url, struct arena *arena);

/* Same scheme, host and port: what RFC 6454 calls an origin. */
bool http_url_is_same_origin(const struct http_url *a, const struct http_url *b);

/* For people: without the password, and with "***" for what the query gives
 * keys that sound like secrets (token, key, secret, password, sig).
 */
void http_url_show(struct text *text, const char *url);

/* What no host name can have: "has a host label longer than 63 bytes"; NULL where it is one. */
const char *http_url_name_fault(const char *name);

/* "HOST:PORT", "[V6]:PORT" into the arena; false if it is neither. */
bool http_url_split(const char *text, struct arena *arena, const char **ret_host,
		    uint16_t *ret_port);

#define cleanup_http_url http_url_done
