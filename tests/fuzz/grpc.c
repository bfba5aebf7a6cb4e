/* grpc.c - the frame of a health check's answer, and a status message.
 *
 * Over: probe/grpc_health.c
 */
#include "base/text.h"
#include "fuzz.h"
#include "probe/grpc_health.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	struct text text = { 0 };
	const char *fault = NULL, *word;
	size_t rest_len;
	char *rest = fuzz_rest(&input, &rest_len);
	char room[24];

	word = grpc_health_status(rest, rest_len, room, &fault);
	assert(word ? strlen(word) < sizeof(room) : fault != NULL);
	grpc_message_print(&text, rest, rest_len);
	text_clear(&text);
	/* Five bytes before the message say how long it is. */
	grpc_health_request(&text, rest);
	assert(text.len >= 5);
	assert(((size_t)(unsigned char)text.data[3] << 8 | (unsigned char)text.data[4]) ==
	       ((text.len - 5) & 0xffff));
	text_done(&text);
	free(rest);
	return 0;
}
