/* answer.c - claims about loop/answer.h, whatever a server sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "loop/answer.h"

/* www.test is an alias of a.test, which has 192.0.2.1. */
static const uint8_t good[] = {
	0x12, 0x34, 0x81, 0x80, 0,    1,   0,	2,   0,	  0,  0, 0, /* header */
	3,    'w',  'w',  'w',	4,    't', 'e', 's', 't', 0,  0, 1, 0, 1, /* question */
	0xc0, 12,   0,	  5,	0,    1,   0,	0,   0,	  60, 0, 4, /* alias */
	1,    'a',  0xc0, 16,	0xc0, 38,  0,	1,   0,	  1,  0, 0, 0, 60, 0, 4, /* address */
	192,  0,    2,	  1,
};

static enum answer_kind kind_of(const uint8_t *message, size_t len)
{
	/* A block of exactly that size, so that a byte too many is noticed. */
	uint8_t *copy = malloc(len ? len : 1);
	struct answer answer;

	assert_non_null(copy);
	memcpy(copy, message, len);
	answer_read(copy, len, ANSWER_TYPE_A, &answer);
	free(copy);
	assert_true(answer.count <= ANSWER_ADDRESSES_MAX);
	return answer.kind;
}

static void an_alias_leads_to_its_address(void **state)
{
	struct answer answer;

	answer_read(good, sizeof(good), ANSWER_TYPE_A, &answer);
	assert_int_equal(answer.kind, ANSWER_ADDRESSES);
	assert_int_equal(answer.count, 1);
	assert_memory_equal(answer.addresses[0].bytes, ((uint8_t[]){ 192, 0, 2, 1 }), 4);
	answer_read(good, sizeof(good), ANSWER_TYPE_AAAA, &answer);
	assert_int_equal(answer.kind, ANSWER_EMPTY);
}

static void an_answer_that_is_cut_anywhere_is_malformed(void **state)
{
	for (size_t len = 0; len < sizeof(good); len++)
		assert_int_equal(kind_of(good, len), ANSWER_MALFORMED);
}

static void a_chain_that_is_too_long_is_a_loop(void **state)
{
	uint8_t message[4096] = { [3] = 0, [5] = 1 };
	size_t len = 12;
	const unsigned links = 50;

	message[7] = (uint8_t)links;
	memcpy(message + len, "\1a\0\0\1\0\1", 7);
	len += 7;
	for (unsigned i = 0; i < links; i++) {
		const uint8_t record[] = {
			1, (uint8_t)('a' + i),	   0, 0, 5, 0, 1, 0, 0, 0, 0, 0, 3,
			1, (uint8_t)('a' + i + 1), 0
		};

		memcpy(message + len, record, sizeof(record));
		len += sizeof(record);
	}
	assert_int_equal(kind_of(message, len), ANSWER_LOOP);
}

static void response_codes_are_told(void **state)
{
	uint8_t message[sizeof(good)];
	struct answer answer;

	memcpy(message, good, sizeof(good));
	message[3] = 0x83;
	assert_int_equal(kind_of(message, sizeof(message)), ANSWER_NXDOMAIN);
	message[3] = 0x85;
	answer_read(message, sizeof(message), ANSWER_TYPE_A, &answer);
	assert_int_equal(answer.kind, ANSWER_ERROR);
	assert_string_equal(answer_rcode_name(answer.rcode), "REFUSED");
	assert_null(answer_rcode_name(15));
	message[2] |= 0x02;
	assert_int_equal(kind_of(message, sizeof(message)), ANSWER_TRUNCATED);
}

static void noise_does_no_harm(void **state)
{
	uint64_t random = 1;
	uint8_t message[sizeof(good)];

	for (unsigned i = 0; i < 200000; i++) {
		memcpy(message, good, sizeof(good));
		for (unsigned k = 0; k < 3; k++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			message[(random >> 33) % sizeof(message)] = (uint8_t)(random >> 56);
		}
		(void)kind_of(message, sizeof(message) - (random >> 40) % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alias_leads_to_its_address),
		cmocka_unit_test(an_answer_that_is_cut_anywhere_is_malformed),
		cmocka_unit_test(a_chain_that_is_too_long_is_a_loop),
		cmocka_unit_test(response_codes_are_told),
		cmocka_unit_test(noise_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
