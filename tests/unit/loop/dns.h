/* dns.h - a DNS server for tests, on the loop of the test.
 *
 * The first label of a name says what is answered; digits at its end are ignored:
 *   both four six        addresses: 192.0.2.1 and 2001:db8::1, or one of them
 *   lo                   127.0.0.1
 *   none nx              no address, no such name
 *   servfail refused     that
 *   silent               nothing
 *   big many             truncated over UDP; over TCP one address, or 500
 *   cut                  truncated over UDP, closed over TCP
 *   wrongid              an answer with another id and other addresses, then the right one
 *   chain loop stranger  an alias that leads to an address, to itself, an address of another name
 *   pointer counts       a name that points to itself, more records than there are
 *   shy                  an address, but nothing for AAAA
 */
#pragma once

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

struct dns {
	struct event_base *base; /* borrowed */
	struct event *event; /* owned */
	struct evconnlistener *listener; /* owned */
	int fd; /* owned */
	uint16_t port; /* of both transports */
	char address[32]; /* "127.0.0.1:PORT" */
	uint32_t ttl; /* of all records */
	const char *always; /* instead of each name's first label; or NULL */
	unsigned asked, asked_tcp;
	char last[256]; /* the last name that was asked for */
};

void dns_init(struct dns *dns, struct event_base *base);
void dns_done(struct dns *dns);
