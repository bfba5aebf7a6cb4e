/* sizing.c - how much this machine and this configuration ask for. */
#include <sys/resource.h>

#include "base/log.h"
#include "base/thread.h"
#include "config/snapshot.h"
#include "engine/house.h"

enum {
	PERMITS_AUTO_MIN = 64,
	/* A check may hold two sockets at once: two addresses tried, or a name server's. */
	DESCRIPTORS_A_CHECK = 2,
	DESCRIPTORS_OF_OUR_OWN = 64,
	/* Of a further loop: what it waits with, wakes by and asks name servers through. */
	DESCRIPTORS_A_LOOP = 32,
};

/* As many as the hard limit gives. */
static unsigned long descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1024;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1024;
	return limit.rlim_cur == RLIM_INFINITY ? 1ul << 20 : limit.rlim_cur;
}

/* Twice what is in flight on average if a check takes a second (Little's law). */
static unsigned expected_need(const struct snapshot *snapshot)
{
	double a_second = 0;

	for (unsigned i = 0; i < snapshot->endpoints_count; i++)
		a_second += (double)USEC_PER_SEC / (double)snapshot->endpoints[i]->interval;
	if (a_second * 2 > PERMITS_AUTO_MAX)
		return PERMITS_AUTO_MAX;
	return a_second * 2 < PERMITS_AUTO_MIN ? PERMITS_AUTO_MIN : (unsigned)(a_second * 2);
}

unsigned sizing_permits(const struct snapshot *snapshot)
{
	const struct settings *settings = &snapshot->settings;
	const unsigned long own = DESCRIPTORS_OF_OUR_OWN + 2ul * settings->connections +
				  DESCRIPTORS_A_LOOP * (unsigned long)sizing_loops(settings);
	const unsigned long most = descriptors();
	const unsigned long fits =
		most > own + DESCRIPTORS_A_CHECK ? (most - own) / DESCRIPTORS_A_CHECK : 1;
	unsigned permits = settings->max_concurrent;

	if (permits == 0) {
		permits = expected_need(snapshot);
		return permits < fits ? permits : (unsigned)fits;
	}
	if (permits <= fits)
		return permits;
	log_event(LOG_WARNING, LOG_LIMIT_REACHED, NULL,
		  "'max_concurrent' is %u, but with %lu descriptors at most %lu checks can be in "
		  "flight; going on with %lu (LimitNOFILE= of the unit raises it)",
		  permits, most, fits, fits);
	return (unsigned)fits;
}

unsigned sizing_judges(const struct settings *settings)
{
	return settings->judges ? settings->judges : thread_processors();
}

/* The judges have something to do as well. */
unsigned sizing_loops(const struct settings *settings)
{
	const unsigned half = thread_processors() / 2;

	if (settings->loops)
		return settings->loops;
	return half < 1 ? 1 : half < LOOPS_MAX ? half : LOOPS_MAX;
}
