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

static size_t longest(const char *const *secrets)
{
	size_t max = 0;

	for (; secrets && *secrets; secrets++)
		if (strlen(*secrets) > max)
			max = strlen(*secrets);
	return max;
}

/* More than `max` is looked at, so that a secret across the end is seen whole. */
void proof_excerpt(struct text *json, const char *data, size_t len, size_t max,
		   const char *const *secrets)
{
	const size_t margin = longest(secrets);
	const size_t window = len < max + 2 * margin ? len : max + 2 * margin;
	char *shown = memory_text_len(data, window);

	/* A NUL would end the masking early. */
	for (size_t i = 0; i < window; i++)
		if (shown[i] == '\0')
			shown[i] = ' ';
	shown = mask_secrets(shown, secrets);
	len = strlen(shown);
	if (margin && window == max + 2 * margin) /* may end with half a secret */
		len = len > margin ? len - margin : 0;
	text_append_json(json, shown, utf8_cut(shown, len, max));
	free(shown);
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
