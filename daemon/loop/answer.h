/* answer.h - what a DNS server's message says about a name: its addresses, its services.
 *
 * Follows the aliases in the answer section from the question's name; records
 * of other names do not count.  Source: RFC 1035, RFC 2308, RFC 2782.  Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"

enum {
	ANSWER_ADDRESSES_MAX = 8,
	ANSWER_CLASS_IN = 1,
	ANSWER_TYPE_A = 1,
	ANSWER_TYPE_AAAA = 28,
	ANSWER_TYPE_SRV = 33,
};

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

/* One that the question asked for. */
struct answer_record {
	uint32_t ttl; /* seconds; the least of its own and those of the aliases that lead to it */
	struct ip ip; /* of A and AAAA */
	uint16_t port; /* of SRV */
	const char *host; /* of SRV, valid during the call; "" where there is no such service */
};

typedef void answer_take(const struct answer_record *record, void *context);

/* Each record of that type; those before a fault have been given.  ANSWER_ADDRESSES where there
 * was any.
 */
enum answer_kind answer_each(const uint8_t *message, size_t len, int type, answer_take *take,
			     void *context, unsigned *ret_rcode);
void answer_read(const uint8_t *message, size_t len, int type, struct answer *ret);

/* "SERVFAIL", or NULL where the code has no name. */
const char *answer_rcode_name(unsigned rcode);
