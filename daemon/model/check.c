/* check.c - one look at one endpoint, from due to settled. */
#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "model/check.h"
#include "model/evidence.h"
#include "model/pulse.h"
#include "model/tally.h"

/* legal[from] is the set of stages a check may move to.  Every check is judged,
 * even one that never got out: the expectation may be a closed door.
 */
static const unsigned legal[CHECK_STAGES] = {
	[CHECK_DUE] = 1u << CHECK_PROBING,
	[CHECK_PROBING] = 1u << CHECK_JUDGING,
	[CHECK_JUDGING] = 1u << CHECK_SETTLED,
	[CHECK_SETTLED] = 0,
};

struct check *check_new(const struct endpoint *endpoint, const struct check_limits *limits)
{
	struct check *check = MEMORY_NEW(struct check);

	check->stage = CHECK_DUE;
	check->endpoint = endpoint;
	check->limits = limits;
	list_init(&check->link);
	return check;
}

void check_begin(struct check *check, usec_t now)
{
	check->started = now;
	check->deadline = now + check->endpoint->timeout;
	check->observation.wall = clock_wall();
}

void check_look_again(struct check *check)
{
	check->others = memory_grow(check->others, check->others_count + 1, sizeof(*check->others));
	check->others[check->others_count++] = (struct look){ .observation = check->observation };
	check->observation = (struct observation){ 0 };
}

void check_free(struct check *check)
{
	assert(list_is_empty(&check->link));
	observation_done(&check->observation);
	verdict_done(&check->verdict);
	for (unsigned i = 0; i < check->others_count; i++) {
		observation_done(&check->others[i].observation);
		verdict_done(&check->others[i].verdict);
	}
	free(check->others);
	if (check->chain)
		check->chain->free(check->chain);
	if (check->tally)
		tally_free(check->tally);
	free(check->token);
	if (check->pulse)
		pulse_free(check->pulse);
	if (check->evidence)
		evidence_free(check->evidence);
	free(check);
}

void check_advance(struct check *check, enum check_stage next)
{
	/* Of a chain the next one. */
	const bool is_again =
		check->chain && check->stage == CHECK_SETTLED && next == CHECK_PROBING;

	assert(is_again || legal[check->stage] & 1u << next);
	check->stage = next;
}
