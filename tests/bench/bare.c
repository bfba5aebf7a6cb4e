/* bare.c - the yardstick: libcurl and libevent with nothing around them.
 *
 * Checks N endpoints, each once an interval at the place that picketd would give it,
 * with a bound on what is in flight, and prints one line of JSON: what it cost.  All
 * that is known to make the two libraries cheap is done here; the options switch it
 * off again, so that each can be measured.
 */
#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "load.h"

struct probe {
	struct loop *loop; /* borrowed */
	CURL *easy; /* owned */
	struct probe *next_idle;
	const struct load_endpoint *endpoint;
	struct text body;
};

struct watched {
	struct event event;
	struct watched *next_idle;
};

struct loop {
	struct load_options options;
	struct load *load; /* owned */
	struct event_base *base;
	CURLM *multi;
	struct event *curl_timer, *due_timer, *look_timer;
	struct probe *idle;
	struct watched *idle_watched;
};

static void timer_set(struct event *timer, usec_t wait)
{
	const struct timeval time = { .tv_sec = (time_t)(wait / USEC_PER_SEC),
				      .tv_usec = (suseconds_t)(wait % USEC_PER_SEC) };

	evtimer_add(timer, &time);
}

static usec_t until(usec_t when)
{
	const usec_t now = clock_now();

	return when > now ? when - now : 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct probe *probe = context;

	if (probe->loop->options.parses)
		text_append_len(&probe->body, data, size * count);
	return size * count;
}

static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct probe *probe = context;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return CURL_SOCKET_BAD;
	if (connect(fd, (const struct sockaddr *)&probe->endpoint->address,
		    sizeof(probe->endpoint->address)) < 0 &&
	    errno != EINPROGRESS) {
		(void)close(fd);
		return CURL_SOCKET_BAD;
	}
	return fd;
}

static int on_opened(void *context, curl_socket_t fd, curlsocktype purpose)
{
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static struct probe *probe_new(struct loop *loop)
{
	struct probe *probe = MEMORY_NEW(struct probe);

	probe->loop = loop;
	probe->easy = curl_easy_init();
	curl_easy_setopt(probe->easy, CURLOPT_PRIVATE, probe);
	curl_easy_setopt(probe->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(probe->easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(probe->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(probe->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(probe->easy, CURLOPT_TIMEOUT_MS, 10000L);
	curl_easy_setopt(probe->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(probe->easy, CURLOPT_WRITEDATA, probe);
	if (loop->options.ca) {
		/* The multi keeps the store that it made of this file (CA_CACHE_TIMEOUT). */
		curl_easy_setopt(probe->easy, CURLOPT_CAINFO, loop->options.ca);
		curl_easy_setopt(probe->easy, CURLOPT_CAPATH, NULL);
		curl_easy_setopt(probe->easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	}
	if (!loop->options.keeps_connections) {
		curl_easy_setopt(probe->easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(probe->easy, CURLOPT_FORBID_REUSE, 1L);
	}
	if (!loop->options.curl_connects) {
		curl_easy_setopt(probe->easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
		curl_easy_setopt(probe->easy, CURLOPT_OPENSOCKETDATA, probe);
		curl_easy_setopt(probe->easy, CURLOPT_SOCKOPTFUNCTION, on_opened);
	}
	return probe;
}

static void launch(struct loop *loop, const struct load_endpoint *endpoint)
{
	struct probe *probe = loop->idle;

	if (probe)
		loop->idle = probe->next_idle;
	else
		probe = probe_new(loop);
	probe->endpoint = endpoint;
	text_clear(&probe->body);
	curl_easy_setopt(probe->easy, CURLOPT_URL, endpoint->url);
	curl_multi_add_handle(loop->multi, probe->easy);
}

static bool is_json(const struct text *body)
{
	json_t *json = json_loadb(body->data, body->len, 0, NULL);

	json_decref(json);
	return json;
}

static void settle(struct loop *loop, CURL *easy, CURLcode result)
{
	struct probe *probe;
	curl_off_t took = 0;
	long status = 0;
	bool is_fine;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &probe);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &took);
	is_fine = result == CURLE_OK && status == 200 &&
		  (!loop->options.parses || is_json(&probe->body));
	load_ended(loop->load, probe->endpoint, is_fine, (usec_t)took);
	curl_multi_remove_handle(loop->multi, easy);
	probe->next_idle = loop->idle;
	loop->idle = probe;
}

/* All that is due, as far as the bound goes. */
static void pump(struct loop *loop)
{
	const struct load_endpoint *endpoint;
	usec_t next;

	while ((endpoint = load_next(loop->load, &next)))
		launch(loop, endpoint);
	if (next != USEC_NEVER)
		timer_set(loop->due_timer, until(next));
}

static void act(struct loop *loop, curl_socket_t fd, int what)
{
	int running, left;
	CURLMsg *message;

	curl_multi_socket_action(loop->multi, fd, what, &running);
	while ((message = curl_multi_info_read(loop->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			settle(loop, message->easy_handle, message->data.result);
	pump(loop);
}

static void on_ready(evutil_socket_t fd, short what, void *context)
{
	act(context, fd,
	    (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *of_socket)
{
	struct loop *loop = context;
	struct watched *watched = of_socket;
	const short events = (short)((what & CURL_POLL_IN ? EV_READ : 0) |
				     (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST);

	if (watched)
		event_del(&watched->event);
	if (what == CURL_POLL_REMOVE) {
		if (watched) {
			watched->next_idle = loop->idle_watched;
			loop->idle_watched = watched;
		}
		return 0;
	}
	if (!watched) {
		watched = loop->idle_watched;
		if (watched)
			loop->idle_watched = watched->next_idle;
		else
			watched = MEMORY_NEW(struct watched);
		curl_multi_assign(loop->multi, fd, watched);
	}
	event_assign(&watched->event, loop->base, fd, events, on_ready, loop);
	event_add(&watched->event, NULL);
	return 0;
}

static int on_timer_wanted(CURLM *multi, long wait_ms, void *context)
{
	struct loop *loop = context;

	if (wait_ms < 0)
		evtimer_del(loop->curl_timer);
	else
		timer_set(loop->curl_timer, (usec_t)wait_ms * USEC_PER_MS);
	return 0;
}

static void on_curl_timer(evutil_socket_t fd, short what, void *context)
{
	act(context, CURL_SOCKET_TIMEOUT, 0);
}

static void on_due(evutil_socket_t fd, short what, void *context)
{
	pump(context);
}

static void on_look(evutil_socket_t fd, short what, void *context)
{
	struct loop *loop = context;

	if (load_look(loop->load))
		(void)event_base_loopbreak(loop->base);
	else
		timer_set(loop->look_timer, until(load_deadline(loop->load)));
}

static void loop_init(struct loop *loop)
{
	struct event_config *config = event_config_new();

	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	loop->base = event_base_new_with_config(config);
	event_config_free(config);
	loop->curl_timer = evtimer_new(loop->base, on_curl_timer, loop);
	loop->due_timer = evtimer_new(loop->base, on_due, loop);
	loop->look_timer = evtimer_new(loop->base, on_look, loop);

	curl_global_init(CURL_GLOBAL_DEFAULT);
	loop->multi = curl_multi_init();
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
	if (loop->options.keeps_connections)
		curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)loop->options.endpoints);
}

int main(int argc, char *argv[])
{
	struct loop loop = { 0 };

	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	load_options_read(&loop.options, argc, argv);
	loop_init(&loop);
	loop.load = load_new(&loop.options);
	timer_set(loop.look_timer, until(load_deadline(loop.load)));
	pump(&loop);
	(void)event_base_dispatch(loop.base);
	/* It was made to be measured; what it holds goes with it. */
	return 0;
}
