/* thread.c - a thread of this house. */
#include <sched.h>
#include <signal.h>

#include "base/thread.h"

int thread_start(const char *name, void *(*run)(void *context), void *context,
		 pthread_t *ret_thread)
{
	sigset_t all, before;
	int r;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(ret_thread, NULL, run, context);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r == 0)
		(void)pthread_setname_np(*ret_thread, name);
	return -r;
}

unsigned thread_processors(void)
{
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0 || CPU_COUNT(&cpus) < 1)
		return 1;
	return (unsigned)CPU_COUNT(&cpus);
}
