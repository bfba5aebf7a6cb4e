/* check.h - one look at one endpoint, from due to settled.
 *
 * A check is a parcel: it has exactly one owner at any moment and is handed
 * forward, never back.  schedule -> probe -> judge -> health -> freed.
 */
#pragma once

#include "base/clock.h"
#include "base/list.h"
#include "model/endpoint.h"
#include "model/observation.h"
#include "model/verdict.h"

struct curl_slist; /* curl/curl.h */
struct evidence;
struct program; /* expect/expect.h */
struct pulse; /* model/pulse.h */
struct snapshot;
struct tally; /* model/tally.h */
struct check;

enum check_stage { CHECK_DUE, CHECK_PROBING, CHECK_JUDGING, CHECK_SETTLED, CHECK_STAGES };

/* What bounds a check; from `picket: limits:`, the same for all of a snapshot. */
struct check_limits {
	size_t body_bytes;
	size_t headers_bytes;
	unsigned redirects;
	size_t evidence_bytes;
	size_t output_bytes; /* of what a program prints */
	unsigned json_depth;
};

/* What one look saw and came to. */
struct look {
	struct observation observation;
	struct verdict verdict; /* none before it was judged */
};

enum check_turn {
	CHECK_IS_OVER,
	CHECK_PROBES, /* its endpoint is another now, which is to be looked at */
	CHECK_IS_JUDGED, /* so it is, and the observation is complete already */
};

/* Of a check that is several probings, one after the other, each with a verdict.  The probe's
 * own struct begins with it.
 */
struct check_chain {
	/* With the verdict of the last one, on the loop. */
	enum check_turn (*next)(struct check *check);
	void (*free)(struct check_chain *chain);
	struct curl_slist *cookies; /* owned; that the probings share */
	char label[32]; /* of the one in hand, for reasons: "step 2 of 4"; "": none */
	struct text told; /* of those that have ended, JSON objects with commas between */
	const struct program *captures; /* borrowed; what is wanted of the one in hand; or NULL */
	char **captured; /* owned, as its elements; what was found, one for each of them; or NULL */
};

struct check {
	enum check_stage stage;
	uint32_t watch_id;
	uint32_t generation;
	const struct endpoint *endpoint; /* borrowed from snapshot */
	struct snapshot *snapshot; /* one reference, owned */
	const struct check_limits *limits; /* borrowed from snapshot */

	usec_t due; /* monotonic: when it should have started */
	usec_t started; /* monotonic: when it began, with its permit; 0: it has not */
	usec_t deadline; /* monotonic: started + timeout */
	usec_t observed; /* monotonic: when the probe handed it on */
	bool is_confirming; /* wants a fresh connection and a fresh lookup */
	bool is_cancelled; /* has no verdict, and appears nowhere but in a counter */
	/* The probe has nothing to say of the endpoint yet, and why not is the observation's
	 * detail: no verdict, and only who asked for the check hears of it.
	 */
	bool is_silent;

	struct observation observation;
	struct verdict verdict;
	/* Where a probe looks more than once (`ip: both`, `ip: each`), the other looks: the
	 * earlier ones while it probes, all but the worst once they are judged.
	 */
	struct look *others; /* owned array */
	unsigned others_count;
	struct pulse *pulse; /* owned; the beats up to now, of a probe that is told; else NULL */
	struct tally *tally; /* owned; the members up to now, of a probe that has some; else NULL */
	char *token; /* owned; fetched by the probe, and as secret as what is configured; or NULL */
	bool keeps_success; /* it has failed before, so what a success looks like is of use */
	struct evidence *evidence; /* owned; made of what did not pass, or is to be kept; or NULL */

	struct check_chain *chain; /* owned; or NULL: it is one probing */
	void *probe; /* the probe's own, between start() and done() */
	bool is_away; /* in the hands of a further loop, or on its way back from there (engine/) */
	struct list link; /* of whoever owns it */
};

/* Sets what was observed aside, among the others, and begins with an empty observation. */
void check_look_again(struct check *check);

struct check *check_new(const struct endpoint *endpoint, const struct check_limits *limits);
/* From here on its timeout counts. */
void check_begin(struct check *check, usec_t now);
void check_free(struct check *check);

/* Only forward, one stage at a time, but for a chain, which begins anew; anything else is a bug and ends the process. */
void check_advance(struct check *check, enum check_stage next);
