/* receiver.h - ways to tell somebody.
 *
 * A type brings its table of keys and a function that delivers one notification.  To add one:
 * a line in registry.inc, its source, its test, its section of the manual.
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "loop/post.h"
#include "model/notification.h"
#include "model/receiver.h"
#include "option/option.h"

enum delivery_outcome {
	DELIVERY_TAKEN,
	DELIVERY_FAILED, /* may be better later */
	DELIVERY_REFUSED, /* will not be better unless somebody does something */
};

struct delivery_result {
	enum delivery_outcome outcome;
	usec_t retry_after; /* how long the receiver asks to be left alone; 0: it does not */
	const char *detail; /* a sentence for people; valid during done() */
};

typedef void delivery_done(const struct delivery_result *result, void *context);

/* What receivers work with; all borrowed. */
struct delivery_tools {
	struct post_tools post;
	struct children *children;
};

struct children; /* loop/child.h */
struct delivery; /* of a type's own making */

struct receiver_type {
	const char *name;
	const char *about;
	const struct option_table *table;
	bool is_child; /* runs a program */
	/* It groups and repeats by itself: a message is about no more than it has in it, and what
	 * lasts is started every minute as a message of its own that nobody keeps.
	 */
	bool tells_all;
	/* A secret in another form than the configuration has it, malloc'ed; or NULL.  May be NULL. */
	char *(*secret)(const void *options);
	/* Begins, and returns at once; done() runs exactly once, in a later turn.  Receiver and
	 * notification are borrowed until then.
	 */
	struct delivery *(*start)(const struct delivery_tools *tools,
				  const struct receiver *receiver,
				  const struct notification *notification, delivery_done *done,
				  void *context);
	/* done() does not run any more. */
	void (*cancel)(struct delivery *delivery);
};

/* What a receiver answered, for people: its secrets masked, escaped, and cut at 200 bytes. */
void delivery_append_answer(struct text *detail, const struct receiver *receiver, const char *data,
			    size_t len);

/* NULL-terminated. */
extern const struct receiver_type *const receiver_types[];
