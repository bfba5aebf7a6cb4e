/* alarm.c - a time on CLOCK_BOOTTIME, or by the clock on the wall, that somebody waits for. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/memory.h"
#include "loop/alarm.h"

struct alarm_clock {
	int fd;
	int flags; /* of each time that is set */
	struct event *event; /* owned */
	void (*ring)(void *context);
	void *context;
};

static void on_time(evutil_socket_t fd, short what, void *context)
{
	struct alarm_clock *alarm = context;
	uint64_t count;

	(void)what;
	/* Set anew in between, it has not come to its time after all; the clock itself set,
	 * everybody has to look again.
	 */
	if (read(fd, &count, sizeof(count)) == (ssize_t)sizeof(count) || errno == ECANCELED)
		alarm->ring(alarm->context);
}

static struct alarm_clock *make(clockid_t clock, int flags, struct event_base *base,
				void (*ring)(void *context), void *context)
{
	const int fd = timerfd_create(clock, TFD_CLOEXEC | TFD_NONBLOCK);
	struct alarm_clock *alarm;

	if (fd < 0)
		return NULL;
	alarm = MEMORY_NEW(struct alarm_clock);
	alarm->fd = fd;
	alarm->flags = flags;
	alarm->ring = ring;
	alarm->context = context;
	alarm->event = event_new(base, fd, EV_READ | EV_PERSIST, on_time, alarm);
	(void)event_add(alarm->event, NULL);
	return alarm;
}

struct alarm_clock *alarm_clock_new(struct event_base *base, void (*ring)(void *context),
				    void *context)
{
	return make(CLOCK_BOOTTIME, TFD_TIMER_ABSTIME, base, ring, context);
}

struct alarm_clock *alarm_clock_new_wall(struct event_base *base, void (*ring)(void *context),
					 void *context)
{
	return make(CLOCK_REALTIME, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, base, ring,
		    context);
}

void alarm_clock_free(struct alarm_clock *alarm)
{
	event_free(alarm->event);
	(void)close(alarm->fd);
	free(alarm);
}

void alarm_clock_set(struct alarm_clock *alarm, usec_t time)
{
	struct itimerspec spec = { 0 };

	/* All zeroes would stop it. */
	if (time == 0)
		time = 1;
	if (time != USEC_NEVER) {
		spec.it_value.tv_sec = (time_t)(time / USEC_PER_SEC);
		spec.it_value.tv_nsec = (long)(time % USEC_PER_SEC) * 1000;
	}
	(void)timerfd_settime(alarm->fd, alarm->flags, &spec, NULL);
}
