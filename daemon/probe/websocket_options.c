/* websocket_options.c - the keys of `websocket:`, and what they lead to. */
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "probe/escape.h"
#include "probe/http_checks.h"
#include "probe/websocket.h"

/* The URL with the scheme of HTTP instead of its own, to be parsed as one; NULL if that is
 * none of a WebSocket.  The caller frees it.
 */
static char *as_http(const char *text)
{
	if (strncasecmp(text, "ws://", 5) == 0)
		return memory_print("http%s", text + 2);
	if (strncasecmp(text, "wss://", 6) == 0)
		return memory_print("https%s", text + 3);
	return NULL;
}

static bool check_url(const char *text, size_t len, struct text *wanted)
{
	cleanup(free)
	char *url = as_http(text);

	if (url)
		return http_check_url(url, strlen(url), wanted);
	text_append(wanted, "must begin with ws:// or wss://");
	return false;
}

static bool check_header_name(const char *text, size_t len, struct text *wanted)
{
	static const char *const ours[] = { "Host", "Connection" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcasecmp(text, ours[i]) == 0) {
			text_append(wanted, "must be left to picket, which sets it");
			return false;
		}
	if (strncasecmp(text, "Sec-WebSocket-", 14) != 0 ||
	    strcasecmp(text, "Sec-WebSocket-Protocol") == 0)
		return http_check_header_name(text, len, wanted);
	text_append(wanted, "must be left to picket, which sets it");
	return false;
}

static const struct option options[] = {
	{
		.key = "url",
		.kind = OPTION_TEXT,
		.is_url = true,
		.is_required = true,
		.has_each = true,
		.offset = MEMBER(struct websocket_options, url, const char *),
		.max = 8192,
		.check = check_url,
		.about = "What to connect to: ws:// or wss://.",
		.example = "wss://feed.example.com/live",
	},
	{
		.key = "headers",
		.kind = OPTION_PAIRS,
		.ignores_case = true,
		.offset = MEMBER(struct websocket_options, headers, struct option_pairs),
		.max = 8192,
		.check = http_check_line,
		.check_key = check_header_name,
		.holds_secret = http_header_is_secret,
		.about = "Headers to send with the upgrade.",
		.example = "{ Sec-WebSocket-Protocol: chat }",
	},
	{
		.key = "send",
		.kind = OPTION_TEXT,
		.has_lines = true,
		.offset = MEMBER(struct websocket_options, send, const char *),
		.min = 1,
		.max = 16384,
		.check = escape_check,
		.about = "Message to send: \\r \\n \\t \\0 \\xHH and \\\\ are escapes.",
		.example = "'{\"subscribe\": \"status\"}'",
	},
	{
		.key = "expect",
		.kind = OPTION_TEXT,
		.has_lines = true,
		.offset = MEMBER(struct websocket_options, expect, const char *),
		.min = 1,
		.max = 4096,
		.check = escape_check_regex,
		.about = "Regular expression to wait for, message by message.",
		.example = "^{\"status\"",
	},
	{
		.key = "tls",
		.kind = OPTION_MAPPING,
		.table = &tls_table,
		.offset = MEMBER(struct websocket_options, tls, struct tls_options),
		.about = "How TLS is spoken and the certificate judged.",
	},
	REACH_IP(struct websocket_options, reach),
	REACH_RESOLVER(struct websocket_options, reach),
	REACH_SOURCE(struct websocket_options, reach),
	OPTION_END
};

const struct option_table websocket_table = {
	.options = options,
	.size = sizeof(struct websocket_options),
	.short_key = "url",
};

void websocket_options_prepare(void *object, struct arena *arena, struct complaints *complaints,
			       const struct option_places *places)
{
	static const char *const usual[] = { "http/1.1", NULL };
	struct websocket_options *websocket = object;
	cleanup(free)
	char *url = as_http(websocket->url);
	cleanup(text)
	struct text shown = { 0 };
	const char *fault, *path;

	if (!url || http_url_parse(url, &websocket->parts, &fault) < 0)
		return;
	http_url_settle(&websocket->parts, arena);
	if (websocket->parts.user)
		option_complain(complaints, places, "url",
				"a user in 'url' is not sent; 'headers' can have an Authorization");
	websocket->alpn = tls_alpn(websocket->tls.alpn ? websocket->tls.alpn : usual, arena,
				   &websocket->alpn_len);
	http_url_show(&shown, websocket->url);
	websocket->shown_url = arena_text(arena, text_string(&shown));
	path = strchr(strstr(websocket->parts.text, "://") + 3, '/');
	websocket->path = path ? path : "/";
	websocket->is_secure = websocket->parts.is_https;
	websocket->reach.address = websocket->shown_url;
	websocket->reach.host = websocket->parts.host;
	websocket->reach.port = websocket->parts.port;
	websocket->reach.resolver_address = reach_resolver(websocket->reach.resolver, arena);
}
