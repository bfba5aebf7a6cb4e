/* alarm.c - a time on CLOCK_BOOTTIME that somebody waits for. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/memory.h"
#include "loop/alarm.h"

struct alarm_clock {
	int fd;
	struct event *event; /* owned */
	void (*ring)(void *context);
	void *context;
};

static void on_time(evutil_socket_t fd, short what, void *context)
{
	struct alarm_clock *alarm = context;
	uint64_t count;

	(void)what;
	/* Set anew in between, it has not come to its time after all. */
	if (read(fd, &count, sizeof(count)) == (ssize_t)sizeof(count))
		alarm->ring(alarm->context);
}

struct alarm_clock *alarm_clock_new(struct event_base *base, void (*ring)(void *context),
				    void *context)
{
	const int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	struct alarm_clock *alarm;

	if (fd < 0)
		return NULL;
	alarm = MEMORY_NEW(struct alarm_clock);
	alarm->fd = fd;
	alarm->ring = ring;
	alarm->context = context;
	alarm->event = event_new(base, fd, EV_READ | EV_PERSIST, on_time, alarm);
	(void)event_add(alarm->event, NULL);
	return alarm;
}

void alarm_clock_free(struct alarm_clock *alarm)
{
	event_free(alarm->event);
	(void)close(alarm->fd);
	free(alarm);
}

void alarm_clock_set(struct alarm_clock *alarm, usec_t boot)
{
	struct itimerspec spec = { 0 };

	/* All zeroes would stop it. */
	if (boot == 0)
		boot = 1;
	if (boot != USEC_NEVER) {
		spec.it_value.tv_sec = (time_t)(boot / USEC_PER_SEC);
		spec.it_value.tv_nsec = (long)(boot % USEC_PER_SEC) * 1000;
	}
	(void)timerfd_settime(alarm->fd, TFD_TIMER_ABSTIME, &spec, NULL);
}
