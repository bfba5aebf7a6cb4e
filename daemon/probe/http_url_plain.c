/* http_url_plain.c - URLs that need no libcurl to be understood.
 *
 * A configuration may have a hundred thousand of them, and almost all are like
 * "http://shop.example.com:8080/health".  Where every character means itself there is
 * one way to read it, which is libcurl's too; everything else is left to libcurl.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/memory.h"
#include "probe/http_url.h"

enum { HOST_MAX_LEN = 253, PATH_MAX_LEN = 4096 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_of_host(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '-';
}

static bool is_of_path(char c)
{
	return is_of_host(c) || c == '/' || (c >= 'A' && c <= 'Z') || c == '_' || c == '~';
}

/* Numbers in all the ways that are addresses to libcurl begin with a digit: of these only the
 * usual one is plain.
 */
static bool is_plain_host(const char *host, size_t len)
{
	struct in_addr address;

	/* inet_pton(3) takes four decimal numbers without leading zeros and nothing else. */
	if (is_digit(host[0]))
		return inet_pton(AF_INET, host, &address) == 1;
	return host[len - 1] != '.' && !http_url_name_fault(host);
}

/* Of digits alone; where there are too many, or a zero is the first, false. */
static bool read_port(const char *text, size_t len, uint16_t *ret_port)
{
	unsigned port = 0;

	if (len == 0 || len > 5 || text[0] == '0')
		return false;
	for (size_t i = 0; i < len; i++)
		port = port * 10 + (unsigned)(text[i] - '0');
	*ret_port = (uint16_t)port;
	return port <= UINT16_MAX;
}

static bool is_plain_path(const char *path)
{
	size_t len = 0;

	/* "/../" and "/./" lead elsewhere. */
	while (is_of_path(path[len]) && !(path[len] == '/' && path[len + 1] == '.'))
		len++;
	return path[len] == '\0' && len <= PATH_MAX_LEN;
}

bool http_url_is_plain(const char *text, struct http_url *ret_url)
{
	const bool is_https = strncmp(text, "https://", 8) == 0;
	const char *authority = text + (is_https ? 8 : 7);
	uint16_t port = is_https ? 443 : 80;
	char host[HOST_MAX_LEN + 1];
	size_t host_len = 0, port_len = 0;
	const char *path;

	if (!is_https && strncmp(text, "http://", 7) != 0)
		return false;
	while (host_len <= HOST_MAX_LEN && is_of_host(authority[host_len]))
		host_len++;
	if (host_len == 0 || host_len > HOST_MAX_LEN)
		return false;
	memcpy(host, authority, host_len);
	host[host_len] = '\0';
	path = authority + host_len;
	if (*path == ':') {
		path++;
		while (is_digit(path[port_len]))
			port_len++;
		if (!read_port(path, port_len, &port))
			return false;
		path += port_len;
	}
	if (*path != '/' || !is_plain_path(path) || !is_plain_host(host, host_len))
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
