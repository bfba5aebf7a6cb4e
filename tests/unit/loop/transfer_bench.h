/* transfer_bench.h - a web server in a thread, and what transfers to it run on. */
#pragma once

#include <curl/curl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>

#include "loop/transfer.h"

struct event_base;

enum { SERVED_MAX = 64 };

/* Answers `replies` requests with "ok", all on connections that stay open. */
struct server {
	pthread_t thread;
	struct pollfd served[SERVED_MAX]; /* the first is where others come */
	unsigned served_count;
	int fd;
	uint16_t port;
	unsigned accepted;
	unsigned replies;
};

void server_start(struct server *server, unsigned replies);
/* Once it has given all its replies. */
void server_stop(struct server *server);

/* As the connector does: non-blocking, and the outcome learned from SO_ERROR. */
int connect_to(uint16_t port);

struct fixture {
	struct event_base *base;
	struct transfers *transfers;
	unsigned ended; /* transfers */
	CURLcode code; /* of the last of them */
};

int bench_up(void **state);
int bench_down(void **state);

/* transfer_start()'s done(); the context is the fixture. */
void ended(CURLcode code, void *context);
/* Until so many have ended. */
void wait_for(struct fixture *fixture, unsigned count);

/* CURLOPT_WRITEFUNCTION */
size_t swallow(char *data, size_t size, size_t count, void *context);
/* One of no kind, to that URL. */
struct transfer *take(struct fixture *fixture, const char *url);
