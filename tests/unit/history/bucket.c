/* bucket.c - claims about what checks come to, in memory and as bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "history/bucket.h"

/* The same numbers in every run. */
static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static struct account *only(unsigned place, void *context)
{
	struct account *const *by_place = context;

	return by_place[place];
}

/* Some checks: as a bucket, and as what they truly were. */
struct sample {
	struct bucket bucket;
	usec_t latencies[600];
	unsigned count;
};

static void add(struct sample *sample, usec_t latency)
{
	const struct look_back look = { .has_latency = true, .latency = latency };

	bucket_add(&sample->bucket, &look);
	sample->latencies[sample->count++] = latency;
}

static int compare(const void *a, const void *b)
{
	const usec_t *one = a, *other = b;

	return *one < *other ? -1 : *one > *other;
}

static void what_is_packed_comes_back(void **state)
{
	uint64_t seed = 88172645463325252u;

	(void)state;
	for (unsigned round = 0; round < 500; round++) {
		const unsigned place = (unsigned)(draw(&seed) % 24), checks = round % 400 + 1;
		struct sample sample = { 0 };
		struct account whole = { 0 }, back = { 0 };
		struct account *by_place[PLACES_MAX] = { [0] = NULL };
		struct text bytes = { 0 };
		size_t at = 0;

		for (unsigned i = 0; i < checks; i++) {
			const uint64_t kind = draw(&seed) % 10;
			const struct look_back bad = { .has_failed = kind == 1,
						       .is_unknown = kind == 2 };

			if (kind == 1 || kind == 2)
				bucket_add(&sample.bucket, &bad);
			else
				add(&sample, draw(&seed) % (1u << (6 + draw(&seed) % 24)));
		}
		by_place[place] = &back;
		account_add_bucket(&whole, &sample.bucket);
		account_pack(&whole, place, &bytes);
		assert_true(account_unpack(bytes.data, bytes.len, &at, only, by_place));
		assert_false(account_unpack(bytes.data, bytes.len, &at, only, by_place));
		assert_int_equal(at, bytes.len);
		assert_int_equal(back.checks, checks);
		assert_int_equal(back.failed, whole.failed);
		assert_int_equal(back.unknown, whole.unknown);
		assert_int_equal(back.answers, sample.count);
		assert_int_equal(back.least, whole.least);
		assert_int_equal(back.greatest, whole.greatest);
		assert_memory_equal(back.counts, whole.counts, sizeof(back.counts));
		/* The mean is kept to the microsecond. */
		assert_true(back.sum <= whole.sum && whole.sum - back.sum <= whole.answers);
		text_done(&bytes);
		bucket_reset(&sample.bucket, 0);
	}
}

static void ten_checks_take_less_than_twenty_bytes(void **state)
{
	struct sample sample = { 0 };
	struct account whole = { 0 };
	struct text bytes = { 0 };

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		add(&sample, 18000 + i * 700);
	account_add_bucket(&whole, &sample.bucket);
	account_pack(&whole, 11, &bytes);
	assert_in_range(bytes.len, 8, 20);
	text_done(&bytes);
}

static void pieces_of_one_place_add_up(void **state)
{
	struct account one = {
		.checks = 3, .failed = 1, .answers = 2, .least = 100, .greatest = 300, .sum = 400
	};
	struct account back = { 0 }, other = { 0 };
	struct account *by_place[PLACES_MAX] = { [4] = &back, [5] = &other };
	struct text bytes = { 0 };
	size_t at = 0;

	(void)state;
	one.counts[spread_index(100)] = 1;
	one.counts[spread_index(300)] = 1;
	account_pack(&one, 4, &bytes);
	account_pack(&one, 5, &bytes);
	one.least = 50;
	one.counts[spread_index(100)] = 0;
	one.counts[spread_index(50)] = 1;
	account_pack(&one, 4, &bytes);
	while (account_unpack(bytes.data, bytes.len, &at, only, by_place))
		;
	assert_int_equal(at, bytes.len);
	assert_int_equal(back.checks, 6);
	assert_int_equal(back.failed, 2);
	assert_int_equal(back.answers, 4);
	assert_int_equal(back.least, 50);
	assert_int_equal(back.greatest, 300);
	assert_int_equal(other.checks, 3);
	text_done(&bytes);
}

static void quantiles_are_off_by_an_eighth_at_most(void **state)
{
	static const double shares[] = { 0, 0.01, 0.5, 0.95, 0.99, 1 };
	uint64_t seed = 2463534242u;

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		struct sample sample = { 0 };
		struct account whole = { 0 };

		for (unsigned i = 0; i < 20 + round * 2; i++)
			add(&sample, 100 + draw(&seed) % (1000u << round % 14));
		qsort(sample.latencies, sample.count, sizeof(usec_t), compare);
		account_add_bucket(&whole, &sample.bucket);
		for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
			const double rank = shares[i] * sample.count;
			const unsigned place = rank > 1 ? (unsigned)(rank + 0.999999) - 1 : 0;
			const double truth = (double)sample.latencies[place];
			const double got = (double)account_quantile(&whole, shares[i]);

			assert_true(got >= truth * 7 / 8 - 1 && got <= truth * 9 / 8 + 1);
			assert_true(got >= (double)sample.latencies[0]);
			assert_true(got <= (double)sample.latencies[sample.count - 1]);
		}
		bucket_reset(&sample.bucket, 0);
	}
}

static void counters_cover_every_latency_once(void **state)
{
	(void)state;
	for (unsigned index = 0; index < SPREADS; index++) {
		assert_int_equal(spread_index(spread_least(index)), index);
		if (index)
			assert_int_equal(spread_index(spread_least(index) - 1), index - 1);
	}
	assert_int_equal(spread_index(USEC_NEVER), SPREADS - 1);
}

/* Whatever a damaged file holds is refused or read, and nothing is read behind its end. */
static void broken_bytes_do_no_harm(void **state)
{
	uint64_t seed = 777;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		const size_t len = draw(&seed) % 40 + 1;
		char *bytes = malloc(len);
		struct account account = { 0 };
		struct account *by_place[PLACES_MAX] = { 0 };
		size_t at = 0;

		assert_non_null(bytes);
		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)(i == 0 && round % 2 ? (char)len - 1 : (char)draw(&seed));
		for (unsigned i = 0; i < PLACES_MAX; i++)
			by_place[i] = &account;
		while (account_unpack(bytes, len, &at, only, by_place))
			assert_in_range(at, 1, len);
		assert_in_range(at, 0, len);
		(void)account_quantile(&account, 0.5);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_packed_comes_back),
		cmocka_unit_test(ten_checks_take_less_than_twenty_bytes),
		cmocka_unit_test(pieces_of_one_place_add_up),
		cmocka_unit_test(quantiles_are_off_by_an_eighth_at_most),
		cmocka_unit_test(counters_cover_every_latency_once),
		cmocka_unit_test(broken_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
