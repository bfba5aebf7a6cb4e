/* starttls.c - claims about probe/starttls.h: bytes in, bytes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/text.h"
#include "probe/starttls.h"

/* All that the server says in one go, a byte more at a time; what is said to it in `ret_said`. */
static enum starttls_next feed(enum starttls_protocol protocol, const char *data, size_t len,
			       struct text *ret_said, size_t *ret_left)
{
	struct starttls starttls = { .protocol = protocol, .host = "name.test" };
	enum starttls_next next = STARTTLS_WAITS;
	size_t taken = 0, used;

	for (size_t have = 0; have <= len && next == STARTTLS_WAITS; have++) {
		/* In memory of its own, so that reading behind it is noticed. */
		char *copy = malloc(have - taken + 1);

		assert_non_null(copy);
		memcpy(copy, data + taken, have - taken);
		next = starttls_step(&starttls, copy, have - taken, &used, ret_said);
		assert_true(used <= have - taken);
		free(copy);
		taken += used;
		*ret_left = len - taken;
	}
	return next;
}

static void expect(enum starttls_protocol protocol, const char *data, size_t len,
		   enum starttls_next wanted, const char *said, size_t said_len)
{
	struct text text = { 0 };
	size_t left;

	assert_int_equal(feed(protocol, data, len, &text, &left), wanted);
	if (said) {
		assert_int_equal(text.len, said_len);
		assert_memory_equal(text_string(&text), said, said_len);
	}
	if (wanted == STARTTLS_GOES)
		assert_int_equal(left, 0);
	text_done(&text);
}

#define EXPECT(protocol, data, wanted, said)                                                       \
	expect(protocol, data, sizeof(data) - 1, wanted, said, sizeof(said) - 1)

static void protocols_of_lines_go_on_when_all_was_said(void **state)
{
	EXPECT(STARTTLS_SMTP, "220-a\r\n220 b\r\n250-c\r\n250 STARTTLS\r\n220 go\r\n",
	       STARTTLS_GOES, "EHLO picket\r\nSTARTTLS\r\n");
	EXPECT(STARTTLS_IMAP, "* OK hi\r\n* CAPABILITY\r\na OK go\r\n", STARTTLS_GOES,
	       "a STARTTLS\r\n");
	EXPECT(STARTTLS_POP3, "+OK hi\r\n+OK go\r\n", STARTTLS_GOES, "STLS\r\n");
	EXPECT(STARTTLS_FTP, "220-a\r\n  b\r\n220 c\r\n234 go\r\n", STARTTLS_GOES, "AUTH TLS\r\n");
}

static void a_refusal_is_a_refusal_at_any_step(void **state)
{
	EXPECT(STARTTLS_SMTP, "421 busy\r\n", STARTTLS_REFUSED, "");
	EXPECT(STARTTLS_SMTP, "220 a\r\n502 what?\r\n", STARTTLS_REFUSED, "EHLO picket\r\n");
	EXPECT(STARTTLS_IMAP, "* BYE busy\r\n", STARTTLS_REFUSED, "");
	EXPECT(STARTTLS_IMAP, "* OK hi\r\na NO never\r\n", STARTTLS_REFUSED, "a STARTTLS\r\n");
	EXPECT(STARTTLS_POP3, "-ERR busy\r\n", STARTTLS_REFUSED, "");
	EXPECT(STARTTLS_FTP, "220 a\r\n530 no\r\n", STARTTLS_REFUSED, "AUTH TLS\r\n");
}

static void what_is_not_the_protocol_is_nonsense(void **state)
{
	EXPECT(STARTTLS_SMTP, "hello\r\n", STARTTLS_NONSENSE, "");
	EXPECT(STARTTLS_SMTP, "22\r\n", STARTTLS_NONSENSE, "");
	EXPECT(STARTTLS_IMAP, "HTTP/1.1 400 no\r\n", STARTTLS_NONSENSE, "");
	EXPECT(STARTTLS_POP3, "220 hi\r\n", STARTTLS_NONSENSE, "");
	EXPECT(STARTTLS_POSTGRES, "H", STARTTLS_NONSENSE, "\0\0\0\10\4\xd2\x16\x2f");
	EXPECT(STARTTLS_MYSQL, "SSH-2.0-x\r\n", STARTTLS_NONSENSE, "");
	expect(STARTTLS_LDAP, "HTTP/1.1", 8, STARTTLS_NONSENSE, NULL, 0);
	expect(STARTTLS_LDAP, "\x30\x85\1\1\1\1\1", 7, STARTTLS_NONSENSE, NULL, 0);
	expect(STARTTLS_XMPP, "220 hi\r\n", 8, STARTTLS_NONSENSE, NULL, 0);
}

static void xmpp_wants_the_feature_and_then_the_word(void **state)
{
	static const char offered[] = "<stream:stream from='x'><stream:features><starttls "
				      "xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"
				      "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
	static const char bare[] = "<stream:stream from='x'><stream:features/>";

	expect(STARTTLS_XMPP, offered, sizeof(offered) - 1, STARTTLS_GOES, NULL, 0);
	expect(STARTTLS_XMPP, bare, sizeof(bare) - 1, STARTTLS_REFUSED, NULL, 0);
}

static void ldap_answers_with_a_code_in_lengths_of_any_form(void **state)
{
	expect(STARTTLS_LDAP, "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", 14,
	       STARTTLS_GOES, NULL, 0);
	expect(STARTTLS_LDAP,
	       "\x30\x84\0\0\0\x10\x02\x01\x01\x78\x84\0\0\0\x07\x0a\x01\x00\x04\x00\x04\x00", 22,
	       STARTTLS_GOES, NULL, 0);
	expect(STARTTLS_LDAP, "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\x00\x04\x00", 14,
	       STARTTLS_REFUSED, NULL, 0);
}

static void postgres_answers_with_a_byte(void **state)
{
	EXPECT(STARTTLS_POSTGRES, "S", STARTTLS_GOES, "\0\0\0\10\4\xd2\x16\x2f");
	EXPECT(STARTTLS_POSTGRES, "N", STARTTLS_REFUSED, "\0\0\0\10\4\xd2\x16\x2f");
}

static void mysql_says_in_its_greeting_whether_it_can(void **state)
{
	/* Length, number, version 10, "8.0", thread, salt, filler, capabilities, character set. */
	char greeting[] = "\x15\0\0\0\x0a"
			  "8.0\0"
			  "\1\0\0\0"
			  "12345678\0"
			  "\xff\xff\x21";

	expect(STARTTLS_MYSQL, greeting, sizeof(greeting) - 1, STARTTLS_GOES, NULL, 0);
	greeting[sizeof(greeting) - 3] = (char)0xf7;
	expect(STARTTLS_MYSQL, greeting, sizeof(greeting) - 1, STARTTLS_REFUSED, NULL, 0);
	expect(STARTTLS_MYSQL, "\x17\0\0\0\xff\x10\4Too many connections", 27, STARTTLS_REFUSED,
	       NULL, 0);
}

static void noise_ends_somewhere_and_reads_nothing_else(void **state)
{
	char noise[64];
	uint32_t seed = 1;

	for (unsigned round = 0; round < 20000; round++) {
		struct text said = { 0 };
		size_t left;

		for (size_t i = 0; i < sizeof(noise); i++) {
			seed = seed * 1103515245u + 12345u;
			noise[i] = (char)(seed >> 16);
		}
		if (round % 2)
			memcpy(noise, "\x30\x0c\x02\x01\x01\x78", round % 7);
		(void)feed((enum starttls_protocol)(1 + round % STARTTLS_MYSQL), noise,
			   1 + round % sizeof(noise), &said, &left);
		assert_true(said.len < 1024);
		text_done(&said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protocols_of_lines_go_on_when_all_was_said),
		cmocka_unit_test(a_refusal_is_a_refusal_at_any_step),
		cmocka_unit_test(what_is_not_the_protocol_is_nonsense),
		cmocka_unit_test(xmpp_wants_the_feature_and_then_the_word),
		cmocka_unit_test(ldap_answers_with_a_code_in_lengths_of_any_form),
		cmocka_unit_test(postgres_answers_with_a_byte),
		cmocka_unit_test(mysql_says_in_its_greeting_whether_it_can),
		cmocka_unit_test(noise_ends_somewhere_and_reads_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
