/* evidence.c - claims about how much is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/memory.h"
#include "model/evidence.h"

enum { LEN = 1000 };

static struct evidence *some(void)
{
	char *json = memory_new(LEN + 1, 1);

	memset(json, 'x', LEN);
	return evidence_make(json, LEN);
}

static void the_oldest_goes_first(void **state)
{
	struct evidence *places[5] = { NULL };
	struct evidence_shelf shelf;

	(void)state;
	evidence_shelf_init(&shelf, 3 * (LEN + sizeof(struct evidence) + 1));
	for (unsigned i = 0; i < 3; i++)
		evidence_keep(&shelf, &places[i], some());
	/* A newer one in the place of the oldest: now the second is the oldest. */
	evidence_keep(&shelf, &places[0], some());
	for (unsigned i = 0; i < 3; i++)
		assert_non_null(places[i]);
	evidence_keep(&shelf, &places[3], some());
	assert_null(places[1]);
	evidence_keep(&shelf, &places[4], some());
	assert_null(places[2]);
	assert_true(shelf.bytes == shelf.bytes_max);
	evidence_free(places[0]);
	assert_null(places[0]);
	evidence_shelf_bound(&shelf, shelf.bytes_max / 2);
	assert_null(places[3]);
	assert_non_null(places[4]);
	evidence_free(places[4]);
	assert_int_equal(shelf.bytes, 0);
}

static void what_is_larger_than_the_shelf_is_not_kept(void **state)
{
	struct evidence *place = NULL;
	struct evidence_shelf shelf;

	(void)state;
	evidence_shelf_init(&shelf, LEN);
	evidence_keep(&shelf, &place, some());
	assert_null(place);
	assert_int_equal(shelf.bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_goes_first),
		cmocka_unit_test(what_is_larger_than_the_shelf_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
