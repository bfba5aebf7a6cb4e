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

struct dns_facts; /* model/dns.h */
struct echo_facts; /* model/echo.h */
struct file_facts; /* model/file.h */
struct process_facts; /* model/process.h */
struct tls_facts; /* model/tls.h */

/* How the attempt to connect to one address ended. */
enum tried_end {
	TRIED_NOT, /* nothing was sent there */
	TRIED_CONNECTED,
	TRIED_FAILED, /* see class */
	TRIED_LEFT, /* another one was quicker, or time was up */
};

/* One of the addresses that a name has, in the order in which they were tried. */
struct tried {
	struct address address;
	enum tried_end end;
	enum failure_class class; /* of TRIED_FAILED, else CLASS_NONE */
	usec_t began; /* after the first one */
	usec_t took;
};

/* One request of a chain of redirects, for the evidence. */
struct hop {
	char *url; /* owned; secrets masked */
	char *request; /* owned; its head as it was sent, credentials in it; NULL: none was */
	unsigned status;
	bool is_downgrade; /* a redirect led here from https to http */
	struct address address; /* that was used, or the one whose failure tells most */
	struct tried *tried; /* owned array; empty over a kept connection */
	unsigned tried_count;
	usec_t phases[PHASES];
	uint8_t phases_seen; /* bit 1 << enum phase */
};

struct observation {
	/* CLASS_NONE: the probe got what it went for, and the expectations decide. */
	enum failure_class class;
	enum phase phase; /* where it ended, for what class says */
	char *detail; /* owned; what happened, for people, secrets masked; NULL where class says it all */

	/* What it is called where nothing but the probe's own expectation does not hold (`exit ==
	 * 0`), and whether that is a warning only; `detail` is the reason then.  CLASS_NONE: it is
	 * an expectation like any other.
	 */
	enum failure_class says;
	bool says_warn;

	usec_t wall; /* when it began, since 1970 */
	usec_t latency; /* USEC_NEVER: not measured, as of a response from a file, or a beat */
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
	struct dns_facts *dns; /* owned; NULL where no name server answered a question of its own */
	struct echo_facts *echo; /* owned; NULL where no echo was asked for */
	struct file_facts *file; /* owned; NULL where no file was found to look at */
	struct process_facts *process; /* owned; NULL where no program was to run */
	struct tls_facts *tls; /* owned; NULL where no handshake got as far as a certificate */
	struct hop *hops; /* owned array; at least one once a request was sent */
	unsigned hops_count;
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
