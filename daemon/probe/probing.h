/* probing.h - what all probing has around it: one deadline, one end.
 *
 *   struct demo_probing { struct probing probing; ... };      the first member
 *   start:  probing_begin(&demo->probing, &demo_verbs, check, tools, done, context);
 *   end:    probing_end(&demo->probing);                      release() frees it
 *
 * Loop thread only.
 */
#pragma once

#include "probe/probe.h"

struct event; /* event2/event.h */
struct probing;

struct probing_verbs {
	/* The check's timeout is over: says in the observation how far it came, and ends. */
	void (*expire)(struct probing *probing);
	/* Whatever runs is ended, silently; nothing but release() follows. */
	void (*stop)(struct probing *probing);
	/* Frees the whole, of which this is the first member, stopped or not. */
	void (*release)(struct probing *probing);
};

struct probing {
	const struct probing_verbs *verbs; /* borrowed */
	struct check *check; /* borrowed until done() */
	struct probe_tools *tools; /* borrowed */
	probe_done *done;
	void *context;
	struct event *timer; /* owned; the deadline; or the end, in the next turn */
	bool is_over;
};

/* Sets check->probe and the time when the observation began. */
void probing_begin(struct probing *probing, const struct probing_verbs *verbs, struct check *check,
		   struct probe_tools *tools, probe_done *done, void *context);
/* Gives the check back and releases the probing.  In a later turn than probing_begin(): from a
 * callback, or where probing_end_later() had to do.
 */
void probing_end(struct probing *probing);
/* The same for whoever is still inside start(): the end is in the next turn. */
void probing_end_later(struct probing *probing);
/* The cancel() of a probe type. */
void probing_cancel(struct check *check);
