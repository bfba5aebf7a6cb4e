/* source.c - one file of the configuration as text. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "config/source.h"

static void refuse(const struct place *from, const char *path, struct complaints *complaints,
		   const char *why)
{
	const struct place itself = { .file = path };

	if (from)
		complain(complaints, from, "cannot read '%s': %s", path, why);
	else
		complain(complaints, &itself, "cannot read it: %s", why);
}

/* Up to `max` bytes and one more, so that "exactly max" and "too long" differ. */
static int read_whole(int fd, struct source *source, size_t expected)
{
	size_t room = expected + 1;

	source->text = memory_new(room + 1, 1);
	for (;;) {
		ssize_t n;

		if (source->len == room) {
			if (room > SOURCE_MAX_BYTES)
				return -EFBIG;
			room = room * 2 > SOURCE_MAX_BYTES ? SOURCE_MAX_BYTES + 1 : room * 2;
			source->text = memory_grow(source->text, room + 1, 1);
		}
		n = read(fd, source->text + source->len, room - source->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		source->len += (size_t)n;
	}
	source->text[source->len] = '\0';
	return source->len > SOURCE_MAX_BYTES ? -EFBIG : 0;
}

struct source *source_open(const char *path, const struct place *from,
			   struct complaints *complaints)
{
	cleanup(close)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct source *source;
	struct stat status;
	int r;

	if (fd < 0 || fstat(fd, &status) < 0) {
		refuse(from, path, complaints, strerrordesc_np(errno));
		return NULL;
	}
	if (!S_ISREG(status.st_mode)) {
		refuse(from, path, complaints,
		       S_ISDIR(status.st_mode) ? "it is a directory; write a pattern such as "
						 "DIRECTORY/*.yaml"
					       : "it is not a regular file");
		return NULL;
	}
	if (status.st_size > SOURCE_MAX_BYTES) {
		refuse(from, path, complaints,
		       "it is larger than 16MiB; spread the endpoints over several files");
		return NULL;
	}
	source = MEMORY_NEW(struct source);
	source->name = memory_text(path);
	source->device = status.st_dev;
	source->inode = status.st_ino;
	source->mode = status.st_mode;
	r = read_whole(fd, source, (size_t)status.st_size);
	if (r < 0) {
		refuse(from, path, complaints,
		       r == -EFBIG ? "it is larger than 16MiB" : strerrordesc_np(-r));
		source_free(source);
		return NULL;
	}
	return source;
}

void source_free(struct source *source)
{
	free(source->name);
	free(source->text);
	free(source->lines);
	free(source);
}

static bool is_control(unsigned char c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

/* The first byte that is neither a character of UTF-8 nor allowed in a text file. */
static size_t find_odd(const struct source *source)
{
	const char *text = source->text;
	size_t i = 0;

	while (i < source->len) {
		uint32_t code;
		size_t step;

		if (is_control((unsigned char)text[i]))
			return i;
		if ((unsigned char)text[i] < 0x80) {
			i++;
			continue;
		}
		step = utf8_next(text + i, source->len - i, &code);
		if (step == 0 || code < 0xa0 || code == 0x2028 || code == 0x2029)
			return i;
		i += step;
	}
	return i;
}

int source_examine(const struct source *source, struct complaints *complaints)
{
	/* Finding places fills in the index of lines, which changes nothing anybody sees. */
	struct source *mutable = (struct source *)(uintptr_t)source;
	const unsigned char *text = (const unsigned char *)source->text;
	const size_t odd = find_odd(source);
	struct place place;

	uint32_t code;

	if (odd == source->len)
		return 0;
	place = source_place(mutable, odd);
	if (source->len >= 2 && ((text[0] == 0xff && text[1] == 0xfe) ||
				 (text[0] == 0xfe && text[1] == 0xff) || !text[0] || !text[1]))
		complain(complaints, &place, "the file looks like UTF-16; save it as UTF-8");
	else if (is_control(text[odd]))
		complain(complaints, &place,
			 "control character 0x%02x; a configuration is plain text", text[odd]);
	else if (utf8_next(source->text + odd, source->len - odd, &code))
		complain(complaints, &place,
			 "control character U+%04X; write it as an escape in double quotes", code);
	else
		complain(complaints, &place, "byte 0x%02x is not UTF-8; save the file as UTF-8",
			 text[odd]);
	return -EINVAL;
}

/* Lines end as YAML has it: LF, CR LF, or CR alone. */
static void index_lines(struct source *source)
{
	const char *text = source->text;
	size_t room = 0, start = 0;

	for (;;) {
		if (source->lines_count == room) {
			room = memory_next_room(room, 64);
			source->lines = memory_grow(source->lines, room, sizeof(*source->lines));
		}
		source->lines[source->lines_count++] = (uint32_t)start;
		start += strcspn(text + start, "\r\n");
		if (start >= source->len)
			return;
		start += text[start] == '\r' && text[start + 1] == '\n' ? 2 : 1;
	}
}

static size_t line_start(struct source *source, uint32_t number)
{
	if (!source->lines)
		index_lines(source);
	return number > source->lines_count ? source->len : source->lines[number - 1];
}

const char *source_line(struct source *source, uint32_t number, size_t *ret_len)
{
	const size_t start = number ? line_start(source, number) : source->len;

	*ret_len = strcspn(source->text + start, "\r\n");
	return source->text + start;
}

/* Characters between two bytes; bytes that are no character count as one each. */
static uint32_t count_characters(const char *text, size_t len)
{
	uint32_t count = 0, code;

	for (size_t i = 0; i < len; count++) {
		const size_t step = utf8_next(text + i, len - i, &code);

		i += step ? step : 1;
	}
	return count;
}

struct place source_place(struct source *source, size_t offset)
{
	uint32_t low = 0, high;

	if (!source->lines)
		index_lines(source);
	for (high = source->lines_count; high - low > 1;) {
		const uint32_t middle = low + (high - low) / 2;

		if (source->lines[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return (struct place){
		.file = source->name,
		.line = low + 1,
		.column = count_characters(source->text + source->lines[low],
					   offset - source->lines[low]) +
			  1,
	};
}

/* The byte at which a value begins. */
static size_t value_offset(struct source *source, const struct value *value)
{
	size_t offset = line_start(source, value->line);

	for (uint32_t column = 1; column < value->column && offset < source->len; column++) {
		uint32_t code;
		const size_t step = utf8_next(source->text + offset, source->len - offset, &code);

		offset += step ? step : 1;
	}
	return offset;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t utf8_width(uint32_t code)
{
	return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/* An escape of a double-quoted scalar at `text` (the backslash): its length, and how many
 * bytes of the value, blanks not counted, it stands for.
 */
static size_t escape_len(const char *text, size_t *ret_bytes)
{
	static const char digits[] = "xuU";
	const char *hex = text[1] ? strchr(digits, text[1]) : NULL;

	*ret_bytes = 1;
	if (hex) {
		const size_t width = (size_t)2 << (hex - digits);
		char number[9] = "";

		memcpy(number, text + 2, strnlen(text + 2, width));
		*ret_bytes = utf8_width((uint32_t)strtoul(number, NULL, 16));
		return 2 + strlen(number);
	}
	if (!text[1] || strchr("nrt \t\n\r", text[1]))
		*ret_bytes = 0;
	else if (text[1] == 'N' || text[1] == '_')
		*ret_bytes = 2;
	else if (text[1] == 'L' || text[1] == 'P')
		*ret_bytes = 3;
	return text[1] ? 2 : 1;
}

/* Line breaks are folded and indentation goes, but what is not blank comes one to one and
 * in order: so look for the byte with as many of these before it.
 */
static size_t find_nth(const struct source *source, size_t at, uint8_t style, size_t wanted)
{
	const char *text = source->text;

	for (;;) {
		size_t bytes = 1, len = 1;

		while (at < source->len && is_blank(text[at]))
			at++;
		if (at >= source->len)
			return at;
		if (style == VALUE_DOUBLE && text[at] == '\\')
			len = escape_len(text + at, &bytes);
		else if (style == VALUE_SINGLE && text[at] == '\'' && text[at + 1] == '\'')
			len = 2;
		if (wanted < bytes)
			return at;
		wanted -= bytes;
		at += len;
	}
}

struct place source_place_in(struct source *source, const struct value *scalar, size_t offset)
{
	size_t at = value_offset(source, scalar), wanted = 0, behind = 0;

	if (scalar->style == VALUE_SINGLE || scalar->style == VALUE_DOUBLE) {
		at++;
	} else if (scalar->style != VALUE_PLAIN) {
		/* Behind the line of the `|` or `>`. */
		at += strcspn(source->text + at, "\n");
	}
	if (offset > scalar->count)
		offset = scalar->count;
	/* A blank, or the end, is as far behind the last byte that is none. */
	while (offset > 0 && (offset == scalar->count || is_blank(scalar->text[offset]))) {
		offset--;
		behind++;
		if (!is_blank(scalar->text[offset]))
			break;
	}
	for (size_t i = 0; i < offset; i++)
		wanted += !is_blank(scalar->text[i]);
	return source_place(source, find_nth(source, at, scalar->style, wanted) + behind);
}
