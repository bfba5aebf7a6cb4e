/* roster.c - all watches by number, by name and by state, against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/check.h"
#include "model/roster.h"

enum { NAMES = 300, ROUNDS = 400 };

static uint64_t dice = 0x9e3779b97f4a7c15u;

static unsigned throw(unsigned sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)(dice % sides);
}

/* What the roster should know: which endpoint has which watch, in which state. */
struct naive {
	struct endpoint endpoints[NAMES];
	char names[NAMES][16];
	struct watch *watches[NAMES];
	enum state states[NAMES];
	struct watch *gone[NAMES]; /* no longer wanted, still shown */
	unsigned gone_count;
};

static void naive_init(struct naive *naive)
{
	memset(naive, 0, sizeof(*naive));
	for (unsigned i = 0; i < NAMES; i++) {
		(void)snprintf(naive->names[i], sizeof(naive->names[i]), "e%03u", i);
		naive->endpoints[i].name = naive->names[i];
	}
}

static unsigned count_all(const struct naive *naive)
{
	unsigned count = 0;

	for (unsigned i = 0; i < NAMES; i++)
		count += naive->watches[i] != NULL;
	return count;
}

/* What a reload does at its end. */
static void show(struct roster *roster, struct naive *naive)
{
	struct watch **names = memory_new(NAMES, sizeof(*names));
	uint32_t count = 0;

	for (unsigned i = 0; i < NAMES; i++)
		if (naive->watches[i])
			names[count++] = naive->watches[i];
	roster_set_names(roster, names, count);
	while (naive->gone_count > 0)
		roster_remove(roster, naive->gone[--naive->gone_count]);
}

static void agree_on_names(const struct roster *roster, const struct naive *naive)
{
	uint32_t at = 0;

	assert_int_equal(roster->count, count_all(naive));
	for (unsigned i = 0; i < NAMES; i++) {
		assert_ptr_equal(roster_find(roster, naive->names[i]), naive->watches[i]);
		assert_int_equal(roster_place(roster, naive->names[i]), at);
		if (naive->watches[i])
			assert_ptr_equal(roster->by_name[at++], naive->watches[i]);
	}
	assert_int_equal(roster_place(roster, "z"), roster->count);
}

static void agree_on_states(const struct roster *roster, const struct naive *naive)
{
	for (enum state state = 0; state < STATES; state++) {
		unsigned expected = 0, listed = 0;

		for (unsigned i = 0; i < NAMES; i++)
			expected += naive->watches[i] && naive->states[i] == state;
		list_each (link, &roster->by_state[state]) {
			assert_int_equal(LIST_ENTRY(link, struct watch, by_state)->standing.state,
					 state);
			listed++;
		}
		assert_int_equal(roster->in_state[state], expected);
		assert_int_equal(listed, expected);
	}
}

static void agree_on_numbers(const struct roster *roster, const struct naive *naive)
{
	for (unsigned i = 0; i < NAMES; i++) {
		const struct watch *watch = naive->watches[i];

		if (!watch)
			continue;
		assert_true(watch->id < roster->room);
		assert_ptr_equal(roster_get(roster, watch->id, watch->generation), watch);
		assert_null(roster_get(roster, watch->id, watch->generation + 1));
	}
	assert_null(roster_get(roster, roster->room, 0));
}

static void change_one(struct roster *roster, struct naive *naive)
{
	const unsigned i = throw(NAMES);
	struct watch *watch = naive->watches[i];

	if (!watch) {
		naive->watches[i] = roster_add(roster, &naive->endpoints[i], NULL);
		naive->states[i] = STATE_PENDING;
	} else if (throw(3) == 0) {
		naive->watches[i] = NULL;
		if (throw(2))
			roster_retire(roster, watch);
		naive->gone[naive->gone_count++] = watch;
	} else {
		naive->states[i] = throw(STATES);
		/* Health may have written it already, or leave it to the roster. */
		if (throw(2))
			watch->standing.state = naive->states[i];
		roster_set_state(roster, watch, naive->states[i]);
	}
}

static void it_agrees_with_a_plain_list(void **state)
{
	struct naive *naive = MEMORY_NEW(struct naive);
	struct roster roster;

	(void)state;
	naive_init(naive);
	roster_init(&roster);
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = throw(40); i > 0; i--)
			change_one(&roster, naive);
		show(&roster, naive);
		agree_on_names(&roster, naive);
		agree_on_states(&roster, naive);
		agree_on_numbers(&roster, naive);
	}
	roster_done(&roster);
	free(naive);
}

static void a_number_that_is_used_again_has_another_generation(void **state)
{
	const struct endpoint one = { .name = "one" }, other = { .name = "other" };
	struct roster roster;
	struct watch *watch;
	uint32_t id, generation;

	(void)state;
	roster_init(&roster);
	watch = roster_add(&roster, &one, NULL);
	id = watch->id;
	generation = watch->generation;
	roster_remove(&roster, watch);
	assert_null(roster_get(&roster, id, generation));

	watch = roster_add(&roster, &other, NULL);
	assert_int_equal(watch->id, id);
	assert_null(roster_get(&roster, id, generation));
	assert_ptr_equal(roster_get(&roster, id, watch->generation), watch);
	roster_done(&roster);
}

static void note(struct watch *watch, usec_t wall, usec_t latency, char *reason)
{
	struct check check = { .due = 1000, .started = 3500 };

	check.observation.wall = wall;
	check.observation.latency = latency;
	check.verdict.kind = reason ? VERDICT_FAIL : VERDICT_PASS;
	check.verdict.class = reason ? CLASS_timeout : CLASS_NONE;
	check.verdict.reason = reason;
	observation_set_phase(&check.observation, PHASE_CONNECT, 77);
	roster_note(watch, &check);
}

static void who_is_retired_is_in_no_state_any_more(void **state)
{
	const struct endpoint endpoint = { .name = "one" };
	struct roster roster;
	struct watch *watch;

	(void)state;
	roster_init(&roster);
	watch = roster_add(&roster, &endpoint, NULL);
	roster_set_state(&roster, watch, STATE_DOWN);
	roster_retire(&roster, watch);
	roster_set_state(&roster, watch, STATE_UP);
	for (enum state each = 0; each < STATES; each++) {
		assert_int_equal(roster.in_state[each], 0);
		assert_true(list_is_empty(&roster.by_state[each]));
	}
	assert_ptr_equal(roster_get(&roster, watch->id, watch->generation), watch);
	roster_done(&roster);
}

static void the_last_sixty_checks_are_kept_in_their_order(void **state)
{
	const struct endpoint endpoint = { .name = "one" };
	struct past_check checks[PAST_CHECKS];
	struct roster roster;
	struct watch *watch;

	(void)state;
	roster_init(&roster);
	watch = roster_add(&roster, &endpoint, NULL);
	for (unsigned i = 1; i <= PAST_CHECKS + 5; i++)
		note(watch, i * USEC_PER_SEC + 250 * USEC_PER_MS, i, NULL);
	assert_int_equal(recent_read(watch->recent, checks), PAST_CHECKS);
	for (unsigned i = 0; i < PAST_CHECKS; i++) {
		assert_true(checks[i].at == (i + 6) * USEC_PER_SEC + 250 * USEC_PER_MS);
		assert_int_equal(checks[i].latency, i + 6);
	}
	roster_done(&roster);
}

static void the_last_check_replaces_the_one_before(void **state)
{
	const struct endpoint endpoint = { .name = "one" };
	char reason[] = "nobody answered";
	struct past_check checks[PAST_CHECKS];
	struct roster roster;
	struct watch *watch;

	(void)state;
	roster_init(&roster);
	watch = roster_add(&roster, &endpoint, NULL);
	note(watch, 5 * USEC_PER_SEC, UINT32_MAX + UINT64_C(5), reason);
	assert_string_equal(watch->last.reason, "nobody answered");
	assert_int_equal(watch->last.class, CLASS_timeout);
	assert_int_equal(watch->last.lateness, 2500);
	assert_int_equal(watch->last.phases[PHASE_CONNECT], 77);
	assert_int_equal(recent_read(watch->recent, checks), 1);
	assert_int_equal(checks[0].latency, UINT32_MAX);

	note(watch, 6 * USEC_PER_SEC, 12, NULL);
	assert_null(watch->last.reason);
	assert_int_equal(watch->last.wall, 6 * USEC_PER_SEC);
	assert_int_equal(watch->last.kind, VERDICT_PASS);
	assert_int_equal(recent_read(watch->recent, checks), 2);
	assert_int_equal(checks[1].latency, 12);

	/* Nobody measured it. */
	note(watch, 7 * USEC_PER_SEC, USEC_NEVER, NULL);
	assert_true(watch->last.latency == USEC_NEVER);
	assert_int_equal(recent_read(watch->recent, checks), 3);
	assert_int_equal(checks[2].latency, 0);
	roster_done(&roster);
}

static void every_state_is_found_by_its_name(void **state)
{
	(void)state;
	for (enum state each = 0; each < STATES; each++)
		assert_int_equal(state_find(state_name(each)), each);
	assert_int_equal(state_find("sideways"), STATES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_agrees_with_a_plain_list),
		cmocka_unit_test(a_number_that_is_used_again_has_another_generation),
		cmocka_unit_test(who_is_retired_is_in_no_state_any_more),
		cmocka_unit_test(the_last_sixty_checks_are_kept_in_their_order),
		cmocka_unit_test(the_last_check_replaces_the_one_before),
		cmocka_unit_test(every_state_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
