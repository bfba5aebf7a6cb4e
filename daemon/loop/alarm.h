/* alarm.h - a time on CLOCK_BOOTTIME, or by the clock on the wall, that somebody waits for.
 *
 * Where the machine slept past it, it rings as soon as the machine is awake; the loop's own
 * timers would be late by the whole sleep.  Loop thread only.
 * Source: timerfd_create(2).
 */
#pragma once

#include "base/clock.h"

struct alarm_clock;
struct event_base;

/* NULL where no descriptor is left. */
struct alarm_clock *alarm_clock_new(struct event_base *base, void (*ring)(void *context),
				    void *context);
/* The same by clock_wall(); rings as well whenever somebody sets that clock. */
struct alarm_clock *alarm_clock_new_wall(struct event_base *base, void (*ring)(void *context),
					 void *context);
void alarm_clock_free(struct alarm_clock *alarm);
/* Rings once when its clock shows `time`, at once where that is over; USEC_NEVER: not at all.
 * Replaces the time that was set before.
 */
void alarm_clock_set(struct alarm_clock *alarm, usec_t time);
