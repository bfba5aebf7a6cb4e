/* units.c - durations, sizes, times, shares and addresses: what is printed reads the same.
 *
 * Over: base/units.c base/ip.c base/glob.c model/address.c
 */
#include <arpa/inet.h>

#include "base/glob.h"
#include "base/ip.h"
#include "base/text.h"
#include "base/units.h"
#include "fuzz.h"

static void durations(const char *line, size_t len)
{
	struct text text = { 0 };
	usec_t duration, again;

	if (units_duration_parse(line, len, &duration) == 0) {
		units_duration_print(&text, duration);
		assert(units_duration_parse(text.data, text.len, &again) == 0);
		assert(again == duration);
		units_duration_show(&text, duration);
		units_seconds_print(&text, duration);
	}
	text_done(&text);
}

static void sizes(const char *line, size_t len)
{
	struct text text = { 0 };
	uint64_t size, again;
	double share;

	if (units_size_parse(line, len, &size) == 0) {
		units_size_print(&text, size);
		assert(units_size_parse(text.data, text.len, &again) == 0);
		assert(again == size);
	}
	if (units_percent_parse(line, len, &share) == 0)
		assert(share >= 0);
	text_done(&text);
}

/* To the millisecond, which is what is printed. */
static void times(const char *line, size_t len)
{
	struct text text = { 0 };
	usec_t wall, again;

	if (units_time_parse(line, len, &wall) == 0) {
		units_time_print(&text, wall);
		assert(units_time_parse(text.data, text.len, &again) == 0);
		assert(again / USEC_PER_MS == wall / USEC_PER_MS);
	}
	text_done(&text);
}

static void addresses(const char *line)
{
	struct text text = { 0 };
	struct sockaddr_storage socket;
	struct ip ip, again;
	uint16_t port, port_again;
	uint8_t bytes[16];

	if (ip_parse(line, &ip) == 0) {
		/* The C library takes it, too, but for zones. */
		assert(strchr(line, '%') ||
		       inet_pton(ip.family == 4 ? AF_INET : AF_INET6, line, bytes) == 1);
		ip_print(&text, &ip);
		assert(ip_parse(text.data, &again) == 0 && ip_is_equal(&ip, &again));
		assert(ip_is_within(&ip, text.data) == 1 || ip.scope);
		(void)ip_is_private(&ip);
		(void)ip_to_socket(&ip, 1, &socket);
		ip_from_socket(&socket, &again, &port);
		assert(ip_is_equal(&ip, &again) && port == 1);
	} else {
		assert(inet_pton(AF_INET, line, bytes) != 1 &&
		       inet_pton(AF_INET6, line, bytes) != 1);
	}
	text_clear(&text);
	if (ip_parse_port(line, 53, &ip, &port) == 0) {
		ip_print_port(&text, &ip, port);
		assert(ip_parse_port(text.data, 1, &again, &port_again) == 0);
		assert(ip_is_equal(&ip, &again) && port == port_again);
	}
	assert(ip_parse("192.0.2.7", &ip) == 0);
	(void)ip_is_within(&ip, line);
	text_done(&text);
}

/* The same in the way that is easiest to see. */
static bool matches(const char *pattern, const char *text)
{
	for (; *pattern; pattern++) {
		if (*pattern == '*')
			return matches(pattern + 1, text) || (*text && matches(pattern, text + 1));
		if (!*text || (*pattern != '?' && *pattern != *text))
			return false;
		text++;
	}
	return !*text;
}

static void globs(const char *pattern, const char *text)
{
	bool is_ascii = true;
	unsigned stars = 0;

	for (const char *at = text; *at; at++)
		is_ascii = is_ascii && (unsigned char)*at < 0x80;
	for (const char *at = pattern; *at; at++)
		stars += *at == '*';
	if (is_ascii && stars < 6 && strlen(text) < 40)
		assert(glob_matches_name(pattern, text) == matches(pattern, text));
	else
		(void)glob_matches_name(pattern, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	size_t line_len;
	char *line = fuzz_line(&input, &line_len);
	char *other = fuzz_line(&input, NULL);

	durations(line, line_len);
	sizes(line, line_len);
	times(line, line_len);
	addresses(line);
	globs(line, other);
	free(line);
	free(other);
	return 0;
}
