/* websocket.c - the answer to an upgrade, and the frames behind it.
 *
 * A byte says which of them; then what the server sent.
 *
 * Over: probe/frame.c probe/websocket_upgrade.c
 */
#include "base/text.h"
#include "fuzz.h"
#include "model/observation.h"
#include "probe/frame.h"
#include "probe/websocket_upgrade.h"

enum { PAYLOAD_MAX = 2000, KINDS = 3 };

static void read_frames(const char *data, size_t len)
{
	struct frame frame;
	size_t used;

	while (frame_read(data, len, PAYLOAD_MAX, &frame, &used) == FRAME_WHOLE) {
		assert(used >= 2 && used <= len && frame.len <= PAYLOAD_MAX);
		assert(frame.payload >= data && frame.payload + frame.len == data + used);
		data += used;
		len -= used;
	}
}

/* What a client sends is the payload once more under its mask. */
static void write_frame(const char *payload, size_t len)
{
	const unsigned char mask[] = { 1, 0x82, 0, 0xff };
	struct text text = { 0 };

	frame_print(&text, FRAME_BINARY, payload, len, mask);
	assert(text.len >= len + 6 && text.len <= len + 14);
	for (size_t i = 0; i < len; i++)
		assert((unsigned char)text.data[text.len - len + i] ==
		       ((unsigned char)payload[i] ^ mask[i % 4]));
	text_done(&text);
}

static void read_head(const char *head, size_t len)
{
	struct observation seen = { 0 };
	struct text fault = { 0 };

	websocket_read_head(head, len, "dGhlIHNhbXBsZSBub25jZQ==", &seen, &fault);
	assert(seen.headers.len <= len + 1);
	/* Without status 101 there is no WebSocket. */
	assert(seen.status == 101 || fault.len > 0);
	observation_done(&seen);
	text_done(&fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	const unsigned kind = fuzz_byte(&input) % KINDS;
	size_t rest_len;
	char *rest = fuzz_rest(&input, &rest_len);

	if (kind == 0)
		read_frames(rest, rest_len);
	else if (kind == 1)
		read_head(rest, rest_len);
	else
		write_frame(rest, rest_len);
	free(rest);
	return 0;
}
