/* records.c - claims about where a service is, and for how long that is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lookups.h"
#include "loop/records.h"

struct found {
	bool is_told;
	unsigned count;
	usec_t ttl;
	char first[64];
};

static void note(const struct records *records, void *context)
{
	struct found *found = context;

	assert_false(found->is_told);
	found->is_told = true;
	found->count = records->count;
	found->ttl = records->ttl;
	if (records->count)
		(void)snprintf(found->first, sizeof(found->first), "%s", records->names[0]);
}

static struct found find(struct stage *stage, const char *name)
{
	struct found found = { 0 };

	(void)records_start(stage->base, stage->resolver, name, note, &found);
	assert_false(found.is_told);
	while (!found.is_told)
		(void)event_base_loop(stage->base, EVLOOP_ONCE);
	return found;
}

static void a_ttl_is_believed_from_a_second_to_an_hour(void **state)
{
	static const struct {
		uint32_t ttl;
		usec_t wanted;
	} cases[] = {
		{ 0, USEC_PER_SEC },	      { 1, USEC_PER_SEC },
		{ 90, 90 * USEC_PER_SEC },    { 3601, USEC_PER_HOUR },
		{ INT32_MAX, USEC_PER_HOUR }, { 0x80000000u, USEC_PER_SEC },
		{ UINT32_MAX, USEC_PER_SEC },
	};
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct found found;

		stage->dns.ttl = cases[i].ttl;
		found = find(stage, "both.test");
		assert_int_equal(found.count, 2);
		assert_string_equal(found.first, "[2001:db8::1]");
		assert_int_equal(found.ttl, cases[i].wanted);
	}
}

static void a_name_that_is_not_there_is_asked_for_again_in_an_hour_at_most(void **state)
{
	const struct found found = find(*state, "nx.test");

	assert_int_equal(found.count, 0);
	assert_int_equal(found.ttl, USEC_PER_HOUR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ttl_is_believed_from_a_second_to_an_hour),
		TEST(a_name_that_is_not_there_is_asked_for_again_in_an_hour_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
