/* grpc.c - the frame of a health check's answer, and a status message.
 *
 * Over: probe/grpc_health.c
 */
#include "base/text.h"
#include "fuzz.h"
#include "probe/grpc_health.h"

/* A name of a service, as far as the configuration lets it go. */
enum { SERVICE_MAX = 127 };

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
	rest[rest_len < SERVICE_MAX ? rest_len : SERVICE_MAX] = '\0';
	grpc_health_request(&text, rest);
	assert(text.len >= 5 && (unsigned char)text.data[4] == text.len - 5);
	text_done(&text);
	free(rest);
	return 0;
}
