/* notification.h - a message about incidents to one receiver.
 *
 * Its id is RECEIVER/GROUP/SEQUENCE, the same over retries and restarts; what it says is made
 * once and kept as the JSON that a webhook gets.  Loop thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/list.h"

struct bundle; /* alert/teller.h */

enum notification_event {
	NOTIFICATION_PROBLEM, /* some of it was not told before */
	NOTIFICATION_UPDATE, /* what was told is worse, less bad, or fails in another way */
	NOTIFICATION_REMINDER,
	NOTIFICATION_RECOVERY, /* all of it is over */
	NOTIFICATION_TEST,
	NOTIFICATION_EVENTS,
};

enum notification_state { NOTIFICATION_QUEUED, NOTIFICATION_SENT, NOTIFICATION_FAILED };

struct notification {
	struct bundle *bundle; /* borrowed; NULL: a test */
	struct list link; /* in the bundle's queue */
	char *id; /* owned */
	uint64_t sequence;
	enum notification_event event;
	char *json; /* owned */
	usec_t created; /* wall */
	usec_t next_try; /* monotonic */
	usec_t stored_by; /* monotonic; then it goes out even where it is not on the disk */
	uint64_t batch; /* of the store, that it is in */
	unsigned tries;
	bool is_in_flight;
	bool is_unstored; /* it went out before it was on the disk */
};

/* "problem", "update", "reminder", "recovery", "test" */
const char *notification_event_name(enum notification_event event);
/* NOTIFICATION_EVENTS: none is called so. */
enum notification_event notification_event_find(const char *name);
/* "queued", "sent", "failed" */
const char *notification_state_name(enum notification_state state);
void notification_free(struct notification *notification);
