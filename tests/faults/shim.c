/* shim.c - for LD_PRELOAD: a wall clock that can be set, and calls that fail on demand.
 *
 * FAULTS names a file with lines of a word and a number, read again whenever it changes:
 *
 *	clock SECONDS		CLOCK_REALTIME is so much ahead, or behind, and time(2) with it
 *	sleep SECONDS		it has slept so long: CLOCK_BOOTTIME is ahead as well
 *	spawn ERRNO		posix_spawn(3) fails with it
 *	thread COUNT		so many threads can be made, and then none: EAGAIN
 *	stuck 1			a further loop ("loop-1", ...) does not come back from its wait
 *
 * What is not named works as ever.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static unsigned long made; /* threads */

static long fault(const char *word, long otherwise)
{
	const char *path = getenv("FAULTS");
	FILE *file = path ? fopen(path, "re") : NULL;
	char line[80];

	while (file && fgets(line, sizeof(line), file)) {
		const size_t len = strcspn(line, " \n");

		if (strlen(word) == len && memcmp(line, word, len) == 0)
			otherwise = strtol(line + len, NULL, 10);
	}
	if (file)
		(void)fclose(file);
	return otherwise;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	static int (*real)(clockid_t, struct timespec *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	if (real(clock, ret) < 0)
		return -1;
	if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
		ret->tv_sec += fault("clock", 0) + fault("sleep", 0);
	else if (clock == CLOCK_BOOTTIME)
		ret->tv_sec += fault("sleep", 0);
	return 0;
}

time_t time(time_t *ret)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (ret)
		*ret = now.tv_sec;
	return now.tv_sec;
}

int posix_spawn(pid_t *ret_pid, const char *path, const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	const long error = fault("spawn", 0);
	int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *,
		    const posix_spawnattr_t *, char *const[], char *const[]);

	if (error)
		return (int)error;
	*(void **)&real = dlsym(RTLD_NEXT, "posix_spawn");
	return real(ret_pid, path, actions, attributes, argv, envp);
}

int pthread_create(pthread_t *ret, const pthread_attr_t *attributes, void *(*start)(void *),
		   void *context)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	if ((long)__atomic_fetch_add(&made, 1, __ATOMIC_RELAXED) >= fault("thread", 1000))
		return EAGAIN;
	*(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
	return real(ret, attributes, start, context);
}

int epoll_wait(int epoll, struct epoll_event *events, int max, int timeout)
{
	int (*real)(int, struct epoll_event *, int, int);
	char name[16] = "";
	int count;

	*(void **)&real = dlsym(RTLD_NEXT, "epoll_wait");
	count = real(epoll, events, max, timeout);
	(void)pthread_getname_np(pthread_self(), name, sizeof(name));
	while (strncmp(name, "loop-", 5) == 0 && fault("stuck", 0))
		(void)pause();
	return count;
}
