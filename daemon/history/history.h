/* history.h - what was: uptime and latency of every endpoint, for minutes and for years.
 *
 * Two things are kept, since they are two questions:
 *
 * - What an endpoint was, and from when to when (timeline.h): its confirmed changes, back-dated to the
 *   first check that led to them.  All of them are in memory, a few bytes an endpoint, so that
 *   uptime of any span, of one endpoint or of all, is a walk over a handful of marks: exact, without a
 *   query, and without a bucket that an outage could fall between.  Each change is a row, written in
 *   the batch of the change of state itself.
 * - What its checks came to (bucket.h): counts and latencies by five minutes.  Memory has only the
 *   open ones.  When a span of five minutes is over, those of all endpoints are closed and written, in
 *   the order of their keys, so that a page of the file is written once a round.
 *
 *     loop: append --> open bucket --round: close--> [64 packs] --round: write--> store's thread
 *     thread: minutes (an hour a row) --age--> hours (a day a row) --age--> gone
 *
 *   Rows are only ever appended to, and pieces for the same five minutes add up: a restart within
 *   them goes on with a piece of its own, and nothing is read to be written again.  On its thread the
 *   store makes hours of minutes that are old enough, a few thousand rows in a transaction
 *   (age.c), and drops what is too old or too much, the oldest first.
 *
 * A bucket is 64 bytes and a timeline with its first two marks 32: 112 bytes an endpoint, and 50
 * more for a while where its bucket waits to be written.
 *
 * What is lost: by SIGKILL the counts and latencies that were not written, ten minutes at most; no change of
 * state.  While the file cannot be written, closed buckets wait in memory up to a bound; beyond it
 * all that wait are given up and counted.  Without a store only timelines are there.
 *
 * Time is an argument.  Loop thread only, but what past.c and age.c do on the store's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "history/timeline.h"

struct check;
struct history;
struct pack;
struct roster;
struct store;
struct store_row;
struct watch;

struct history_settings {
	usec_t minutes; /* how long values of five minutes are kept */
	usec_t hours; /* how long those of an hour are, and changes of state */
	uint64_t store_bytes; /* of the file; the oldest history goes where it is larger */
};

/* `store` (borrowed, or NULL) outlives it. */
struct history *history_new(struct store *store, const struct history_settings *settings);
/* The store's thread has ended, or there was none. */
void history_free(struct history *history);
void history_configure(struct history *history, const struct history_settings *settings);

/* A new watch; or one less, whose rows stay until they are old. */
void history_enter(struct history *history, const struct watch *watch);
/* It has another name now, and goes on with what is known; the names in the file are the caller's. */
void history_rename(struct history *history, const struct watch *watch);
void history_leave(struct history *history, const struct watch *watch, usec_t wall,
		   struct pack *rows);

/* `rows` (or NULL) here and below: what is to be kept is added. */

/* What is taken up from the store.  It was opened: nobody looked from `away` (0: not known) until
 * `back`.
 */
void history_opened(struct history *history, usec_t away, usec_t back);
/* A row of MARKS or ABSENCES.  Late is as good as early. */
void history_take(struct history *history, const struct roster *roster, const struct store_row *row,
		  struct pack *rows);
/* That was all. */
void history_loaded(struct history *history, struct pack *rows);
/* From here on changes count: all that is on the roster is as it is now. */
void history_begin(struct history *history, const struct roster *roster, usec_t wall);

/* The watch may be in another state than before. */
void history_follow(struct history *history, const struct watch *watch, struct pack *rows);
/* A check was believed: after its verdict had its effect on the state. */
void history_append(struct history *history, const struct watch *watch, const struct check *check,
		    struct pack *rows);
/* Maintenance begins or ends: the time between is apart, whatever the state. */
void history_maintain(struct history *history, const struct watch *watch, bool is_on, usec_t wall,
		      struct pack *rows);

/* Does what is due, a slice of it; how long until it wants to go on. */
usec_t history_turn(struct history *history, const struct roster *roster, struct moment moment);
/* All marks are written again: the file has nothing of them. */
void history_refill(struct history *history);
/* At the end: closes and hands over a slice; true where nothing is left to do. */
bool history_flush(struct history *history);

/* How long they are kept. */
usec_t history_minutes(const struct history *history);
usec_t history_hours(const struct history *history);
/* Rows of buckets that were given up. */
uint64_t history_lost(const struct history *history);

/* What a span consisted of; what goes on lasts until its end.  Fills in `ret_times`. */
void history_sum(const struct history *history, const struct watch *watch, usec_t from,
		 usec_t until, struct times *ret_times);
/* (up + degraded) / (up + degraded + down), or -1 where nothing is known. */
double history_share(const struct times *times);
