/* reason.h - what happened between us and a server, in words: who, where, how long. */
#pragma once

#include <stdbool.h>

#include "loop/connect.h"
#include "model/verdict.h"

struct address;
struct text;

/* Whom it is about. */
struct reason_peer {
	const char *host; /* whose name was looked up, or who was connected to */
	enum connect_family family;
	const struct address *address; /* of family 0: none was tried */
};

/* The sentence with the peer for its %. */
void reason_print_with(struct text *text, const struct reason_peer *peer, const char *sentence);
/* Appends what ended it so, or nothing where the class says it all; `error` is the errno
 * that came with it, or 0.
 */
void reason_print(struct text *text, const struct reason_peer *peer, enum failure_class class,
		  enum phase phase, int error);
/* The same where the check's own timeout ended it, but for " within 10s"; false where the
 * phase is one of which the probe has more to say.
 */
bool reason_print_timeout(struct text *text, const struct reason_peer *peer, enum phase phase);
