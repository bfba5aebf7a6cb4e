/* websocket_upgrade.c - the request for a WebSocket, and whether the answer is one. */
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "model/observation.h"
#include "probe/frame.h"
#include "probe/websocket.h"
#include "probe/websocket_upgrade.h"

void websocket_ask(const struct websocket_options *options, char *ret_key, struct text *head)
{
	const struct http_url *url = &options->parts;
	const bool is_v6 = strchr(url->host, ':') != NULL;
	unsigned char nonce[16];

	if (RAND_bytes(nonce, sizeof(nonce)) != 1)
		abort();
	(void)EVP_EncodeBlock((unsigned char *)ret_key, nonce, sizeof(nonce));
	text_print(head, "GET %s HTTP/1.1\r\nHost: %s%s%s", options->path, is_v6 ? "[" : "",
		   url->host, is_v6 ? "]" : "");
	if (url->port != (options->is_secure ? 443 : 80))
		text_print(head, ":%u", url->port);
	text_print(head,
		   "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		   "Sec-WebSocket-Key: %s\r\nUser-Agent: picket/" PICKET_VERSION "\r\n",
		   ret_key);
	for (unsigned i = 0; i < options->headers.count; i++)
		text_print(head, "%s: %s\r\n", options->headers.pairs[i].key,
			   options->headers.pairs[i].value);
	text_append(head, "\r\n");
}

/* Whether a header of that name has this as one of its words, in either case. */
static bool has_word(const struct text *headers, const char *name, const char *word)
{
	const size_t name_len = strlen(name), word_len = strlen(word);

	for (const char *line = text_string(headers); *line;) {
		const size_t len = strcspn(line, "\n");
		const bool is_it = len > name_len && line[name_len] == ':' &&
				   strncasecmp(line, name, name_len) == 0;

		for (const char *at = line + name_len + 1; is_it && at < line + len;) {
			const size_t skipped = strspn(at, " \t,");
			const size_t taken = strcspn(at + skipped, " \t,\r\n");

			if (taken == word_len && strncasecmp(at + skipped, word, word_len) == 0)
				return true;
			at += skipped + taken + !taken;
		}
		line += len + (line[len] == '\n');
	}
	return false;
}

/* NULL where the head is an upgrade as it should be, else what is wrong with it. */
static const char *upgrade_fault(const struct text *headers, const char *key)
{
	char accept[FRAME_ACCEPT_LEN + 1];

	frame_accept(key, accept);
	if (!has_word(headers, "Upgrade", "websocket") ||
	    !has_word(headers, "Connection", "Upgrade"))
		return "% answered with status 101 and did not upgrade to a WebSocket";
	if (!has_word(headers, "Sec-WebSocket-Accept", accept))
		return "% answered with a Sec-WebSocket-Accept that is not for this key";
	return NULL;
}

static void note_headers(struct text *headers, const char *line, const char *end)
{
	while (line < end) {
		const char *found = memchr(line, '\n', (size_t)(end - line));
		const char *line_end = found ? found : end;
		size_t len = (size_t)(line_end - line);

		if (len > 0 && line[len - 1] == '\r')
			len--;
		if (len > 0) {
			text_append_len(headers, line, len);
			text_append_char(headers, '\n');
		}
		line = line_end + 1;
	}
}

void websocket_read_head(const char *head, size_t len, const char *key, struct observation *seen,
			 struct text *fault)
{
	static const char version[] = "HTTP/1.1 ";
	const size_t digits = sizeof(version) - 1;
	const char *line_end = memchr(head, '\n', len);
	const char *wrong;

	if (len < digits + 4 || strncmp(head, version, digits) != 0 ||
	    strspn(head + digits, "0123456789") != 3 || !line_end) {
		text_append(fault, "what % answered is not HTTP/1.1");
		return;
	}
	seen->status = (unsigned)strtoul(head + digits, NULL, 10);
	seen->http_version = 11;
	note_headers(&seen->headers, line_end + 1, head + len);
	if (seen->status != 101) {
		text_print(fault, "%% answered with status %u instead of upgrading", seen->status);
		return;
	}
	wrong = upgrade_fault(&seen->headers, key);
	if (wrong)
		text_append(fault, wrong);
}
