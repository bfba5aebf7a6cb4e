/* parent.c - claims about what waits to be told since it depends on something that is down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "health/parent.h"
#include "model/roster.h"

enum { EDGE, SHOP, CART, WATCHES };

static const char *const on_edge[] = { "a-edge", NULL };
static const char *const on_shop[] = { "b-shop", NULL };
static const struct endpoint endpoints[WATCHES] = {
	[EDGE] = { .name = "a-edge", .is_parent = true },
	[SHOP] = { .name = "b-shop", .depends_on = on_edge, .is_parent = true },
	[CART] = { .name = "c-cart", .depends_on = on_shop },
};

struct stage {
	struct roster roster;
	struct watch *watches[WATCHES];
	usec_t now;
};

static int init(void **state)
{
	static struct stage stage;
	struct watch **names = memory_new(WATCHES, sizeof(*names));

	stage = (struct stage){ .now = 1000 };
	roster_init(&stage.roster);
	for (unsigned i = 0; i < WATCHES; i++) {
		names[i] = stage.watches[i] = roster_add(&stage.roster, &endpoints[i], NULL);
		roster_set_state(&stage.roster, names[i], STATE_UP);
		names[i]->standing.leaning = STATE_UP;
		names[i]->standing.since = names[i]->last.wall = stage.now;
	}
	roster_set_names(&stage.roster, names, WATCHES);
	*state = &stage;
	return 0;
}

static int done(void **state)
{
	struct stage *stage = *state;

	roster_done(&stage->roster);
	return 0;
}

/* A check that leans to one state, and one that confirms it. */
static void leans(struct stage *stage, unsigned number, enum state to)
{
	stage->watches[number]->standing.leaning = to;
	stage->watches[number]->last.wall = stage->now++;
}

static void becomes(struct stage *stage, unsigned number, enum state to)
{
	stage->watches[number]->standing.since = stage->now;
	stage->watches[number]->standing.leaning = to;
	roster_set_state(&stage->roster, stage->watches[number], to);
	stage->watches[number]->last.wall = stage->now++;
}

/* And whether it is asked to be looked at. */
static bool holds(struct stage *stage, unsigned number, bool was_held, bool *ret_awaits)
{
	unsigned looks = 0;

	*ret_awaits = parent_awaits_check(&stage->roster, stage->watches[number], &looks);
	return parent_holds(&stage->roster, stage->watches[number], was_held, &looks);
}

static void what_is_down_with_another_waits(void **state)
{
	struct stage *stage = *state;
	bool awaits;

	becomes(stage, EDGE, STATE_DOWN);
	becomes(stage, CART, STATE_DOWN);
	assert_true(holds(stage, SHOP, false, &awaits));
	assert_true(holds(stage, CART, false, &awaits));
	assert_false(awaits);
	assert_false(holds(stage, EDGE, false, &awaits));
}

static void it_waits_while_the_other_is_being_made_sure_of(void **state)
{
	struct stage *stage = *state;
	bool awaits;

	leans(stage, EDGE, STATE_DOWN);
	becomes(stage, SHOP, STATE_DOWN);
	assert_true(holds(stage, SHOP, false, &awaits));
	/* It was nothing. */
	leans(stage, EDGE, STATE_UP);
	assert_false(holds(stage, SHOP, true, &awaits));
}

static void it_is_looked_at_before_it_is_told(void **state)
{
	struct stage *stage = *state;
	bool awaits;

	becomes(stage, EDGE, STATE_DOWN);
	becomes(stage, SHOP, STATE_DOWN);
	becomes(stage, EDGE, STATE_UP);
	assert_true(holds(stage, SHOP, true, &awaits));
	assert_true(awaits);
	/* Still wrong: now it is news. */
	leans(stage, SHOP, STATE_DOWN);
	assert_false(holds(stage, SHOP, true, &awaits));
	assert_false(awaits);
}

static void what_comes_back_too_is_not_told(void **state)
{
	struct stage *stage = *state;
	bool awaits;

	becomes(stage, EDGE, STATE_DOWN);
	becomes(stage, SHOP, STATE_DOWN);
	becomes(stage, EDGE, STATE_UP);
	leans(stage, SHOP, STATE_UP);
	assert_true(holds(stage, SHOP, true, &awaits));
	assert_false(awaits);
	becomes(stage, SHOP, STATE_UP);
	assert_false(holds(stage, SHOP, true, &awaits));
	/* Of one that is on its way up by itself nothing is kept back. */
	becomes(stage, SHOP, STATE_DOWN);
	leans(stage, SHOP, STATE_UP);
	assert_false(holds(stage, SHOP, false, &awaits));
}

static void one_behind_the_other_comes_back(void **state)
{
	struct stage *stage = *state;
	bool awaits;

	becomes(stage, EDGE, STATE_DOWN);
	becomes(stage, SHOP, STATE_DOWN);
	becomes(stage, CART, STATE_DOWN);
	becomes(stage, EDGE, STATE_UP);
	leans(stage, CART, STATE_DOWN);
	assert_true(holds(stage, CART, true, &awaits));
	assert_false(awaits);
	becomes(stage, SHOP, STATE_UP);
	assert_true(holds(stage, CART, true, &awaits));
	assert_true(awaits);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(what_is_down_with_another_waits),
		CLAIM(it_waits_while_the_other_is_being_made_sure_of),
		CLAIM(it_is_looked_at_before_it_is_told),
		CLAIM(what_comes_back_too_is_not_told),
		CLAIM(one_behind_the_other_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
