/* clock.h - time as this program has it: microseconds in 64 bits.
 *
 * Monotonic time for all that is scheduled or measured; wall time only for
 * people and for certificates.  Source: clock_gettime(2).  Any thread.
 */
#pragma once

#include <stdint.h>

typedef uint64_t usec_t;

#define USEC_PER_MS   ((usec_t)1000)
#define USEC_PER_SEC  ((usec_t)1000000)
#define USEC_PER_MIN  (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MIN)
#define USEC_PER_DAY  (24 * USEC_PER_HOUR)
#define USEC_NEVER    UINT64_MAX

/* CLOCK_MONOTONIC. */
usec_t clock_now(void);
/* CLOCK_BOOTTIME: as CLOCK_MONOTONIC, and goes on while the host sleeps. */
usec_t clock_boot(void);
/* CLOCK_REALTIME, since 1970. */
usec_t clock_wall(void);
/* Both at once, for whoever schedules by the one and writes down the other. */
struct moment {
	usec_t now; /* monotonic */
	usec_t wall;
};
struct moment clock_moment(void);
/* CPU time of the calling thread (CLOCK_THREAD_CPUTIME_ID). */
usec_t clock_thread_cpu(void);
