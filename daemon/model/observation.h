/* observation.h - all that a probe saw.  Filled by the probe on the loop, read by a
 * judge and by status, never changed once it was handed on.
 *
 * What did not happen is absent: a phase whose bit in `phases_seen` is not set,
 * an address of family 0, a status of 0, a text that is empty.  Durations are
 * microseconds; the phases never overlap and sum to `latency` within 1 ms.
 */
#pragma once

#include "base/clock.h"
#include "base/text.h"
#include "model/address.h"
#include "model/verdict.h"

struct tls_facts; /* model/tls.h */

/* One request of a chain of redirects, for the evidence. */
struct hop {
	char *url; /* owned; secrets masked */
	unsigned status;
	struct address address;
	usec_t phases[PHASES];
	uint8_t phases_seen; /* bit 1 << enum phase */
};

struct observation {
	/* CLASS_NONE: the probe got what it went for, and the expectations decide. */
	enum failure_class class;
	enum phase phase; /* where it ended, for what class says */
	char *detail; /* owned; what happened, for people, secrets masked; NULL where class says it all */

	usec_t wall; /* when it began, since 1970 */
	usec_t latency; /* USEC_NEVER: not measured, as of a response from a file */
	usec_t phases[PHASES];
	uint8_t phases_seen; /* bit 1 << enum phase */
	struct address address;

	unsigned status;
	unsigned http_version; /* 10, 11, 20 */
	unsigned redirects;
	char *url; /* owned; the last one */
	struct text headers; /* of the last hop: "Name: value\n" a line, without the status line */
	struct text body;
	bool body_is_cut; /* at the body limit */
	struct tls_facts *tls; /* owned; NULL where no handshake got as far as a certificate */
	struct hop *hops; /* owned array; at least one once a request was sent */
	unsigned hops_count;
	struct observation
		*also; /* owned; what the look over the other family saw (`ip: both`); or NULL */
};

void observation_done(struct observation *observation);

void observation_set_phase(struct observation *observation, enum phase phase, usec_t took);
static inline bool observation_has_phase(const struct observation *observation, enum phase phase)
{
	return observation->phases_seen & 1u << phase;
}

/* The probe failed: class, phase and a sentence (or NULL); replaces an earlier one. */
void observation_fail(struct observation *observation, enum failure_class class, enum phase phase,
		      const char *format, ...) __attribute__((format(printf, 4, 5)));
