/* clock.c - time as this program has it. */
#include <time.h>

#include "base/clock.h"

static usec_t read_clock(clockid_t id)
{
	struct timespec time;

	(void)clock_gettime(id, &time);
	return (usec_t)time.tv_sec * USEC_PER_SEC + (usec_t)time.tv_nsec / 1000;
}

usec_t clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

usec_t clock_boot(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

usec_t clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

usec_t clock_thread_cpu(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

struct moment clock_moment(void)
{
	return (struct moment){ .now = clock_now(), .wall = clock_wall() };
}
