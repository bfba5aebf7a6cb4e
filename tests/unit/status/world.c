/* world.c - an API server in a loop of its own, with made-up endpoints. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "alert/alert.h"
#include "alert/silences.h"
#include "alert/teller.h"
#include "base/memory.h"
#include "probe/probe.h"
#include "world.h"

static const struct probe_type probe = { .name = "http" };
static const struct group groups[] = { { .name = "web" }, { .name = "db", .index = 1 } };
static const struct label labels[] = { { "team", "blue" }, { "team", "red" }, { "site", "a" } };

static void deliver(struct notification *notification, const struct receiver *receiver,
		    void *context)
{
	(void)notification;
	(void)receiver;
	(void)context;
}

static void told(const struct incident *incident, enum incident_move move, void *engine)
{
	struct world *world = engine;

	if (world->status)
		status_publish_incident(world->status, incident, move);
}

/* "e0000", "e0001", … in two groups, with a label each. */
static void make_endpoints(struct world *world, unsigned count)
{
	struct watch **names = memory_new(count, sizeof(*names));

	world->endpoints = memory_new(count, sizeof(*world->endpoints));
	for (unsigned i = 0; i < count; i++) {
		world->endpoints[i] = (struct endpoint){
			.name = memory_print("e%04u", i),
			.group = &groups[i % 2],
			.type = &probe,
			.is_public = true,
			.target = "http://192.0.2.7/",
			.interval = 30 * USEC_PER_SEC,
			.labels = &labels[i % 3],
			.labels_count = 1,
		};
		names[i] = roster_add(&world->roster, &world->endpoints[i], NULL);
		names[i]->standing.since = 1700000000 * USEC_PER_SEC;
	}
	roster_set_names(&world->roster, names, count);
}

static void make_server(struct world *world, const struct world_options *wanted)
{
	const struct status_requests requests = world_requests(world);
	const struct status_options options = {
		.path = world->path,
		.mode = 0666,
		.passed_fd = -1,
		.passed_listen_fd = -1,
		.listen = wanted->listen,
		.connections = wanted->connections,
		.events = wanted->events,
		.first_event = clock_wall(),
		.alert = world->alert,
		.history = world->history,
		.silences = world->silences,
		.teller = world->teller,
	};
	char *fault = NULL;

	assert_int_equal(status_new(world->base, &options, &world->roster, &world->vitals,
				    &requests, &world->status, &fault),
			 0);
	assert_null(fault);
}

struct world *world_new(const struct world_options *options)
{
	const struct world_options usual = { .endpoints = 6, .events = 100, .connections = 16 };
	const struct history_settings settings = { 14 * USEC_PER_DAY, 400 * USEC_PER_DAY, 1 << 30 };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct world *world = MEMORY_NEW(struct world);

	if (!options)
		options = &usual;
	/* As the daemon does: a late write to a peer that is gone is an error, not the end. */
	assert_int_equal(sigaction(SIGPIPE, &ignore, NULL), 0);
	world->base = event_base_new();
	(void)snprintf(world->folder, sizeof(world->folder), "/tmp/picket-status-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	assert_int_equal(chmod(world->folder, 0755), 0);
	(void)snprintf(world->path, sizeof(world->path), "%s/api.sock", world->folder);
	world->vitals.started_wall = 1700000000 * USEC_PER_SEC;
	world->vitals.permits_max = 500;
	roster_init(&world->roster);
	make_endpoints(world, options->endpoints);
	world->history = history_new(NULL, &settings);
	world->silences = silences_new();
	world->teller = teller_new(deliver, NULL);
	world->alert = alert_new(world->teller, told, world);
	make_server(world, options);
	return world;
}

void world_free(struct world *world)
{
	const unsigned count = world->roster.count;

	status_free(world->status);
	history_free(world->history);
	alert_free(world->alert);
	teller_free(world->teller);
	silences_free(world->silences);
	assert_int_equal(access(world->path, F_OK), -1);
	assert_int_equal(rmdir(world->folder), 0);
	roster_done(&world->roster);
	for (unsigned i = 0; i < count; i++)
		free((char *)world->endpoints[i].name);
	free(world->endpoints);
	event_base_free(world->base);
	free(world);
}

struct watch *world_watch(struct world *world, const char *name)
{
	struct watch *watch = roster_find(&world->roster, name);

	assert_non_null(watch);
	return watch;
}

void world_set_state(struct world *world, const char *name, enum state state)
{
	struct watch *watch = world_watch(world, name);

	watch->standing.leaning = state;
	watch->is_paused = state == STATE_PAUSED;
	roster_set_state(&world->roster, watch, state);
}

void world_publish(struct world *world, const char *name, enum verdict_kind kind)
{
	struct check check = { .verdict = { .kind = kind } };

	if (kind == VERDICT_FAIL)
		check.verdict.class = CLASS_timeout;
	status_publish_verdict(world->status, world_watch(world, name), &check);
}

void world_turn(struct world *world)
{
	assert_true(event_base_loop(world->base, EVLOOP_ONCE) >= 0);
}

static void too_late(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	*(bool *)context = true;
}

void world_wait(struct world *world, bool (*holds)(void *context), void *context)
{
	const struct timeval patience = { .tv_sec = 20 };
	bool is_late = false;
	struct event *timer = evtimer_new(world->base, too_late, &is_late);

	assert_int_equal(event_add(timer, &patience), 0);
	while (!holds(context)) {
		world_turn(world);
		assert_false(is_late);
	}
	event_free(timer);
}

static void receive(evutil_socket_t fd, short what, void *context)
{
	struct client *client = context;
	char bytes[4096];
	ssize_t len;

	(void)what;
	while ((len = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		text_append_len(&client->received, bytes, (size_t)len);
	if (len < 0 && errno == EAGAIN)
		return;
	client->is_closed = true;
	(void)event_del(client->readable);
}

struct client *client_new(struct world *world)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct client *client = MEMORY_NEW(struct client);

	client->world = world;
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(client->fd >= 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", world->path);
	assert_int_equal(connect(client->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	client->readable =
		event_new(world->base, client->fd, EV_READ | EV_PERSIST, receive, client);
	assert_int_equal(event_add(client->readable, NULL), 0);
	return client;
}

void client_free(struct client *client)
{
	event_free(client->readable);
	(void)close(client->fd);
	text_done(&client->received);
	free(client);
}

void client_send(struct client *client, const char *bytes, size_t len)
{
	while (len > 0) {
		const ssize_t sent = send(client->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN) {
			world_turn(client->world);
			continue;
		}
		/* A server that closes early has said why. */
		if (sent < 0)
			return;
		bytes += sent;
		len -= (size_t)sent;
	}
}

void client_ask(struct client *client, const char *what, const char *more)
{
	struct text head = { 0 };

	text_print(&head, "%s HTTP/1.1\r\nHost: picket\r\n%s\r\n", what, more);
	client_send(client, head.data, head.len);
	text_done(&head);
}

static bool client_is_closed(void *context)
{
	const struct client *client = context;

	return client->is_closed;
}

void client_wait_closed(struct client *client)
{
	world_wait(client->world, client_is_closed, client);
}

struct text_wait {
	const struct client *client;
	const char *text;
};

static bool has_text(void *context)
{
	const struct text_wait *wait = context;

	assert_false(wait->client->is_closed &&
		     !strstr(text_string(&wait->client->received), wait->text));
	return strstr(text_string(&wait->client->received), wait->text);
}

void client_wait_text(struct client *client, const char *text)
{
	struct text_wait wait = { client, text };

	world_wait(client->world, has_text, &wait);
}

static char *join_chunks(const char *body)
{
	struct text joined = { 0 };

	for (;;) {
		char *data;
		const unsigned long len = strtoul(body, &data, 16);

		assert_memory_equal(data, "\r\n", 2);
		if (len == 0)
			return text_take(&joined);
		assert_true(strlen(data + 2) >= len);
		text_append_len(&joined, data + 2, len);
		body = data + 2 + len;
		assert_memory_equal(body, "\r\n", 2);
		body += 2;
	}
}

struct reply client_reply(const struct client *client)
{
	const char *received = text_string(&client->received);
	const char *end = strstr(received, "\r\n\r\n");
	struct reply reply = { 0 };

	assert_int_equal(sscanf(received, "HTTP/1.1 %d", &reply.code), 1);
	assert_non_null(end);
	reply.head = memory_text_len(received, (size_t)(end + 2 - received));
	if (strstr(reply.head, "Transfer-Encoding: chunked"))
		reply.body = join_chunks(end + 4);
	else
		reply.body = memory_text(end + 4);
	return reply;
}

void reply_done(struct reply *reply)
{
	free(reply->head);
	free(reply->body);
}

struct reply ask(struct world *world, const char *what)
{
	struct client *client = client_new(world);
	struct reply reply;

	client_ask(client, what, "Connection: close\r\n");
	client_wait_closed(client);
	reply = client_reply(client);
	client_free(client);
	return reply;
}

json_t *ask_json(struct world *world, const char *what, int code)
{
	struct reply reply = ask(world, what);
	json_error_t error;
	json_t *json = json_loads(reply.body, JSON_REJECT_DUPLICATES, &error);

	if (!json || reply.code != code)
		print_message("%s: %d %s\n", what, reply.code, reply.body);
	assert_non_null(json);
	assert_int_equal(reply.code, code);
	assert_non_null(strstr(reply.head, "Content-Type: application/json\r\n"));
	assert_int_equal(reply.body[strlen(reply.body) - 1], '\n');
	reply_done(&reply);
	return json;
}
