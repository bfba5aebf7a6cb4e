/* notify.c - what we tell systemd about ourselves. */
#include <event2/event.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "base/memory.h"
#include "base/text.h"
#include "loop/notify.h"

struct watchdog {
	struct event *timer; /* owned */
	bool (*is_alive)(void *context);
	void *context; /* borrowed */
};

void notify_ready(void)
{
	(void)sd_notify(0, "READY=1");
}

void notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

void notify_reloading(void)
{
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, clock_now());
}

void notify_status(const char *format, ...)
{
	struct text line = { .limit_bytes = 512 };
	struct text message = { 0 };
	va_list arguments;

	va_start(arguments, format);
	text_vprint(&line, format, arguments);
	va_end(arguments);
	/* A line break would begin another variable of the protocol. */
	text_append(&message, "STATUS=");
	text_append_escaped(&message, text_string(&line), line.len);
	(void)sd_notify(0, text_string(&message));
	text_done(&message);
	text_done(&line);
}

void notify_extend(usec_t by)
{
	(void)sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%" PRIu64, by);
}

static void on_beat(int fd, short what, void *context)
{
	const struct watchdog *watchdog = context;

	if (watchdog->is_alive(watchdog->context))
		(void)sd_notify(0, "WATCHDOG=1");
}

struct watchdog *watchdog_new(struct event_base *base, bool (*is_alive)(void *context),
			      void *context)
{
	struct watchdog *watchdog;
	struct timeval period;
	uint64_t limit;

	if (sd_watchdog_enabled(0, &limit) <= 0)
		return NULL;
	watchdog = MEMORY_NEW(struct watchdog);
	watchdog->is_alive = is_alive;
	watchdog->context = context;
	watchdog->timer = event_new(base, -1, EV_PERSIST, on_beat, watchdog);
	limit /= 4;
	period.tv_sec = (time_t)(limit / USEC_PER_SEC);
	period.tv_usec = (suseconds_t)(limit % USEC_PER_SEC);
	(void)event_add(watchdog->timer, &period);
	return watchdog;
}

void watchdog_free(struct watchdog *watchdog)
{
	event_free(watchdog->timer);
	free(watchdog);
}
