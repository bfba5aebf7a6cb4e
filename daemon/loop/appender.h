/* appender.h - a file that lines are added to, by a thread of its own.
 *
 * Whoever adds a line never waits: what the file does not take in time is dropped and
 * counted.  The file can be opened anew after somebody moved it away (logrotate(8)).
 * appender_add() and the rest are the loop thread's.  Source: open(2), write(2).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

struct appender;

struct appender_counts {
	uint64_t written, lost; /* lines */
	int fault; /* errno of the last try to open or to write; 0: it went well */
};

/* At most `limit_bytes` wait to be written.  NULL where no thread can be started. */
struct appender *appender_new(const char *path, size_t limit_bytes);
/* One line, with its newline; it is copied. */
void appender_add(struct appender *appender, const char *line, size_t len);
/* From the next line on into the file that is called so then; NULL: as it is called now. */
void appender_reopen(struct appender *appender, const char *path);
struct appender_counts appender_count(struct appender *appender);
/* Writes what waits, until `by` (monotonic).  False where the thread was left behind then, and
 * everything with it, for the process to end.
 */
bool appender_free(struct appender *appender, usec_t by);
