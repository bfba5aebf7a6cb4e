/* response.c - a stored HTTP response, as `curl -i` prints it. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/response.h"

/* What is left of the response. */
struct rest {
	const char *at; /* borrowed */
	size_t len;
};

/* The next line without its end; the rest then starts behind it. */
static struct rest next_line(struct rest *rest)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	struct rest line = { rest->at, end ? (size_t)(end - rest->at) : rest->len };
	const size_t used = end ? line.len + 1 : line.len;

	rest->at += used;
	rest->len -= used;
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool is_digit_at(const struct rest *line, size_t i)
{
	return i < line->len && isdigit((unsigned char)line->at[i]);
}

/* HTTP/1.1 200 OK, HTTP/2 200 */
static bool read_status(const struct rest *line, struct observation *observation)
{
	static const char start[] = "HTTP/";
	size_t at = strlen(start);
	unsigned version;

	if (line->len < at || memcmp(line->at, start, at) != 0 || !is_digit_at(line, at))
		return false;
	version = (unsigned)(line->at[at++] - '0') * 10;
	if (at < line->len && line->at[at] == '.' && is_digit_at(line, at + 1)) {
		version += (unsigned)(line->at[at + 1] - '0');
		at += 2;
	}
	if (at >= line->len || line->at[at] != ' ' || !is_digit_at(line, at + 1) ||
	    !is_digit_at(line, at + 2) || !is_digit_at(line, at + 3) || is_digit_at(line, at + 4))
		return false;
	observation->http_version = version;
	observation->status = (unsigned)((line->at[at + 1] - '0') * 100 +
					 (line->at[at + 2] - '0') * 10 + (line->at[at + 3] - '0'));
	return true;
}

/* One header line; one that begins with a blank goes on with the line before (RFC 9112, 5.2). */
static void add_header(struct rest line, struct text *headers)
{
	const bool is_more = line.at[0] == ' ' || line.at[0] == '\t';

	if (is_more && headers->len > 0) {
		headers->data[headers->len - 1] = ' ';
		while (line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t'))
			line.at++, line.len--;
	}
	text_append_len(headers, line.at, line.len);
	text_append_char(headers, '\n');
}

/* A head, up to and with its empty line. */
static bool read_head(struct rest *rest, struct observation *observation)
{
	struct rest line = next_line(rest);

	if (!read_status(&line, observation))
		return false;
	text_clear(&observation->headers);
	while (rest->len > 0) {
		line = next_line(rest);
		if (line.len == 0)
			break;
		add_header(line, &observation->headers);
	}
	return true;
}

int response_read(const char *data, size_t len, struct observation *ret)
{
	struct rest rest = { data, len };
	unsigned before = 0;

	if (!read_head(&rest, ret))
		return -EINVAL;
	for (;;) {
		struct rest next = rest;

		before = ret->status;
		if (!read_head(&next, ret))
			break;
		ret->redirects += before >= 300 && before <= 399;
		rest = next;
	}
	text_append_len(&ret->body, rest.at, rest.len);
	ret->wall = clock_wall();
	ret->latency = USEC_NEVER;
	return 0;
}
