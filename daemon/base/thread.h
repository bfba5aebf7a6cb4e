/* thread.h - a thread of this house. */
#pragma once

#include <pthread.h>

/* Runs `run` on a thread called `name` (15 bytes at most), as ps -L shows.  Signals are the first
 * loop's, so all of them are blocked there from its first instruction.  0, or -EAGAIN where the host
 * allows no more threads.
 */
int thread_start(const char *name, void *(*run)(void *context), void *context,
		 pthread_t *ret_thread);

/* How many CPUs this process may use; 1 or more. */
unsigned thread_processors(void);
