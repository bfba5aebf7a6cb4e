/* query.c - a request's path and parameters. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "status/query.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* 0 or -EINVAL. */
static int decode(const char *text, size_t len, bool has_plus, char **ret_decoded)
{
	cleanup(free)
	char *decoded = memory_new(len + 1, 1);
	size_t to = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '+' && has_plus) {
			c = ' ';
		} else if (c == '%') {
			const int high = i + 2 < len ? hex_digit(text[i + 1]) : -1;
			const int low = i + 2 < len ? hex_digit(text[i + 2]) : -1;

			if (high < 0 || low < 0)
				return -EINVAL;
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (c == '\0')
			return -EINVAL;
		decoded[to++] = c;
	}
	if (!utf8_is_valid(decoded, to))
		return -EINVAL;
	*ret_decoded = TAKE(decoded);
	return 0;
}

int path_parse(const char *text, struct path *ret_path)
{
	struct path path = { 0 };
	int r = *text == '/' ? 0 : -EINVAL;

	while (r == 0 && *text == '/') {
		const size_t len = strcspn(++text, "/");

		if (path.count == PATH_MAX_PARTS)
			r = -E2BIG;
		else
			r = decode(text, len, false, &path.parts[path.count]);
		if (r == 0)
			path.count++;
		text += len;
	}
	if (r < 0) {
		path_done(&path);
		return r;
	}
	*ret_path = path;
	return 0;
}

void path_done(struct path *path)
{
	for (unsigned i = 0; i < path->count; i++)
		free(path->parts[i]);
	path->count = 0;
}

/* "key=value", or "key" alone. */
static int parameter_parse(const char *text, size_t len, struct parameter *ret_parameter)
{
	const char *sign = memchr(text, '=', len);
	const size_t key_len = sign ? (size_t)(sign - text) : len;
	cleanup(free)
	char *key = NULL;
	int r = decode(text, key_len, true, &key);

	if (r < 0)
		return r;
	if (sign)
		r = decode(sign + 1, len - key_len - 1, true, &ret_parameter->value);
	else
		ret_parameter->value = memory_text("");
	if (r < 0)
		return r;
	ret_parameter->key = TAKE(key);
	return 0;
}

int query_parse(const char *text, struct query *ret_query)
{
	struct query query = { 0 };
	int r = 0;

	while (r == 0 && text && *text) {
		const size_t len = strcspn(text, "&");

		if (len > 0 && query.count == QUERY_MAX)
			r = -E2BIG;
		else if (len > 0)
			r = parameter_parse(text, len, &query.parameters[query.count]);
		if (r == 0 && len > 0)
			query.count++;
		text += len + (text[len] == '&');
	}
	if (r < 0) {
		query_done(&query);
		return r;
	}
	*ret_query = query;
	return 0;
}

void query_done(struct query *query)
{
	for (unsigned i = 0; i < query->count; i++) {
		free(query->parameters[i].key);
		free(query->parameters[i].value);
	}
	query->count = 0;
}

const char *query_find(const struct query *query, const char *key)
{
	for (unsigned i = 0; i < query->count; i++)
		if (strcmp(query->parameters[i].key, key) == 0)
			return query->parameters[i].value;
	return NULL;
}

const char *query_fault(const struct query *query, const char *const *known, const char *repeatable)
{
	for (unsigned i = 0; i < query->count; i++) {
		const struct parameter *parameter = &query->parameters[i];
		unsigned which = 0;

		while (known[which] && strcmp(known[which], parameter->key) != 0)
			which++;
		if (!known[which])
			return parameter->key;
		if (repeatable && strcmp(repeatable, parameter->key) == 0)
			continue;
		if (query_find(query, parameter->key) != parameter->value)
			return parameter->key;
	}
	return NULL;
}

int query_number(const char *value, unsigned long long least, unsigned long long most,
		 unsigned long long *ret_number)
{
	unsigned long long number;
	char *end;

	if (*value < '0' || *value > '9')
		return -EINVAL;
	errno = 0;
	number = strtoull(value, &end, 10);
	if (errno || *end || number < least || number > most)
		return -EINVAL;
	*ret_number = number;
	return 0;
}
