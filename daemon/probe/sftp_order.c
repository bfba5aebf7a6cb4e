/* sftp_order.c - what is said between picketd and who looks at an SFTP server for it. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "probe/sftp_look.h"

/* "+text" or "-", and a NUL. */
static void write_field(struct text *text, const char *field)
{
	text_append_char(text, field ? '+' : '-');
	text_append_len(text, field ? field : "", field ? strlen(field) + 1 : 1);
}

void sftp_order_write(const struct sftp_order *order, struct text *text)
{
	write_field(text, order->user);
	write_field(text, order->password);
	write_field(text, order->path);
	for (unsigned i = 0; i < order->keys_count; i++)
		write_field(text, order->keys[i]);
}

/* False where there is none. */
static bool read_field(const char **data, const char *end, const char **ret)
{
	const char *field = *data;

	if (field >= end || (*field != '+' && *field != '-'))
		return false;
	*ret = *field == '+' ? field + 1 : NULL;
	*data = field + strlen(field) + 1;
	return *data <= end;
}

bool sftp_order_read(const char *data, size_t len, struct sftp_order *ret)
{
	const char *end = data + len;

	*ret = (struct sftp_order){ 0 };
	if (!read_field(&data, end, &ret->user) || !read_field(&data, end, &ret->password) ||
	    !read_field(&data, end, &ret->path))
		return false;
	while (data < end) {
		const char *key;

		if (ret->keys_count == SFTP_KEYS_MAX || !read_field(&data, end, &key) || !key)
			return false;
		ret->keys[ret->keys_count++] = key;
	}
	return true;
}

void sftp_append_name(struct text *text, const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)name[i];

		text_append_char(text, c < 0x20 || c == 0x7f ? '?' : name[i]);
	}
	text_append_char(text, '\n');
}

void sftp_report_stranger(struct text *text, const char *line, size_t len)
{
	text_append_char(text, '!');
	sftp_append_name(text, line, len > 0 && line[len - 1] == '\r' ? len - 1 : len);
}

void sftp_report_phase(struct text *text, usec_t took)
{
	text_append_uint(text, took);
	text_append_char(text, '\n');
}

void sftp_report_body(struct text *text, bool is_cut)
{
	text_append(text, is_cut ? "cut\n" : "whole\n");
}

void sftp_report_read(const struct text *output, struct sftp_report *ret)
{
	const char *line = text_string(output), *end;

	*ret = (struct sftp_report){ 0 };
	end = strchr(line, '\n');
	if (*line == '!' && end) {
		ret->stranger = line + 1;
		ret->stranger_len = (size_t)(end - line) - 1;
		line = end + 1;
	}
	while ((end = strchr(line, '\n'))) {
		char *behind;
		const usec_t took = strtoull(line, &behind, 10);

		if (behind != end || behind == line || ret->phases == SFTP_PHASES)
			break;
		ret->took[ret->phases++] = took;
		line = end + 1;
	}
	ret->is_cut = end && strncmp(line, "cut\n", 4) == 0;
	if (ret->is_cut || (end && strncmp(line, "whole\n", 6) == 0))
		ret->body_at = (size_t)(end - output->data) + 1;
}
