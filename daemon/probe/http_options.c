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

static const struct option_table redirects_table = {
	.options = redirects_options,
	.size = sizeof(struct http_redirects),
};

static const struct option_word ips[] = { { "any", HTTP_IP_ANY },   { "4", HTTP_IP_4 },
					  { "6", HTTP_IP_6 },	    { "both", HTTP_IP_BOTH },
					  { "each", HTTP_IP_EACH }, { 0 } };

static const struct option_word http_versions[] = {
	{ "any", HTTP_ANY }, { "1.1", HTTP_1_1 }, { "2", HTTP_2 }, { 0 }
};

static const struct option_word connections[] = { { "fresh", HTTP_FRESH },
						  { "reuse", HTTP_REUSE },
						  { 0 } };

static const struct option http_options[] = {
	{
		.key = "url",
		.kind = OPTION_TEXT,
		.is_url = true,
		.is_required = true,
		.has_each = true,
		.offset = MEMBER(struct http_options, url_text, const char *),
		.max = 8192,
		.check = http_check_url,
		.about = "What to ask for.",
		.example = "https://shop.example.com/health",
	},
	{
		.key = "method",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct http_options, method, const char *),
		.fallback = "GET",
		.max = 32,
		.check = http_check_method,
		.about = "Method of the request.",
	},
	{
		.key = "headers",
		.kind = OPTION_PAIRS,
		.ignores_case = true,
		.offset = MEMBER(struct http_options, headers, struct option_pairs),
		.max = 8192,
		.check = http_check_line,
		.check_key = http_check_header_name,
		.about = "Headers to send besides, or instead of, the usual ones.",
		.example = "{ Accept: application/json }",
	},
	{
		.key = "body",
		.kind = OPTION_TEXT,
		.has_lines = true,
		.offset = MEMBER(struct http_options, body_text, const char *),
		.about = "Body of the request.",
		.example = "'{\"probe\": true}'",
	},
	{
		.key = "body_file",
		.kind = OPTION_PATH,
		.offset = MEMBER(struct http_options, body_file, const char *),
		.about = "File with the body of the request, at most 16 MiB; read when the "
			 "configuration loads.",
		.example = "/etc/picket/probe.json",
	},
	{
		.key = "auth",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.table = &http_auth_table,
		.offset = MEMBER(struct http_options, auth, const struct http_auth *),
		.about = "Who is asking.",
	},
	{
		.key = "tls",
		.kind = OPTION_MAPPING,
		.table = &tls_table,
		.offset = MEMBER(struct http_options, tls, struct tls_options),
		.about = "How TLS is spoken and the certificate judged.",
	},
	{
		.key = "proxy",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.table = &http_proxy_table,
		.offset = MEMBER(struct http_options, proxy, const struct http_proxy *),
		.about = "A proxy to go through.",
	},
	{
		.key = "redirects",
		.kind = OPTION_MAPPING,
		.table = &redirects_table,
		.offset = MEMBER(struct http_options, redirects, struct http_redirects),
		.about = "Whether and where redirects are followed.",
	},
	{
		.key = "cookies",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct http_options, cookies, bool),
		.fallback = "true",
		.about = "Keep cookies over the redirects of one check.",
	},
	{
		.key = "ip",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct http_options, ip, enum http_ip),
		.fallback = "any",
		.words = ips,
		.about = "Family of addresses: one of them, whichever answers first, or both, one "
			 "after the other, of which the worse counts. With each it is every "
			 "address of the name, at most 8.",
	},
	{
		.key = "resolver",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct http_options, resolver, const char *),
		.check = reach_check_resolver,
		.about = "Name server to ask for this endpoint: address, or address:port.",
		.example = "192.0.2.53",
	},
	{
		.key = "source",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct http_options, source, const char *),
		.check = reach_check_source,
		.about = "Address or network interface of this host to come from.",
		.example = "eth1",
	},
	{
		.key = "connect_to",
		.kind = OPTION_TEXT,
		.has_each = true,
		.offset = MEMBER(struct http_options, connect_to, const char *),
		.check = reach_check_address,
		.about = "HOST:PORT to connect to instead of the url's, which is still asked for.",
		.example = "192.0.2.7:8443",
	},
	{
		.key = "http_version",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct http_options, version, enum http_version),
		.fallback = "any",
		.words = http_versions,
		.about = "Version of HTTP to speak; any is 2 where an https server offers it.",
	},
	{
		.key = "compressed",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct http_options, compressed, bool),
		.fallback = "false",
		.about = "Accept a compressed body and decompress it.",
	},
	{
		.key = "connection",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct http_options, connection, enum http_connection),
		.fallback = "fresh",
		.words = connections,
		.about = "Connect anew for each check, or keep the connection for the next one.",
	},
	{
		.key = "body_limit",
		.kind = OPTION_SIZE,
		.offset = MEMBER(struct http_options, body_limit, size_t),
		.min = 1,
		.max = 1024 * 1024 * 1024,
		.about = "Read no more of the body than this, instead of 'limits: body'.",
		.example = "64KiB",
	},
	OPTION_END
};

static void examine(const void *object, struct complaints *complaints,
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
	.examine = examine,
};
