/* judge.h - from observation to verdict, on worker threads.
 *
 *   a loop --judge_submit--> (tray) --> [waiting] --> worker: assess() --> [settled] --judge_next--> first loop
 *
 * Workers touch nothing but the check they hold and what it points to, which
 * nobody changes.  Each queue has room for every permit, so handing over never fails.
 * Threads: a tray is its loop's; all else is the first loop's, but for what says otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

struct check;
struct judge;
struct judge_tray;

struct judge_options {
	unsigned threads;
	size_t capacity; /* checks between submit and next, at most: the permits */
};

/* NULL where not even one thread can be started. */
struct judge *judge_new(const struct judge_options *options);
/* Waits for the workers; every check was taken back before. */
void judge_free(struct judge *judge);

/* What one loop gathers for the judges. */
struct judge_tray *judge_tray_new(struct judge *judge);
/* Nothing is gathered. */
void judge_tray_free(struct judge_tray *tray);

/* Small bodies are gathered and handed over together; whether some of them now wait for
 * judge_flush(), which is to come soon.
 */
bool judge_submit(struct judge_tray *tray, struct check *check);
/* Hands over what is gathered. */
void judge_flush(struct judge_tray *tray);
/* Any thread: no judge has anything to say about this one, which judge_next() gives as it is. */
void judge_pass(struct judge *judge, struct check *check);
/* The next check that has its verdict, or NULL. */
struct check *judge_next(struct judge *judge);
/* Readable when judge_next() may have something; judge_wake_read() empties it. */
int judge_wake_fd(const struct judge *judge);
void judge_wake_read(struct judge *judge);
/* After a reload with more permits. */
void judge_reserve(struct judge *judge, size_t capacity);
/* Checks that judge_next() has still to give. */
size_t judge_in_hand(const struct judge *judge);
/* Those of them that no worker has taken yet. */
size_t judge_waiting(struct judge *judge);
unsigned judge_threads(const struct judge *judge);
/* How long the oldest task in a worker's hands has taken; 0: all idle. */
usec_t judge_oldest_task(struct judge *judge, usec_t now);

/* What a worker does; also for `picketctl try`.  Any thread. */
void assess(struct check *check);
