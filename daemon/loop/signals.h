/* signals.h - all signals by one descriptor.
 *
 * signals_block() comes first in main(), before any thread: threads and libraries
 * started later inherit it.  SIGPIPE is ignored there too.
 * Source: signalfd(2), pthread_sigmask(3).
 */
#pragma once

struct event_base;
struct signals;

/* SIGTERM, SIGINT, SIGHUP, SIGUSR1 wait for signals_new(). */
void signals_block(void);

/* Runs `on_signal` on the loop, once for each kind that came since the last turn
 * (SIGTERM and SIGINT: as often as they came).  NULL where there is no descriptor left.
 */
struct signals *signals_new(struct event_base *base, void (*on_signal)(int signal, void *context),
			    void *context);
void signals_free(struct signals *signals);
