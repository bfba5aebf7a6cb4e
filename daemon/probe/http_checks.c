/* http_checks.c - what the values of `http:` must look like. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "probe/http_checks.h"
#include "probe/http_options.h"
#include "probe/http_url.h"

/* RFC 9110, 5.6.2. */
static bool is_token(const char *text, size_t len)
{
	static const char characters[] = "!#$%&'*+-.^_`|~0123456789"
					 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return len > 0 && strspn(text, characters) == len;
}

static bool check_url(const char *text, const char *wants, struct text *wanted)
{
	const char *fault;
	const int r = http_url_parse(text, NULL, &fault);

	if (r == -EPROTONOSUPPORT)
		text_append(wanted, fault);
	else if (r < 0)
		text_print(wanted, "must be %s (this one %s)", wants, fault);
	return r == 0;
}

bool http_check_url(const char *text, size_t len, struct text *wanted)
{
	return check_url(text, "an http or https URL", wanted);
}

char *http_proxy_as_url(const char *text, int *ret_kind)
{
	static const char *const schemes[] = {
		[PROXY_HTTP] = "http://",
		[PROXY_HTTPS] = "https://",
		[PROXY_SOCKS4A] = "socks4a://",
		[PROXY_SOCKS5H] = "socks5h://",
	};

	for (int kind = 0; kind <= PROXY_SOCKS5H; kind++) {
		const size_t len = strlen(schemes[kind]);

		if (strncasecmp(text, schemes[kind], len) != 0)
			continue;
		*ret_kind = kind;
		return memory_print("http%s://%s", kind == PROXY_HTTPS ? "s" : "", text + len);
	}
	return NULL;
}

bool http_check_proxy(const char *text, size_t len, struct text *wanted)
{
	int kind;
	cleanup(free)
	char *url = http_proxy_as_url(text, &kind);

	if (url)
		return check_url(url, "the URL of a proxy", wanted);
	text_append(wanted, "must begin with http://, https://, socks4a:// or socks5h://");
	return false;
}

bool http_check_method(const char *text, size_t len, struct text *wanted)
{
	/* These two make something else of the connection (RFC 9110, 9.3.6 and 9.3.8). */
	if (is_token(text, len) && strcmp(text, "CONNECT") != 0 && strcmp(text, "TRACE") != 0)
		return true;
	text_append(wanted, "must be a method of HTTP other than CONNECT and TRACE");
	return false;
}

bool http_check_header_name(const char *text, size_t len, struct text *wanted)
{
	static const char *const ours[] = { "Content-Length", "Transfer-Encoding", "Upgrade" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcasecmp(text, ours[i]) == 0) {
			text_append(wanted, "must be left to picket, which sets it");
			return false;
		}
	if (is_token(text, len))
		return true;
	text_append(wanted, "must be made of letters, digits and -");
	return false;
}

bool http_header_is_secret(const char *name)
{
	static const char *const words[] = { "authorization", "x-auth", "cookie",     "token",
					     "secret",	      "passw",	"credential", "signature",
					     "api-key",	      "apikey", "access-key" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

bool http_check_line(const char *text, size_t len, struct text *wanted)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\t') || text[i] == 0x7f) {
			text_append(wanted, "must not have line ends or control characters");
			return false;
		}
	return true;
}
