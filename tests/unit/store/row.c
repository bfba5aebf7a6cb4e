/* row.c - claims about rows packed into bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/row.h"

static void what_was_packed_comes_out_in_order(void **state)
{
	struct pack pack = { 0 };
	struct store_row row;
	size_t at = 0;

	pack_begin(&pack, 3);
	pack_number(&pack, -7);
	pack_text(&pack, "one");
	pack_text(&pack, NULL);
	pack_bytes(&pack, "a\0b", 3);
	pack_begin(&pack, 4);
	assert_int_equal(pack.rows, 2);

	assert_true(pack_next(&pack, &at, &row));
	assert_int_equal(row.statement, 3);
	assert_int_equal(row.count, 4);
	assert_int_equal(row.values[0].kind, STORE_NUMBER);
	assert_int_equal(row.values[0].number, -7);
	assert_int_equal(row.values[1].kind, STORE_TEXT);
	assert_string_equal(row.values[1].data, "one");
	assert_int_equal(row.values[2].kind, STORE_NULL);
	assert_int_equal(row.values[3].kind, STORE_BYTES);
	assert_int_equal(row.values[3].len, 3);
	assert_memory_equal(row.values[3].data, "a\0b", 3);
	assert_true(pack_next(&pack, &at, &row));
	assert_int_equal(row.statement, 4);
	assert_int_equal(row.count, 0);
	assert_false(pack_next(&pack, &at, &row));
	pack_done(&pack);
}

static void an_empty_text_is_not_no_text(void **state)
{
	struct pack pack = { 0 };
	struct store_row row;
	size_t at = 0;

	pack_begin(&pack, 0);
	pack_text(&pack, "");
	assert_true(pack_next(&pack, &at, &row));
	assert_int_equal(row.values[0].kind, STORE_TEXT);
	assert_int_equal(row.values[0].len, 0);
	pack_done(&pack);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_out_in_order),
		cmocka_unit_test(an_empty_text_is_not_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
