/* starttls.c - what servers say before TLS, in eight protocols.
 *
 * A byte for the protocol, one for how much comes at a time; then what the server says.
 *
 * Over: probe/starttls.c
 */
#include "probe/starttls.h"
#include "base/text.h"
#include "fuzz.h"

enum { STEPS_MAX = 1000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	struct starttls starttls = {
		.protocol = STARTTLS_SMTP + fuzz_byte(&input) % STARTTLS_MYSQL,
		.host = "www.example.com",
	};
	const size_t piece = fuzz_byte(&input) + 1u;
	enum starttls_next next = STARTTLS_WAITS;
	struct text say = { 0 };
	size_t rest_len, from = 0, until = 0, used;
	char *rest = fuzz_rest(&input, &rest_len);

	for (unsigned step = 0; step < STEPS_MAX && next == STARTTLS_WAITS && until <= rest_len;
	     step++) {
		used = SIZE_MAX;
		next = starttls_step(&starttls, rest + from, until - from, &used, &say);
		assert(used <= until - from);
		from += used;
		if (until == rest_len)
			break;
		until = piece < rest_len - until ? until + piece : rest_len;
	}
	text_done(&say);
	free(rest);
	return 0;
}
