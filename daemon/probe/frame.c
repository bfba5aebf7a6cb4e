/* frame.c - the frames of a WebSocket, as bytes. */
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/text.h"
#include "probe/frame.h"

enum { CONTROL_MAX = 125 };

static bool is_known(unsigned kind)
{
	return kind <= FRAME_BINARY || (kind >= FRAME_CLOSE && kind <= FRAME_PONG);
}

enum frame_found frame_read(const char *data, size_t len, size_t max, struct frame *ret,
			    size_t *ret_used)
{
	const unsigned char *bytes = (const unsigned char *)data;
	size_t head = 2;
	uint64_t payload;

	if (len < 2)
		return FRAME_WAITS;
	/* Nobody agreed on the reserved bits, and only clients mask. */
	if (bytes[0] & 0x70 || bytes[1] & 0x80 || !is_known(bytes[0] & 0x0f))
		return FRAME_BROKEN;
	payload = bytes[1];
	if (bytes[0] & 0x08 && (payload > CONTROL_MAX || !(bytes[0] & 0x80)))
		return FRAME_BROKEN;
	if (payload > CONTROL_MAX) {
		const size_t more = payload == 126 ? 2 : 8;

		if (len < head + more)
			return FRAME_WAITS;
		payload = 0;
		for (size_t i = 0; i < more; i++)
			payload = payload << 8 | bytes[head + i];
		head += more;
	}
	if (payload > max)
		return FRAME_TOO_LARGE;
	if (len - head < payload)
		return FRAME_WAITS;
	*ret = (struct frame){
		.kind = (enum frame_kind)(bytes[0] & 0x0f),
		.is_last = bytes[0] & 0x80,
		.payload = data + head,
		.len = (size_t)payload,
	};
	*ret_used = head + (size_t)payload;
	return FRAME_WHOLE;
}

void frame_print(struct text *text, enum frame_kind kind, const char *payload, size_t len,
		 const unsigned char *mask)
{
	text_append_char(text, (char)(0x80 | (unsigned)kind));
	if (len <= CONTROL_MAX) {
		text_append_char(text, (char)(0x80 | len));
	} else {
		const size_t bytes = len <= UINT16_MAX ? 2 : 8;

		text_append_char(text, (char)(0x80 | (bytes == 2 ? 126 : 127)));
		for (size_t i = bytes; i-- > 0;)
			text_append_char(text, (char)((uint64_t)len >> (8 * i) & 0xff));
	}
	text_append_len(text, mask, 4);
	for (size_t i = 0; i < len; i++)
		text_append_char(text, (char)((unsigned char)payload[i] ^ mask[i % 4]));
}

void frame_accept(const char *key, char *ret_accept)
{
	static const char suffix[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char joined[FRAME_KEY_LEN + sizeof(suffix)];
	unsigned char digest[SHA_DIGEST_LENGTH];

	memcpy(joined, key, FRAME_KEY_LEN);
	memcpy(joined + FRAME_KEY_LEN, suffix, sizeof(suffix) - 1);
	(void)EVP_Digest(joined, FRAME_KEY_LEN + sizeof(suffix) - 1, digest, NULL, EVP_sha1(),
			 NULL);
	(void)EVP_EncodeBlock((unsigned char *)ret_accept, digest, sizeof(digest));
}
