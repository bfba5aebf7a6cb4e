/* answer.h - what a DNS server's message says about the addresses of a name.
 *
 * Follows the aliases in the answer section from the question's name; addresses
 * of other names do not count.  Source: RFC 1035, RFC 2308.  Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"

enum { ANSWER_ADDRESSES_MAX = 8, ANSWER_CLASS_IN = 1, ANSWER_TYPE_A = 1, ANSWER_TYPE_AAAA = 28 };

enum answer_kind {
	ANSWER_ADDRESSES,
	ANSWER_EMPTY, /* the name exists and has none of that type */
	ANSWER_NXDOMAIN,
	ANSWER_TRUNCATED, /* ask again over TCP */
	ANSWER_ERROR, /* see rcode */
	ANSWER_LOOP, /* aliases without an end, or with one too far away */
	ANSWER_MALFORMED,
};

struct answer {
	enum answer_kind kind;
	unsigned rcode;
	unsigned count; /* at most ANSWER_ADDRESSES_MAX, in the server's order */
	struct ip addresses[ANSWER_ADDRESSES_MAX];
};

void answer_read(const uint8_t *message, size_t len, int type, struct answer *ret);

/* "SERVFAIL", or NULL where the code has no name. */
const char *answer_rcode_name(unsigned rcode);
