/* frame.c - claims about probe/frame.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/text.h"
#include "probe/frame.h"

static enum frame_found read_frame(const char *data, size_t len, struct frame *frame, size_t *used)
{
	/* In memory of its own, so that reading behind it is noticed. */
	char *copy = malloc(len + !len);
	enum frame_found found;

	assert_non_null(copy);
	memcpy(copy, data, len);
	found = frame_read(copy, len, 1000, frame, used);
	free(copy);
	return found;
}

static void frames_are_read_when_they_are_whole(void **state)
{
	static const char data[] = "\x81\x05hello\x89";
	struct frame frame;
	size_t used;

	for (size_t len = 0; len < 7; len++)
		assert_int_equal(read_frame(data, len, &frame, &used), FRAME_WAITS);
	assert_int_equal(read_frame(data, sizeof(data) - 1, &frame, &used), FRAME_WHOLE);
	assert_int_equal(used, 7);
	assert_int_equal(frame.kind, FRAME_TEXT);
	assert_true(frame.is_last);
	assert_int_equal(frame.len, 5);
}

static void long_lengths_are_read_and_bounded(void **state)
{
	char data[300] = "\x02\x7e\x01\x00";
	struct frame frame;
	size_t used;

	assert_int_equal(read_frame(data, 4 + 255, &frame, &used), FRAME_WAITS);
	assert_int_equal(read_frame(data, 4 + 256, &frame, &used), FRAME_WHOLE);
	assert_int_equal(frame.kind, FRAME_BINARY);
	assert_false(frame.is_last);
	assert_int_equal(frame.len, 256);
	assert_int_equal(read_frame("\x82\x7e\x03\xe9", 4, &frame, &used), FRAME_TOO_LARGE);
	assert_int_equal(read_frame("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10, &frame, &used),
			 FRAME_TOO_LARGE);
}

static void what_no_server_may_send_is_broken(void **state)
{
	static const char *const cases[] = {
		"\x81\x85", /* masked */
		"\xc1\x05", /* a reserved bit */
		"\x83\x05", "\x8b\x05", /* kinds that nobody knows */
		"\x09\x05", /* a ping in parts */
		"\x89\x7e", /* a long ping */
	};
	struct frame frame;
	size_t used;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(read_frame(cases[i], 2, &frame, &used), FRAME_BROKEN);
}

static void a_clients_frame_is_masked(void **state)
{
	static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	struct text text = { 0 };
	char payload[70000] = { 0 };

	/* RFC 6455, 5.7 */
	frame_print(&text, FRAME_TEXT, "Hello", 5, mask);
	assert_int_equal(text.len, 11);
	assert_memory_equal(text.data, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
	text_clear(&text);
	frame_print(&text, FRAME_TEXT, payload, 126, mask);
	assert_memory_equal(text.data, "\x81\xfe\x00\x7e", 4);
	text_clear(&text);
	frame_print(&text, FRAME_TEXT, payload, sizeof(payload), mask);
	assert_memory_equal(text.data, "\x81\xff\0\0\0\0\0\x01\x11\x70", 10);
	text_done(&text);
}

static void the_answer_to_the_key_is_that_of_the_standard(void **state)
{
	char accept[FRAME_ACCEPT_LEN + 1];

	frame_accept("dGhlIHNhbXBsZSBub25jZQ==", accept);
	assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_read_when_they_are_whole),
		cmocka_unit_test(long_lengths_are_read_and_bounded),
		cmocka_unit_test(what_no_server_may_send_is_broken),
		cmocka_unit_test(a_clients_frame_is_masked),
		cmocka_unit_test(the_answer_to_the_key_is_that_of_the_standard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
