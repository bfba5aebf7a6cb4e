/* dns_message.c - claims about DNS messages, most of them about bad ones. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "model/dns.h"
#include "probe/dns_message.h"

enum { ID = 0x1234 };

static struct dns_question question_of(const char *name, uint16_t type)
{
	struct dns_question question = { .type = type, .class = 1, .wants_recursion = true };

	assert_int_equal(dns_name_write(name, &question), 0);
	return question;
}

/* The head of a reply to `question` with so many answers and authorities. */
static void begin(struct text *message, const struct dns_question *question, unsigned flags,
		  unsigned answers, unsigned authority)
{
	uint8_t head[DNS_QUESTION_BYTES];
	const size_t len = dns_question_write(question, ID, head);

	head[2] = (uint8_t)(0x80 | flags >> 8);
	head[3] = (uint8_t)flags;
	head[6] = (uint8_t)(answers >> 8);
	head[7] = (uint8_t)answers;
	head[9] = (uint8_t)authority;
	text_append_len(message, head, len);
}

/* A record of the question's name. */
static void add(struct text *message, unsigned type, uint32_t ttl, const void *data, size_t len)
{
	const uint8_t head[] = { 0xc0,
				 12,
				 (uint8_t)(type >> 8),
				 (uint8_t)type,
				 0,
				 1,
				 (uint8_t)(ttl >> 24),
				 (uint8_t)(ttl >> 16),
				 (uint8_t)(ttl >> 8),
				 (uint8_t)ttl,
				 (uint8_t)(len >> 8),
				 (uint8_t)len };

	text_append_len(message, head, sizeof(head));
	text_append_len(message, data, len);
}

static enum dns_reply read_it(const struct text *message, const struct dns_question *question,
			      struct dns_facts **ret_facts)
{
	/* A copy of just that size, so that a sanitizer sees one byte too far. */
	uint8_t *data = malloc(message->len ? message->len : 1);
	enum dns_reply reply;

	assert_non_null(data);
	if (message->len)
		memcpy(data, message->data, message->len);
	*ret_facts = NULL;
	reply = dns_answer_read(data, message->len, question, ID, ret_facts);
	assert_int_equal(reply == DNS_REPLY, *ret_facts != NULL);
	free(data);
	return reply;
}

#define BYTES(literal) literal, sizeof(literal) - 1

static void records_are_shown_as_zone_files_have_them(void **state)
{
	static const struct {
		uint16_t type;
		const char *data;
		size_t len;
		const char *shown;
	} cases[] = {
		{ DNS_A, BYTES("\xc0\x00\x02\x01"), "192.0.2.1" },
		{ DNS_AAAA, BYTES("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), "2001:db8::1" },
		{ DNS_CNAME, BYTES("\3www\xc0\x0c"), "www.example.test." },
		{ DNS_NS, BYTES("\0"), "." },
		{ DNS_PTR, BYTES("\4a.\"b\0"), "a\\.\\\"b." },
		{ DNS_MX, BYTES("\0\x0a\4mail\xc0\x0c"), "10 mail.example.test." },
		{ DNS_SRV, BYTES("\0\1\0\2\x14\xe9\1a\0"), "1 2 5353 a." },
		{ DNS_TXT, BYTES("\3a\"b\0\2\x01z"), "\"a\\\"b\" \"\" \"\\001z\"" },
		{ DNS_SOA,
		  BYTES("\2ns\xc0\x0c\4root\xc0\x0c\x78\xd1\x72\x01\0\0\x0e\x10\0\0\0\x3c\0\0\0\2\0\0\0\1"),
		  "ns.example.test. root.example.test. 2026992129 3600 60 2 1" },
		{ DNS_CAA, BYTES("\x80\5issueca.test"), "128 issue \"ca.test\"" },
		{ DNS_DS, BYTES("\x12\x34\x0d\2\xab\xcd"), "4660 13 2 ABCD" },
		{ 99, BYTES("\1\xff"), "\\# 2 01FF" },
		{ 99, BYTES(""), "\\# 0" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct dns_question question = question_of("example.test", cases[i].type);
		struct text message = { 0 };
		struct dns_facts *facts;

		begin(&message, &question, 0x0120, 1, 0);
		add(&message, cases[i].type, 300, cases[i].data, cases[i].len);
		assert_int_equal(read_it(&message, &question, &facts), DNS_REPLY);
		assert_int_equal(facts->counts[DNS_ANSWER], 1);
		assert_string_equal(facts->records[DNS_ANSWER][0], cases[i].shown);
		assert_true(facts->is_authenticated);
		assert_int_equal(facts->has_serial, cases[i].type == DNS_SOA);
		dns_facts_free(facts);
		text_done(&message);
	}
}

/* Every record that is cut anywhere is no record, and nobody reads behind its end. */
static void what_is_cut_is_malformed(void **state)
{
	static const char soa[] =
		"\2ns\xc0\x0c\4root\xc0\x0c\0\0\0\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	const struct dns_question question = question_of("example.test", DNS_SOA);
	struct text message = { 0 };
	struct dns_facts *facts;
	size_t whole;

	begin(&message, &question, 0, 2, 0);
	add(&message, DNS_SOA, 300, soa, sizeof(soa) - 1);
	add(&message, DNS_TXT, 300, "\5hello", 6);
	whole = message.len;
	assert_int_equal(read_it(&message, &question, &facts), DNS_REPLY);
	assert_int_equal(facts->serial, 7);
	dns_facts_free(facts);
	for (size_t len = 0; len < whole; len++) {
		message.len = len;
		assert_int_not_equal(read_it(&message, &question, &facts), DNS_REPLY);
	}
	text_done(&message);
}

/* Whatever a byte is changed to: an answer, or none, but an end. */
static void no_byte_is_believed(void **state)
{
	const struct dns_question question = question_of("example.test", DNS_MX);
	struct text message = { 0 };
	struct dns_facts *facts;

	begin(&message, &question, 0, 1, 1);
	add(&message, DNS_MX, 300, "\0\x0a\4mail\xc0\x0c", 9);
	add(&message, DNS_CAA, 300, "\0\5issueca", 9);
	for (size_t i = 0; i < message.len; i++) {
		const char kept = message.data[i];

		for (unsigned byte = 0; byte < 256; byte++) {
			message.data[i] = (char)byte;
			if (read_it(&message, &question, &facts) == DNS_REPLY)
				dns_facts_free(facts);
		}
		message.data[i] = kept;
	}
	text_done(&message);
}

static void names_that_point_in_circles_end(void **state)
{
	static const struct {
		const char *data;
		size_t len;
	} cases[] = {
		{ BYTES("\xc0\x2a") }, /* to itself */
		{ BYTES("\1a\xc0\x2a") }, /* to its own beginning */
		{ BYTES("\xc0\xff") }, /* forwards, out of the message */
		{ BYTES("\xff\xff") },	  { BYTES("\x40x") }, /* no kind of label */
		{ BYTES("\x3fshort") },
	};
	const struct dns_question question = question_of("example.test", DNS_CNAME);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text message = { 0 };
		struct dns_facts *facts;

		begin(&message, &question, 0, 1, 0);
		assert_int_equal(message.len + 12, 0x2a);
		add(&message, DNS_CNAME, 300, cases[i].data, cases[i].len);
		assert_int_equal(read_it(&message, &question, &facts), DNS_MALFORMED);
		text_done(&message);
	}
}

static void counts_that_promise_too_much_are_malformed(void **state)
{
	const struct dns_question question = question_of("example.test", DNS_A);
	struct text message = { 0 };
	struct dns_facts *facts;

	begin(&message, &question, 0, 2, 0);
	add(&message, DNS_A, 300, "\1\2\3\4", 4);
	assert_int_equal(read_it(&message, &question, &facts), DNS_MALFORMED);
	text_done(&message);
	begin(&message, &question, 0, DNS_RECORDS_MAX + 1, 0);
	for (unsigned i = 0; i <= DNS_RECORDS_MAX; i++)
		add(&message, DNS_A, 300, "\1\2\3\4", 4);
	assert_int_equal(read_it(&message, &question, &facts), DNS_MALFORMED);
	text_done(&message);
}

static void what_answers_something_else_is_not_ours(void **state)
{
	const struct dns_question question = question_of("example.test", DNS_A);
	struct dns_question other = question_of("EXAMPLE.tesT", DNS_A);
	struct text message = { 0 };
	struct dns_facts *facts;

	/* In other letters it is the same name. */
	begin(&message, &question, 0, 0, 0);
	assert_int_equal(read_it(&message, &other, &facts), DNS_REPLY);
	dns_facts_free(facts);
	message.data[0] ^= 1;
	assert_int_equal(read_it(&message, &question, &facts), DNS_NOT_OURS);
	message.data[0] ^= 1;
	message.data[2] = 0; /* a question */
	assert_int_equal(read_it(&message, &question, &facts), DNS_NOT_OURS);
	text_clear(&message);
	begin(&message, &question, 0, 0, 0);
	other = question_of("example.best", DNS_A);
	assert_int_equal(read_it(&message, &other, &facts), DNS_NOT_OURS);
	other = question_of("example.test", DNS_AAAA);
	assert_int_equal(read_it(&message, &other, &facts), DNS_NOT_OURS);
	text_done(&message);
}

static void rcodes_and_truncation_are_seen(void **state)
{
	const struct dns_question question = question_of("example.test", DNS_A);
	struct text message = { 0 };
	struct dns_facts *facts;
	char room[16];

	begin(&message, &question, 3, 0, 0);
	assert_int_equal(read_it(&message, &question, &facts), DNS_REPLY);
	assert_string_equal(dns_rcode_name(facts->rcode, room), "NXDOMAIN");
	assert_string_equal(dns_rcode_name(12, room), "RCODE12");
	dns_facts_free(facts);
	text_clear(&message);
	begin(&message, &question, 0x0200, 0, 0);
	assert_int_equal(read_it(&message, &question, &facts), DNS_TRUNCATED);
	/* Without a question: only with an error. */
	text_clear(&message);
	begin(&message, &question, 1, 0, 0);
	message.data[5] = 0;
	message.len = 12;
	assert_int_equal(read_it(&message, &question, &facts), DNS_REPLY);
	assert_int_equal(facts->rcode, 1);
	dns_facts_free(facts);
	message.data[3] = 0;
	assert_int_equal(read_it(&message, &question, &facts), DNS_NOT_OURS);
	text_done(&message);
}

static void the_least_ttl_counts_and_wild_ones_are_none(void **state)
{
	const struct dns_question question = question_of("example.test", DNS_A);
	struct text message = { 0 };
	struct dns_facts *facts;

	begin(&message, &question, 0, 2, 0);
	add(&message, DNS_A, 300, "\1\2\3\4", 4);
	add(&message, DNS_A, 60, "\1\2\3\5", 4);
	assert_int_equal(read_it(&message, &question, &facts), DNS_REPLY);
	assert_int_equal(facts->ttl, 60);
	dns_facts_free(facts);
	text_clear(&message);
	begin(&message, &question, 0, 1, 0);
	add(&message, DNS_A, 0x80000001, "\1\2\3\4", 4);
	assert_int_equal(read_it(&message, &question, &facts), DNS_REPLY);
	assert_int_equal(facts->ttl, 0);
	dns_facts_free(facts);
	text_done(&message);
}

static void names_that_are_none_are_not_asked_for(void **state)
{
	struct dns_question question;
	char name[300];

	assert_int_equal(dns_name_write(".", &question), 0);
	assert_int_equal(question.name_len, 1);
	assert_int_equal(dns_name_write("a.b.", &question), 0);
	assert_int_equal(question.name_len, 5);
	assert_int_equal(dns_name_write("a..b", &question), -EINVAL);
	assert_int_equal(dns_name_write(".a", &question), -EINVAL);
	memset(name, 'a', sizeof(name));
	name[64] = '\0';
	assert_int_equal(dns_name_write(name, &question), -EINVAL);
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 4 == 3 ? '.' : 'a';
	name[254] = '\0';
	assert_int_equal(dns_name_write(name, &question), -EINVAL);
	name[253] = '\0';
	assert_int_equal(dns_name_write(name, &question), 0);
	assert_int_equal(question.name_len, 255);
}

int main(void)
{
	const struct CMUnitTest claims[] = {
		cmocka_unit_test(records_are_shown_as_zone_files_have_them),
		cmocka_unit_test(what_is_cut_is_malformed),
		cmocka_unit_test(no_byte_is_believed),
		cmocka_unit_test(names_that_point_in_circles_end),
		cmocka_unit_test(counts_that_promise_too_much_are_malformed),
		cmocka_unit_test(what_answers_something_else_is_not_ours),
		cmocka_unit_test(rcodes_and_truncation_are_seen),
		cmocka_unit_test(the_least_ttl_counts_and_wild_ones_are_none),
		cmocka_unit_test(names_that_are_none_are_not_asked_for),
	};

	return cmocka_run_group_tests(claims, NULL, NULL);
}
