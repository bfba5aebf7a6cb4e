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
	NOTIFICATION_ESCALATION, /* whoever was told of some of it has not acknowledged it */
	NOTIFICATION_RECOVERY, /* all of it is over */
	NOTIFICATION_TEST,
	NOTIFICATION_EVENTS,
};

enum notification_state {
	NOTIFICATION_QUEUED,
	NOTIFICATION_SENT,
	NOTIFICATION_GIVEN_UP, /* it was not taken for as long as it was tried */
	NOTIFICATION_DROPPED, /* whom it was for is not configured any more */
	NOTIFICATION_STATES,
};

/* Counted by references: it is known to whoever was told by it when it is over already. */
struct notification {
	unsigned references;
	enum notification_state state;
	struct bundle *bundle; /* borrowed; as long as it is queued; NULL: a test */
	struct list link; /* in the bundle's queue */
	struct list unstored; /* of those that wait for the disk */
	char *id; /* owned */
	uint64_t sequence;
	enum notification_event event;
	char *json; /* owned; NULL once it is over */
	usec_t created; /* wall */
	usec_t since; /* monotonic; as long as a receiver's `retry.span` from then on it is tried */
	usec_t next_try; /* monotonic */
	usec_t stored_by; /* monotonic; then it goes out even where it is not on the disk */
	uint64_t batch; /* of the store, that it is in */
	unsigned tries;
	bool is_in_flight;
	bool is_unstored; /* it went out before it was on the disk */
	bool is_passed_on; /* another receiver is told instead, and that was logged */
};

/* "problem", "update", "reminder", "escalation", "recovery", "test" */
const char *notification_event_name(enum notification_event event);
/* NOTIFICATION_EVENTS: none is called so. */
enum notification_event notification_event_find(const char *name);
/* "queued", "sent", "given_up", "dropped" */
const char *notification_state_name(enum notification_state state);
/* NOTIFICATION_STATES: none is called so. */
enum notification_state notification_state_find(const char *name);

/* With one reference. */
struct notification *notification_new(enum notification_event event);
struct notification *notification_ref(struct notification *notification);
void notification_unref(struct notification *notification);
