/* log.h - to the journal with fields, or as plain lines on stderr.
 *
 * log_open() looks at where stderr goes: the journal ($JOURNAL_STREAM,
 * systemd.exec(5)), a terminal, or something else, where lines get the <N>
 * prefix of sd-daemon(3) if a service manager started us.  Nothing here fails, or
 * waits for a pipe or a journal that is full: what does not fit is lost.
 * Any thread.  What came from outside is escaped on the way.
 */
#pragma once

#include <stdbool.h>
#include <syslog.h>

/* One kind of event has one MESSAGE_ID, for ever; picketd(8) lists them. */
#define LOG_STATE_CHANGED  "6f2b1a3c0d5e4f8b9a7c2e1d3f4b5a60"
#define LOG_FLAPPING	   "c27d80f6a9e14b3d8f5a6c1e0b9d7243"
#define LOG_OFFLINE	   "e5b0d94c17f24a68a3c8d27b60f91e35"
#define LOG_STARTED	   "0d7c5b9e2f184a6c8e3a1b2c4d5e6f71"
#define LOG_STOPPING	   "a1b8c7d6e5f44a3b9c2d1e0f7a6b5c48"
#define LOG_RELOADED	   "3e9d1c7b5a2f4860b1d8e7c6a5f4b392"
#define LOG_RELOAD_REFUSED "9b3a7f1e6c2d4508a4e9d8c7b6f5a312"
#define LOG_LIMIT_REACHED  "5c4d8e2f9a7b4163b2c1d0e9f8a7b654"
#define LOG_INCIDENT	   "7d2e94c1b6a04f3f8c5a9e07d1b3f648"
#define LOG_TOLD	   "b5e3c7a91d284f60a8e7d2c4f6091b35"
#define LOG_SILENCE	   "2b8f4d0a6c1e4975a3d7e9f05b1c8624"
#define LOG_MAINTENANCE	   "d1a64f7b0c9e4382b5f8e3a7c2d09416"
#define LOG_DELIVERED	   "1f9c6b3e7a5d4c82b0e4f7a9d2c81635"
#define LOG_UNDELIVERED	   "94a7d0c5e2f84b1ca6b3e8f1075d2c9e"
#define LOG_STORE_FAILING  "c41f0a8d7e3b4f9285d6e1a0b7c9f213"
#define LOG_STORE_WORKS	   "e80b6d5c2a914a37b1f4c7d8e9a0b326"
#define LOG_DEAD_MAN	   "4e6a9c1d7b3f4285a0d8c5e2f7194b63"

struct log_field {
	const char *name; /* PICKET_…; NULL ends a list */
	const char *value;
};

void log_open(void);
/* Messages less urgent than `priority` (LOG_INFO, LOG_DEBUG) are left out. */
void log_set_limit(int priority);
bool log_is_wanted(int priority);

/* One sentence, no newline. */
void log_line(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with a message id and fields (ended by a NULL name). */
void log_event(int priority, const char *message_id, const struct log_field *fields,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));
