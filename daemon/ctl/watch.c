/* watch.c - picketctl watch: everything live, the worst first. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/keys.h"
#include "ctl/paint.h"
#include "ctl/watch.h"

static const usec_t draw_every = 100 * USEC_PER_MS;
static const usec_t escape_wait = 50 * USEC_PER_MS; /* for the rest of a key's bytes */

/* What was typed and is no whole key yet. */
struct typed {
	char bytes[256];
	size_t len;
	usec_t since; /* monotonic, of the last byte */
};

static int open_signals(void)
{
	static const int numbers[] = { SIGWINCH, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP };
	sigset_t signals;

	(void)sigemptyset(&signals);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)sigaddset(&signals, numbers[i]);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void take_signals(struct viewer *viewer, int fd)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		viewer->is_dirty = true;
		if (info.ssi_signo == SIGWINCH)
			screen_measure(viewer->screen);
		else if (info.ssi_signo == SIGTSTP)
			screen_suspend(viewer->screen);
		else
			viewer->is_over = true;
	}
}

/* Every key that is whole; an Esc is one when nothing follows for a while. */
static void take_keys(struct viewer *viewer, struct typed *typed, usec_t now)
{
	const bool is_all = typed->len == sizeof(typed->bytes) || now >= typed->since + escape_wait;
	uint32_t key;
	size_t step;

	while ((step = keys_next(typed->bytes, typed->len, is_all, &key)) > 0) {
		typed->len -= step;
		memmove(typed->bytes, typed->bytes + step, typed->len);
		watch_key(viewer, key);
	}
}

static void read_keys(struct viewer *viewer, struct typed *typed, short revents)
{
	const ssize_t n =
		read(STDIN_FILENO, typed->bytes + typed->len, sizeof(typed->bytes) - typed->len);

	if (n > 0) {
		typed->len += (size_t)n;
		typed->since = clock_now();
	} else if ((n < 0 && errno != EINTR && errno != EAGAIN) || revents & (POLLHUP | POLLERR)) {
		/* The terminal is gone. */
		viewer->is_over = true;
	}
}

static usec_t earlier(usec_t one, usec_t other)
{
	return one < other ? one : other;
}

/* Draws if it is time to; when it is at the latest. */
static usec_t draw(struct viewer *viewer, usec_t now)
{
	if (now < viewer->next_draw)
		return viewer->is_dirty ? viewer->next_draw : now + USEC_PER_SEC;
	viewer_arrange(viewer);
	viewer->is_dirty = false;
	watch_draw(viewer);
	viewer->next_draw = now + draw_every;
	/* Ages go on. */
	return now + USEC_PER_SEC;
}

static void run(struct viewer *viewer, int signals)
{
	struct curl_waitfd fds[] = { { .fd = STDIN_FILENO, .events = CURL_WAIT_POLLIN },
				     { .fd = signals, .events = CURL_WAIT_POLLIN } };
	struct typed typed = { 0 };

	feed_start(viewer);
	while (!viewer->is_over) {
		const usec_t now = clock_now();
		usec_t until = earlier(draw(viewer, now), feed_run(viewer, now));

		if (typed.len > 0)
			until = earlier(until, typed.since + escape_wait);
		fds[0].revents = fds[1].revents = 0;
		wire_wait(viewer->wire, fds, 2,
			  until > now ? (int)((until - now) / USEC_PER_MS) + 1 : 0);
		if (fds[1].revents)
			take_signals(viewer, signals);
		if (fds[0].revents)
			read_keys(viewer, &typed, fds[0].revents);
		take_keys(viewer, &typed, clock_now());
	}
}

static int watch_screen(struct viewer *viewer)
{
	cleanup(close)
	int signals = open_signals();

	if (signals < 0)
		return CTL_USAGE;
	/* It may have become another size before anybody listened. */
	screen_measure(viewer->screen);
	viewer->wire = wire_new();
	viewer->has_color = paint_has_color(stdout);
	viewer->has_utf8 = paint_has_utf8();
	run(viewer, signals);
	screen_close(viewer->screen);
	wire_free(viewer->wire);
	feed_done(&viewer->feed);
	pane_close(&viewer->pane);
	prompt_close(&viewer->prompt);
	text_done(&viewer->message);
	strip_done(&viewer->strip);
	return CTL_OK;
}

/* On a terminal, lines where JSON is wanted or the terminal cannot move its cursor. */
static int start(struct viewer *viewer)
{
	const char *term = getenv("TERM");
	cleanup(text)
	struct text body = { 0 };
	/* With its message, while there is a place for it. */
	const int r = client_get("/v1/status", &body);

	if (r != 0)
		return r;
	if (ctl_settings()->is_json || !term || strcmp(term, "dumb") == 0 ||
	    screen_open(&viewer->screen) < 0)
		return watch_plain(&viewer->list);
	return watch_screen(viewer);
}

int ctl_watch(int argc, char **argv)
{
	static const struct option options[] = { { "state", required_argument, NULL, 'S' },
						 { "group", required_argument, NULL, 'g' },
						 CTL_OPTIONS,
						 { 0 } };
	struct viewer viewer = { .list.state = STATES, .list.filter.limit_bytes = 1024 };
	int option, r;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		if (option == 'g') {
			viewer.list.group = optarg;
		} else if (option == 'S') {
			viewer.list.state = state_find(optarg);
			if (viewer.list.state == STATES) {
				(void)fprintf(stderr,
					      "picketctl: --state is one of pending, up, degraded, "
					      "down, unknown and paused.\n");
				return CTL_USAGE;
			}
		} else {
			r = ctl_take_option(option, "watch");
			if (r < 0)
				return -1 - r;
		}
	}
	viewer.list.patterns = argv + optind;
	viewer.list.patterns_count = (size_t)(argc - optind);
	r = start(&viewer);
	watch_list_done(&viewer.list);
	return r;
}
