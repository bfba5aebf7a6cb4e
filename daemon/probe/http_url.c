/* http_url.c - a URL taken apart once. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "probe/http_url.h"

/* RFC 1035, 2.3.4; 253 is what is left of 255 bytes on the wire. */
enum { NAME_MAX_LEN = 253, LABEL_MAX_LEN = 63, URL_MAX_LEN = 8192 };

static void cleanup_curlu(CURLU **url)
{
	curl_url_cleanup(*url);
}

/* A copy of one part, or NULL where the URL has none. */
static char *part(CURLU *parsed, CURLUPart what, unsigned flags)
{
	char *value = NULL;
	char *copy;

	if (curl_url_get(parsed, what, &value, flags) != CURLUE_OK)
		return NULL;
	copy = memory_text(value);
	curl_free(value);
	return copy;
}

static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

/* A last dot makes it absolute. */
const char *http_url_name_fault(const char *name)
{
	const size_t len = strlen(name);
	size_t label = 0;

	if (len - (len > 0 && name[len - 1] == '.') > NAME_MAX_LEN)
		return "has a host name longer than 253 bytes";
	for (size_t i = 0; i < len; i++) {
		if (name[i] == '.' && label == 0)
			return "has an empty label in its host name";
		if (name[i] != '.' && !is_name_character(name[i]))
			return "has a character in its host name that no name can have";
		label = name[i] == '.' ? 0 : label + 1;
		if (label > LABEL_MAX_LEN)
			return "has a host label longer than 63 bytes";
	}
	return len == 0 ? "has no host" : NULL;
}

/* "[fe80::1]" and the zone to "fe80::1%2". */
static char *host_of(const char *bracketed, const char *zone)
{
	const size_t len = strlen(bracketed);

	if (bracketed[0] != '[')
		return memory_text(bracketed);
	return memory_print("%.*s%s%s", (int)(len - 2), bracketed + 1, zone ? "%" : "",
			    zone ? zone : "");
}

static const char *bytes_fault(const char *text)
{
	if (strlen(text) > URL_MAX_LEN)
		return "is longer than 8 KiB";
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return "has a blank or control character in it (a blank is written %20)";
	return NULL;
}

static const char *curl_fault(CURLUcode code)
{
	switch ((int)code) {
	case CURLUE_BAD_PORT_NUMBER:
		return "has a bad port number";
	case CURLUE_NO_HOST:
	case CURLUE_BAD_HOSTNAME:
		return "has no host, or one that no name can be";
	case CURLUE_BAD_IPV6:
		return "has a bad IPv6 address";
	default:
		return "is not a URL";
	}
}

/* What is wrong with a host as it was given, or NULL.  libcurl takes "http:///a/" for
 * http://a/, and converts names in other scripts only as the locale happens to be.
 */
static const char *host_fault(const char *text)
{
	const char *authority = strstr(text, "://") + 3;
	const size_t len = strcspn(authority, "/?#");
	const char *at = memrchr(authority, '@', len);
	const char *colon = memrchr(authority, ':', len);
	const size_t port = colon ? strspn(colon + 1, "0123456789") : 0;

	if (len == 0)
		return "has no host";
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)authority[i] >= 0x80)
			return "has letters in its host that are not ASCII (write it as xn--…)";
	/* Also of no port at all, which libcurl takes for the usual one. */
	if (colon && (!at || colon > at) &&
	    !memchr(colon, ']', len - (size_t)(colon - authority)) &&
	    (port == 0 || colon + 1 + port != authority + len))
		return "has a bad port number";
	return NULL;
}

/* RFC 6874, 2: in a URL a zone is of these, or else what is put together again is not a URL, or
 * one of another host.
 */
static bool is_zone(const char *zone)
{
	while (is_name_character(*zone) || (*zone && strchr(".~", *zone)))
		zone++;
	return !*zone;
}

/* The host as the connector needs it, or NULL and the fault. */
static char *take_host(CURLU *parsed, const char **ret_fault)
{
	cleanup(free)
	char *host = part(parsed, CURLUPART_HOST, 0);
	cleanup(free)
	char *zone = part(parsed, CURLUPART_ZONEID, 0);

	*ret_fault = host ? NULL : "has no host";
	if (host && host[0] != '[')
		*ret_fault = http_url_name_fault(host);
	else if (host && zone && !is_zone(zone))
		*ret_fault = "has a zone behind its IPv6 address that no interface is called like";
	return *ret_fault ? NULL : host_of(host, zone);
}

/* Without what is nobody's business, and without a fragment.  libcurl makes the same of the
 * parts in three times the time.
 */
static char *put_together(CURLU *parsed, bool is_https)
{
	static const CURLUPart parts[] = { CURLUPART_HOST, CURLUPART_ZONEID, CURLUPART_PORT,
					   CURLUPART_PATH, CURLUPART_QUERY };
	cleanup(text)
	struct text text = { 0 };

	text_append(&text, is_https ? "https://" : "http://");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char *value = NULL;

		if (curl_url_get(parsed, parts[i], &value, 0) != CURLUE_OK)
			continue;
		if (parts[i] == CURLUPART_ZONEID) {
			/* Into the brackets: "[fe80::1%252]" is how it is written (RFC 6874). */
			text.len--;
			text_print(&text, "%%25%s]", value);
		} else if (parts[i] == CURLUPART_PORT) {
			text_print(&text, ":%s", value);
		} else {
			text_append(&text, parts[i] == CURLUPART_QUERY && *value ? "?" : "");
			text_append(&text, value);
		}
		curl_free(value);
	}
	return text_take(&text);
}

static int ask_curl(const char *text, struct http_url *ret_url, const char **ret_fault)
{
	cleanup(curlu)
	CURLU *parsed = curl_url();
	cleanup(http_url)
	struct http_url url = { 0 };
	CURLUcode code;

	*ret_fault = bytes_fault(text);
	if (*ret_fault)
		return -EINVAL;
	if (strncasecmp(text, "http://", 7) != 0 && strncasecmp(text, "https://", 8) != 0) {
		*ret_fault = "must begin with http:// or https://";
		return -EPROTONOSUPPORT;
	}
	*ret_fault = host_fault(text);
	if (*ret_fault)
		return -EINVAL;
	code = curl_url_set(parsed, CURLUPART_URL, text, CURLU_URLENCODE);
	if (code != CURLUE_OK) {
		*ret_fault = curl_fault(code);
		return -EINVAL;
	}
	url.host = take_host(parsed, ret_fault);
	if (!url.host)
		return -EINVAL;
	if (!ret_url)
		return 0;

	cleanup(free)
	char *port = part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);

	url.is_https = strncasecmp(text, "https", 5) == 0;
	url.user = part(parsed, CURLUPART_USER, CURLU_URLDECODE);
	url.password = part(parsed, CURLUPART_PASSWORD, CURLU_URLDECODE);
	url.port = (uint16_t)strtoul(port, NULL, 10);
	url.text = put_together(parsed, url.is_https);
	*ret_url = url;
	url = (struct http_url){ 0 };
	return 0;
}

int http_url_parse(const char *text, struct http_url *ret_url, const char **ret_fault)
{
	*ret_fault = NULL;
	return http_url_is_plain(text, ret_url) ? 0 : ask_curl(text, ret_url, ret_fault);
}

void http_url_done(struct http_url *url)
{
	free(url->text);
	free(url->host);
	free(url->user);
	free(url->password);
	*url = (struct http_url){ 0 };
}

static void settle(char **text, struct arena *arena)
{
	char *settled = *text ? arena_text(arena, *text) : NULL;

	free(*text);
	*text = settled;
}

void http_url_settle(struct http_url *url, struct arena *arena)
{
	settle(&url->text, arena);
	settle(&url->host, arena);
	settle(&url->user, arena);
	settle(&url->password, arena);
}

bool http_url_is_same_origin(const struct http_url *a, const struct http_url *b)
{
	return a->is_https == b->is_https && a->port == b->port &&
	       strcasecmp(a->host, b->host) == 0;
}

static bool sounds_secret(const char *key, size_t len)
{
	static const char *const words[] = { "token", "key", "secret", "password", "sig" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const size_t word_len = strlen(words[i]);

		/* "access_token" and "X-Amz-Signature" too. */
		for (size_t at = 0; at + word_len <= len; at++)
			if (strncasecmp(key + at, words[i], word_len) == 0)
				return true;
	}
	return false;
}

static void show_query(struct text *text, const char *query)
{
	while (*query) {
		const size_t pair = strcspn(query, "&#");
		const size_t key = strcspn(query, "=&#");

		if (key < pair && sounds_secret(query, key)) {
			text_append_len(text, query, key + 1);
			text_append(text, "***");
		} else {
			text_append_len(text, query, pair);
		}
		query += pair;
		if (*query)
			text_append_char(text, *query++);
	}
}

void http_url_show(struct text *text, const char *url)
{
	const char *scheme = strstr(url, "://");
	const char *authority = scheme ? scheme + 3 : url;
	const size_t authority_len = strcspn(authority, "/?#");
	const char *at = memrchr(authority, '@', authority_len);
	const char *rest = authority + authority_len;
	const size_t path = strcspn(rest, "?");

	text_append_len(text, url, (size_t)(authority - url));
	if (at)
		text_append(text, "***@");
	authority = at ? at + 1 : authority;
	text_append_len(text, authority, (size_t)(rest - authority));
	text_append_len(text, rest, path);
	if (rest[path])
		text_append_char(text, '?');
	show_query(text, rest[path] ? rest + path + 1 : rest + path);
}

bool http_url_split(const char *text, struct arena *arena, const char **ret_host,
		    uint16_t *ret_port)
{
	const bool is_bracketed = text[0] == '[';
	const char *end = is_bracketed ? strchr(text, ']') : strrchr(text, ':');
	const char *colon = end && is_bracketed ? end + 1 : end;
	const char *host = is_bracketed ? text + 1 : text;
	char *after;

	if (!colon || *colon != ':' || end == host || strlen(colon + 1) > 5 || colon[1] < '0' ||
	    colon[1] > '9')
		return false;

	const unsigned long port = strtoul(colon + 1, &after, 10);
	const char *name = arena_text_len(arena, host, (size_t)(end - host));

	if (*after || port < 1 || port > 65535)
		return false;
	if (is_bracketed ? inet_pton(AF_INET6, name, &(struct in6_addr){ 0 }) != 1
			 : http_url_name_fault(name) != NULL)
		return false;
	*ret_host = name;
	*ret_port = (uint16_t)port;
	return true;
}
