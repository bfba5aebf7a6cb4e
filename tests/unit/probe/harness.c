/* harness.c - probes run against servers in the same process.
 *
 * The connector here is a double: it stands for loop/connect.c, so that what a name
 * server or a far network would do can be said in a test.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/arena.h"
#include "base/memory.h"
#include "harness.h"
#include "loop/loop.h"
#include "loop/orphans.h"
#include "loop/resolve.h"
#include "loop/transfer.h"

struct connector {
	struct harness *harness;
};

struct connection {
	struct harness *harness;
	struct event event;
	struct connected seen;
	connect_done *done;
	void *context;
	usec_t began;
};

struct connector *connector_new(struct event_base *base, struct resolver *resolver)
{
	return MEMORY_NEW(struct connector);
}

void connector_free(struct connector *connector)
{
	free(connector);
}

static void end_connecting(evutil_socket_t fd, short what, void *context)
{
	struct connection *connection = context;
	int error = 0;
	socklen_t len = sizeof(error);

	connection->seen.connect_took = clock_now() - connection->began;
	if (connection->seen.fd >= 0) {
		(void)getsockopt(connection->seen.fd, SOL_SOCKET, SO_ERROR, &error, &len);
		connection->seen.error = error;
		if (error) {
			connection->seen.outcome =
				error == ECONNRESET ? CONNECT_RESET : CONNECT_REFUSED;
			(void)close(connection->seen.fd);
			connection->seen.fd = -1;
		}
	}
	connection->harness->connected++;
	(void)event_del(&connection->event);
	connection->done(&connection->seen, connection->context);
	free(connection);
}

static void begin_connecting(struct connection *connection, uint16_t port)
{
	struct sockaddr_in *address = (struct sockaddr_in *)&connection->seen.address;
	struct harness *harness = connection->harness;

	address->sin_family = AF_INET;
	address->sin_port = htons(harness->plan.port ? harness->plan.port : port);
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	connection->seen.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(connection->seen.fd >= 0);
	(void)!connect(connection->seen.fd, (struct sockaddr *)address, sizeof(*address));
	connection->seen.has_connected = true;
	if (harness->plan.is_public)
		address->sin_addr.s_addr = htonl(0x08080808);
	(void)event_assign(&connection->event, harness->base, connection->seen.fd, EV_WRITE,
			   end_connecting, connection);
	(void)event_add(&connection->event, NULL);
}

static void note_target(struct harness *harness, const struct connect_target *target)
{
	harness->connects++;
	(void)snprintf(harness->host, sizeof(harness->host), "%s", target->host);
	(void)snprintf(harness->resolver, sizeof(harness->resolver), "%s",
		       target->resolver ? target->resolver : "");
	(void)snprintf(harness->source, sizeof(harness->source), "%s",
		       target->source ? target->source : "");
	harness->port = target->port;
	harness->family = target->family;
	harness->no_private = target->no_private;
	harness->only_first = target->only_first;
	harness->pinned = 0;
	if (target->address)
		harness->pinned =
			ntohl(((const struct sockaddr_in *)target->address)->sin_addr.s_addr) & 255;
}

struct connection *connect_start(struct connector *connector, const struct connect_target *target,
				 connect_done *done, void *context)
{
	struct harness *harness = connector->harness;
	const struct plan *plan = &harness->plan;
	const bool is_planned = !plan->host || strcmp(plan->host, target->host) == 0;
	struct connection *connection = MEMORY_NEW(struct connection);

	note_target(harness, target);
	connection->harness = harness;
	connection->done = done;
	connection->context = context;
	connection->began = clock_now();
	connection->seen = (struct connected){ .fd = -1 };
	for (uint8_t i = 0; i < plan->addresses; i++)
		connection->seen.tries[connection->seen.tries_count++] =
			(struct connect_try){ .ip = { .family = 4, .bytes = { 127, 0, 0, i + 1 } },
					      .has_begun = i == 0 };
	(void)evtimer_assign(&connection->event, harness->base, end_connecting, connection);
	if (is_planned && plan->hangs_resolving)
		return connection;
	connection->seen.has_connected = is_planned && plan->hangs_connecting;
	if (connection->seen.has_connected)
		return connection;
	if (!is_planned || plan->outcome == CONNECT_OK) {
		begin_connecting(connection, target->port);
		return connection;
	}
	connection->seen.outcome = plan->outcome;
	connection->seen.resolve_outcome = plan->resolve_outcome;
	connection->seen.error = plan->error;
	connection->seen.detail = plan->detail;
	event_active(&connection->event, EV_TIMEOUT, 1);
	return connection;
}

void connect_cancel(struct connection *connection, struct connected *ret_so_far)
{
	(void)event_del(&connection->event);
	if (connection->seen.fd >= 0)
		(void)close(connection->seen.fd);
	connection->seen.fd = -1;
	*ret_so_far = connection->seen;
	free(connection);
}

int harness_set_up(void **state)
{
	struct harness *harness = MEMORY_NEW(struct harness);
	static const char *const servers[] = { "127.0.0.1:1", NULL };
	const struct resolver_options resolver = {
		.servers = servers,
		.timeout = USEC_PER_SEC,
		.tries = 1,
	};

	/* As main() has it. */
	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	harness->base = loop_new();
	harness->arena = arena_new();
	harness->orphans = orphans_new(harness->base);
	harness->tools = probe_tools_new(harness->base, harness->orphans, &resolver);
	harness->tools->connector->harness = harness;
	harness->limits = (struct check_limits){
		.output_bytes = 64 * 1024,
		.body_bytes = 64 * 1024,
		.headers_bytes = 32 * 1024,
		.redirects = 5,
		.evidence_bytes = 4096,
		.json_depth = 64,
	};
	*state = harness;
	return 0;
}

int harness_tear_down(void **state)
{
	struct harness *harness = *state;

	probe_tools_free(harness->tools);
	orphans_free(harness->orphans);
	arena_free(harness->arena);
	event_base_free(harness->base);
	free(harness);
	return 0;
}

struct http_options *harness_options(struct harness *harness, const char *url, unsigned port)
{
	struct http_options *options = arena_take(harness->arena, sizeof(*options));
	const char *before = strstr(url, "%u");
	char text[1024];

	option_fill(&http_table, options, harness->arena);
	(void)snprintf(text, sizeof(text), "%.*s%.0u%s", before ? (int)(before - url) : 0, url, 0u,
		       before ? "" : url);
	if (before)
		(void)snprintf(text, sizeof(text), "%.*s%u%s", (int)(before - url), url, port,
			       before + 2);
	options->url_text = arena_text(harness->arena, text);
	return options;
}

void *harness_fill(struct harness *harness, const char *probe)
{
	const struct option_table *table = probe_type_find(probe)->table;
	void *options = arena_take(harness->arena, table->size);

	option_fill(table, options, harness->arena);
	return options;
}

struct check *harness_check_of(struct harness *harness, const char *probe, void *options,
			       usec_t timeout)
{
	struct complaints *complaints = complaints_new();
	struct option_places places = { 0 };
	struct endpoint *endpoint = arena_take(harness->arena, sizeof(*endpoint));
	struct check *check;

	*endpoint = harness->endpoint;
	endpoint->name = "test";
	endpoint->type = probe_type_find(probe);
	endpoint->options = options;
	endpoint->timeout = endpoint->timeout ? endpoint->timeout : timeout;
	if (endpoint->type->prepare)
		endpoint->type->prepare(options, harness->arena, complaints, &places);
	assert_int_equal(complaints_faults(complaints), 0);
	complaints_free(complaints);
	check = check_new(endpoint, &harness->limits);
	check->started = clock_now();
	check->deadline = check->started + timeout;
	return check;
}

struct check *harness_check(struct harness *harness, struct http_options *options, usec_t timeout)
{
	return harness_check_of(harness, "http", options, timeout);
}

static void done(struct check *check, void *context)
{
	struct harness *harness = context;

	harness->done++;
}

void harness_start(struct harness *harness, struct check *check)
{
	check->endpoint->type->start(check, harness->tools, done, harness);
}

void harness_turn(struct harness *harness, unsigned turns)
{
	while (turns-- > 0)
		assert_true(event_base_loop(harness->base, EVLOOP_ONCE | EVLOOP_NONBLOCK) >= 0);
}

void harness_forget_connections(struct harness *harness)
{
	transfers_free(harness->tools->transfers);
	harness->tools->transfers = transfers_new(harness->base);
}

void harness_wait(struct harness *harness, unsigned count)
{
	while (harness->done < count)
		assert_int_equal(event_base_loop(harness->base, EVLOOP_ONCE), 0);
}

static struct check *run(struct harness *harness, struct check *check)
{
	const unsigned before = harness->done;

	harness_start(harness, check);
	assert_int_equal(harness->done, before);
	harness_wait(harness, before + 1);
	assert_int_equal(harness->done, before + 1);
	return check;
}

struct check *harness_run_for(struct harness *harness, struct http_options *options, usec_t timeout)
{
	return run(harness, harness_check(harness, options, timeout));
}

struct check *harness_run(struct harness *harness, struct http_options *options)
{
	return harness_run_for(harness, options, 20 * USEC_PER_SEC);
}

struct check *harness_run_of(struct harness *harness, const char *probe, void *options)
{
	return run(harness, harness_check_of(harness, probe, options, 20 * USEC_PER_SEC));
}
