/* http_url_plain.c - URLs that need no libcurl to be understood.
 *
 * A configuration may have a hundred thousand of them, and almost all are like
 * "http://shop.example.com:8080/health".  Where every character means itself there is
 * one way to read it, which is libcurl's too; everything else is left to libcurl.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "probe/http_url.h"

#define DIGITS	"0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyz"

enum { HOST_MAX_LEN = 253, PATH_MAX_LEN = 4096 };

/* Numbers in all the ways that are addresses to libcurl begin with a digit: of these only the
 * usual one is plain.
 */
static bool is_plain_host(const char *host)
{
	struct in_addr address;

	if (host[strlen(host) - 1] == '.' || http_url_name_fault(host))
		return false;
	/* inet_pton(3) takes four decimal numbers without leading zeros and nothing else. */
	return !strchr(DIGITS, host[0]) || inet_pton(AF_INET, host, &address) == 1;
}

/* What follows ":", up to the path; false: not of the plain kind. */
static bool read_port(const char *text, size_t len, uint16_t *ret_port)
{
	char digits[6] = "";

	if (len == 0 || len > 5 || strspn(text, DIGITS) != len || text[0] == '0')
		return false;
	memcpy(digits, text, len);
	const unsigned long port = strtoul(digits, NULL, 10);

	*ret_port = (uint16_t)port;
	return port <= UINT16_MAX;
}

static bool is_plain_path(const char *path)
{
	const size_t len = strspn(path, "/-._~" DIGITS LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	/* "/../" and "/./" lead elsewhere. */
	return path[len] == '\0' && len <= PATH_MAX_LEN && !strstr(path, "/.");
}

bool http_url_is_plain(const char *text, struct http_url *ret_url)
{
	const bool is_https = strncmp(text, "https://", 8) == 0;
	const char *authority = text + (is_https ? 8 : 7);
	uint16_t port = is_https ? 443 : 80;
	char host[HOST_MAX_LEN + 1] = "";
	size_t host_len, port_len = 0;
	const char *path;

	if (!is_https && strncmp(text, "http://", 7) != 0)
		return false;
	host_len = strspn(authority, "-." DIGITS LETTERS);
	if (host_len == 0 || host_len > HOST_MAX_LEN)
		return false;
	memcpy(host, authority, host_len);
	path = authority + host_len;
	if (*path == ':') {
		port_len = strspn(++path, DIGITS);
		if (!read_port(path, port_len, &port))
			return false;
		path += port_len;
	}
	if (*path != '/' || !is_plain_path(path) || !is_plain_host(host))
		return false;
	if (ret_url)
		*ret_url = (struct http_url){
			.text = memory_text(text),
			.host = memory_text_len(host, host_len),
			.port = port,
			.is_https = is_https,
		};
	return true;
}
