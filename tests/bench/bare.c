/* bare.c - the yardstick: libcurl and libevent with nothing around them.
 *
 * Checks N endpoints, each once an interval at the place that picketd would give it,
 * with a bound on what is in flight, and prints one line of JSON: what it cost.  All
 * that is known to make the two libraries cheap is done here; the options switch it
 * off again, so that each can be measured.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"

__extension__ typedef unsigned __int128 wide_t;

struct options {
	size_t endpoints, in_flight;
	usec_t interval, warm_up, measured;
	unsigned port;
	const char *path;
	bool is_back_to_back; /* as fast as `in_flight` allows, without a schedule */
	bool curl_connects; /* libcurl opens and connects its sockets itself */
	bool keeps_connections;
};

struct endpoint {
	char *url; /* owned */
	struct sockaddr_in address;
	usec_t phase;
};

struct probe {
	struct loop *loop; /* borrowed */
	CURL *easy; /* owned */
	struct probe *next_idle;
	const struct endpoint *endpoint;
	usec_t due;
	size_t body_len;
};

struct watched {
	struct event event;
	struct watched *next_idle;
	bool is_added;
};

struct loop {
	struct options options;
	struct event_base *base;
	CURLM *multi;
	struct event *curl_timer, *due_timer, *phases;
	struct endpoint *endpoints; /* in the order of their phases */
	struct probe *idle;
	struct watched *idle_watched;
	size_t next, in_flight;
	usec_t round; /* when the current interval began */

	bool is_measuring;
	usec_t began;
	struct rusage before;
	size_t checks, failed, launched, lateness_room;
	usec_t *lateness;
};

static double cpu_seconds(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static void timer_set(struct event *timer, usec_t wait)
{
	const struct timeval time = { .tv_sec = (time_t)(wait / USEC_PER_SEC),
				      .tv_usec = (suseconds_t)(wait % USEC_PER_SEC) };

	evtimer_add(timer, &time);
}

/* --- libcurl's side ------------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct probe *probe = context;

	probe->body_len += size * count;
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
	curl_easy_setopt(probe->easy, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(probe->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(probe->easy, CURLOPT_TIMEOUT_MS, 10000L);
	curl_easy_setopt(probe->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(probe->easy, CURLOPT_WRITEDATA, probe);
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

static void launch(struct loop *loop, const struct endpoint *endpoint, usec_t due)
{
	struct probe *probe = loop->idle;

	if (probe)
		loop->idle = probe->next_idle;
	else
		probe = probe_new(loop);
	probe->endpoint = endpoint;
	probe->due = due;
	probe->body_len = 0;
	loop->in_flight++;
	curl_easy_setopt(probe->easy, CURLOPT_URL, endpoint->url);
	curl_multi_add_handle(loop->multi, probe->easy);
	if (loop->is_measuring && loop->launched < loop->lateness_room) {
		const usec_t now = clock_now();

		loop->lateness[loop->launched++] = due && now > due ? now - due : 0;
	}
}

static void settle(struct loop *loop, CURL *easy, CURLcode result)
{
	struct probe *probe;
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &probe);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (loop->is_measuring) {
		loop->checks++;
		loop->failed += result != CURLE_OK || status != 200;
	}
	curl_multi_remove_handle(loop->multi, easy);
	probe->next_idle = loop->idle;
	loop->idle = probe;
	loop->in_flight--;
}

/* All that is due, as far as the bound goes. */
static void pump(struct loop *loop)
{
	const struct options *options = &loop->options;
	const usec_t now = clock_now();

	while (loop->in_flight < options->in_flight) {
		const struct endpoint *endpoint = &loop->endpoints[loop->next];
		const usec_t due = loop->round + endpoint->phase;

		if (!options->is_back_to_back && due > now) {
			timer_set(loop->due_timer, due - now);
			return;
		}
		launch(loop, endpoint, options->is_back_to_back ? 0 : due);
		loop->next = (loop->next + 1) % options->endpoints;
		if (loop->next == 0)
			loop->round += options->interval;
	}
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

	if (watched && watched->is_added)
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
	watched->is_added = true;
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

/* --- Measuring ------------------------------------------------------------ */

static int compare_usec(const void *a, const void *b)
{
	const usec_t x = *(const usec_t *)a, y = *(const usec_t *)b;

	return (x > y) - (x < y);
}

static double rss_mib(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long size = 0, resident = 0;

	if (file) {
		(void)!fscanf(file, "%lu %lu", &size, &resident);
		(void)fclose(file);
	}
	return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

static void report(struct loop *loop)
{
	const size_t noted =
		loop->checks < loop->lateness_room ? loop->checks : loop->lateness_room;
	const double seconds = (double)(clock_now() - loop->began) / USEC_PER_SEC;
	struct rusage after;
	double cpu;

	(void)getrusage(RUSAGE_SELF, &after);
	cpu = cpu_seconds(&after) - cpu_seconds(&loop->before);
	qsort(loop->lateness, noted, sizeof(usec_t), compare_usec);
	printf("{\"checks\":%zu,\"failed\":%zu,\"seconds\":%.3f,\"cpu_seconds\":%.4f,"
	       "\"cpu_per_1000\":%.5f,\"rss_mib\":%.2f,\"lateness\":{\"p50\":%.6f,\"p99\":%.6f,"
	       "\"max\":%.6f}}\n",
	       loop->checks, loop->failed, seconds, cpu,
	       loop->checks ? cpu * 1000 / (double)loop->checks : 0, rss_mib(),
	       noted ? (double)loop->lateness[noted / 2] / USEC_PER_SEC : 0,
	       noted ? (double)loop->lateness[noted * 99 / 100] / USEC_PER_SEC : 0,
	       noted ? (double)loop->lateness[noted - 1] / USEC_PER_SEC : 0);
}

/* First the end of the warming up, then the end. */
static void on_phase(evutil_socket_t fd, short what, void *context)
{
	struct loop *loop = context;

	if (loop->is_measuring) {
		report(loop);
		(void)event_base_loopbreak(loop->base);
		return;
	}
	loop->is_measuring = true;
	loop->began = clock_now();
	(void)getrusage(RUSAGE_SELF, &loop->before);
	timer_set(loop->phases, loop->options.measured);
}

/* --- Construction --------------------------------------------------------- */

static int compare_phases(const void *a, const void *b)
{
	return compare_usec(&((const struct endpoint *)a)->phase,
			    &((const struct endpoint *)b)->phase);
}

/* scripts/bench writes the same names and addresses into picketd's configuration. */
static void endpoints_init(struct loop *loop)
{
	const struct options *options = &loop->options;

	loop->endpoints = memory_new(options->endpoints, sizeof(struct endpoint));
	for (size_t i = 0; i < options->endpoints; i++) {
		struct endpoint *endpoint = &loop->endpoints[i];
		char *name = memory_print("endpoint-%zu", i);
		char *host = memory_print("127.1.%zu.%zu", i / 250, i % 250 + 1);

		endpoint->url = memory_print("http://%s:%u%s", host, options->port, options->path);
		endpoint->address.sin_family = AF_INET;
		endpoint->address.sin_port = htons((uint16_t)options->port);
		(void)inet_pton(AF_INET, host, &endpoint->address.sin_addr);
		endpoint->phase = (usec_t)(((wide_t)hash_name(name) * options->interval) >> 64);
		free(name);
		free(host);
	}
	qsort(loop->endpoints, options->endpoints, sizeof(struct endpoint), compare_phases);
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
	loop->phases = evtimer_new(loop->base, on_phase, loop);

	curl_global_init(CURL_GLOBAL_DEFAULT);
	loop->multi = curl_multi_init();
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
	if (loop->options.keeps_connections)
		curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)loop->options.endpoints);
	loop->lateness_room = 4u << 20;
	loop->lateness = memory_new(loop->lateness_room, sizeof(usec_t));
}

static usec_t seconds(const char *text)
{
	return (usec_t)(strtod(text, NULL) * USEC_PER_SEC);
}

static void options_read(struct options *options, int argc, char *argv[])
{
	static const struct option known[] = { { "endpoints", required_argument, NULL, 'n' },
					       { "interval", required_argument, NULL, 'i' },
					       { "in-flight", required_argument, NULL, 'f' },
					       { "port", required_argument, NULL, 'p' },
					       { "path", required_argument, NULL, 'u' },
					       { "warm-up", required_argument, NULL, 'w' },
					       { "seconds", required_argument, NULL, 's' },
					       { "back-to-back", no_argument, NULL, 'b' },
					       { "curl-connects", no_argument, NULL, 'c' },
					       { "keep-connections", no_argument, NULL, 'k' },
					       { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0)
		switch (option) {
		case 'n':
			options->endpoints = strtoul(optarg, NULL, 10);
			break;
		case 'i':
			options->interval = seconds(optarg);
			break;
		case 'f':
			options->in_flight = strtoul(optarg, NULL, 10);
			break;
		case 'p':
			options->port = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'u':
			options->path = optarg;
			break;
		case 'w':
			options->warm_up = seconds(optarg);
			break;
		case 's':
			options->measured = seconds(optarg);
			break;
		case 'b':
			options->is_back_to_back = true;
			break;
		case 'c':
			options->curl_connects = true;
			break;
		case 'k':
			options->keeps_connections = true;
			break;
		default:
			exit(EX_USAGE);
		}
	if (!options->port || !options->endpoints || !options->in_flight || argc != optind) {
		(void)fputs("bare: wanted --port, --endpoints and --in-flight above 0\n", stderr);
		exit(EX_USAGE);
	}
}

int main(int argc, char *argv[])
{
	struct loop loop = { .options = { .endpoints = 500,
					  .in_flight = 500,
					  .interval = USEC_PER_SEC,
					  .warm_up = 2 * USEC_PER_SEC,
					  .measured = 10 * USEC_PER_SEC,
					  .path = "/" } };

	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	options_read(&loop.options, argc, argv);
	loop_init(&loop);
	endpoints_init(&loop);
	loop.round = clock_now();
	timer_set(loop.phases, loop.options.warm_up);
	pump(&loop);
	(void)event_base_dispatch(loop.base);
	/* It was made to be measured; what it holds goes with it. */
	return 0;
}
