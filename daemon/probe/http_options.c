/* http_options.c - the keys of `http:`, but for those of `auth:` and `proxy:`. */
#include <stddef.h>
#include <string.h>

#include "probe/http_checks.h"
#include "probe/http_options.h"
#include "probe/reach.h"

static const struct option redirects_options[] = {
	{
		.key = "follow",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct http_redirects, follow, bool),
		.fallback = "true",
		.about = "Follow redirects; if not, their status is the result.",
	},
	{
		.key = "max",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct http_redirects, max, unsigned),
		.fallback = "5",
		.max = 50,
		.about = "How many to follow, within 'limits: redirects'.",
	},
	{
		.key = "to_private",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct http_redirects, to_private, bool),
		.about = "Follow from a public address to a private one (loopback, RFC 1918, "
			 "link-local and the like).",
		.fallback = "false",
	},
	OPTION_END
};

const struct option_table http_redirects_table = {
	.options = redirects_options,
	.size = sizeof(struct http_redirects),
};

const struct option_word http_ips[] = { { "any", HTTP_IP_ANY },	  { "4", HTTP_IP_4 },
					{ "6", HTTP_IP_6 },	  { "both", HTTP_IP_BOTH },
					{ "each", HTTP_IP_EACH }, { 0 } };

const struct option_word http_versions[] = {
	{ "any", HTTP_ANY }, { "1.1", HTTP_1_1 }, { "2", HTTP_2 }, { 0 }
};

const struct option_word http_connections[] = { { "fresh", HTTP_FRESH },
						{ "reuse", HTTP_REUSE },
						{ 0 } };

static const struct option http_options[] = {
#define HTTP_HAS_NAMES false
#include "probe/http_rows.inc"
	OPTION_END
};

void http_examine(const void *object, struct complaints *complaints,
		  const struct option_places *places)
{
	const struct http_options *options = object;

	if (options->body_text && options->body_file)
		option_complain(complaints, places, "body_file",
				"'body' and 'body_file' exclude each other");
	if ((options->body_text || options->body_file) && strcmp(options->method, "HEAD") == 0)
		option_complain(complaints, places, "method", "'method' HEAD has no body");
	if (options->proxy && options->connection == HTTP_REUSE)
		option_complain(complaints, places, "connection",
				"'connection: reuse' does not go through a proxy");
	if (options->ip != HTTP_IP_EACH)
		return;
	if (options->proxy)
		option_complain(complaints, places, "ip",
				"'ip: each' does not go through a proxy, which resolves the name");
	if (options->connection == HTTP_REUSE)
		option_complain(complaints, places, "connection",
				"'connection: reuse' keeps one address, and 'ip: each' wants all");
}

const struct option_table http_table = {
	.options = http_options,
	.size = sizeof(struct http_options),
	.short_key = "url",
	.examine = http_examine,
};
