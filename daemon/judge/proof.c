/* proof.c - members of a JSON object, so that nothing secret gets into them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/mask.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "judge/proof.h"

enum { LINES_MAX = 100, NAME_BYTES = 512 };

void proof_key(struct text *json, const char *name)
{
	const char last = json->data[json->len - 1];

	if (last != '{' && last != '[')
		text_append_char(json, ',');
	if (name)
		text_print(json, "\"%s\":", name);
}

void proof_member(struct text *json, const char *name, const char *value)
{
	if (!value)
		return;
	proof_key(json, name);
	text_append_json(json, value, strlen(value));
}

void proof_name(struct text *json, const char *name, const char *value)
{
	if (!value)
		return;
	proof_key(json, name);
	text_append_json(json, value, utf8_cut(value, strlen(value), NAME_BYTES));
}

void proof_masked(struct text *json, const char *name, const char *value,
		  const char *const *secrets)
{
	char *shown = mask_secrets(memory_text(value ? value : ""), secrets);

	if (value)
		proof_member(json, name, shown);
	free(shown);
}

void proof_excerpt(struct text *json, const char *data, size_t len, size_t max,
		   const char *const *secrets)
{
	cleanup(text)
	struct text shown = { 0 };

	(void)mask_append(&shown, data, len, max, false, secrets);
	for (size_t i = 0; i < shown.len; i++)
		if (shown.data[i] == '\0')
			shown.data[i] = ' ';
	text_append_json(json, text_string(&shown), utf8_cut(shown.data, shown.len, max));
}

/* What is nobody's business, whoever made it: a digest and a cookie are as good as the
 * password that led to them.  How much of the line may be shown, or all of it.
 */
static size_t shown_of(const char *line, size_t len)
{
	static const char *const hidden[] = { "Authorization:", "Proxy-Authorization:", "Cookie:" };
	static const char cookie[] = "Set-Cookie:";
	const char *value;

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (strncasecmp(line, hidden[i], strlen(hidden[i])) == 0)
			return strlen(hidden[i]);
	value = strncasecmp(line, cookie, strlen(cookie)) == 0 ? memchr(line, '=', len) : NULL;
	return value ? (size_t)(value - line) : len;
}

/* A header, or the line before them. */
static void print_line(struct text *json, const char *line, size_t len, size_t max,
		       const char *const *secrets)
{
	const size_t shown = shown_of(line, len);
	cleanup(free)
	char *part = NULL;

	proof_key(json, NULL);
	if (shown == len) {
		proof_excerpt(json, line, len, max, secrets);
		return;
	}
	part = memory_print("%.*s%s***", (int)shown, line, line[shown] == '=' ? "=" : " ");
	proof_excerpt(json, part, strlen(part), max, secrets);
}

void proof_lines(struct text *json, const char *name, const char *line, size_t max,
		 const char *const *secrets)
{
	unsigned lines = 0;
	size_t used = 0;

	proof_key(json, name);
	text_append_char(json, '[');
	while (*line && lines++ < LINES_MAX && used < max) {
		const size_t len = strcspn(line, "\r\n");

		print_line(json, line, len, max - used, secrets);
		used += len;
		line += len;
		line += strspn(line, "\r\n");
	}
	text_append_char(json, ']');
}
