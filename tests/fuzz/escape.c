/* escape.c - text from anywhere, in HTML, JSON, metrics, on a terminal; and secrets in it.
 *
 * A secret; then the text.
 *
 * Over: base/html.c base/text.c base/mask.c base/utf8.c probe/escape.c status/exposition.c
 */
#include <jansson.h>

#include "base/html.h"
#include "base/mask.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "probe/escape.h"
#include "status/exposition.h"

static void in_html(const char *data, size_t len)
{
	struct text text = { 0 };

	html_append_len(&text, data, len);
	assert(utf8_is_valid(text_string(&text), text.len));
	assert(strlen(text_string(&text)) == text.len);
	assert(!strpbrk(text_string(&text), "<>\"'"));
	/* An & begins one of ours. */
	for (const char *at = text_string(&text); (at = strchr(at, '&')); at++)
		assert(strncmp(at, "&amp;", 5) == 0 || strncmp(at, "&lt;", 4) == 0 ||
		       strncmp(at, "&gt;", 4) == 0 || strncmp(at, "&#34;", 5) == 0 ||
		       strncmp(at, "&#39;", 5) == 0);
	text_done(&text);
}

static void in_json(const char *data, size_t len)
{
	struct text text = { 0 };
	json_t *json;

	text_append_json(&text, data, len);
	json = json_loadb(text_string(&text), text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	assert(json_is_string(json));
	if (utf8_is_valid(data, len)) {
		assert(json_string_length(json) == len);
		assert(memcmp(json_string_value(json), data, len) == 0);
	}
	json_decref(json);
	text_done(&text);
}

/* What Prometheus reads there is what was meant. */
static void in_metrics(const char *value)
{
	struct text text = { 0 }, back = { 0 };
	const char *at;

	exposition_append_quoted(&text, value);
	assert(text.data[0] == '"' && text.data[text.len - 1] == '"');
	assert(!strchr(text.data, '\n'));
	for (at = text.data + 1; *at != '"'; at++) {
		assert(*at);
		if (*at == '\\') {
			at++;
			assert(*at == 'n' || *at == '"' || *at == '\\');
			text_append_char(&back, *at == 'n' ? '\n' : *at);
		} else {
			text_append_char(&back, *at);
		}
	}
	assert(at == text.data + text.len - 1);
	if (utf8_is_valid(value, strlen(value)))
		assert(strcmp(text_string(&back), value) == 0);
	text_done(&text);
	text_done(&back);
}

static void on_a_terminal(const char *data, size_t len, size_t limit)
{
	struct text text = { .limit_bytes = limit };

	text_append_escaped(&text, data, len);
	assert(limit == 0 || text.len <= limit);
	assert(utf8_is_valid(text_string(&text), text.len));
	for (size_t i = 0; i < text.len; i++)
		assert((unsigned char)text.data[i] >= ' ' && text.data[i] != 0x7f);
	text_done(&text);
}

static void without_secrets(const char *data, size_t len, const char *secret, size_t most)
{
	const char *const secrets[] = { secret, NULL };
	struct text shown = { 0 }, escaped = { .limit_bytes = most };
	char *masked = mask_secrets(memory_text_len(data, len), secrets);

	/* Stars of ours may be a part of it again. */
	if (*secret && !strchr(secret, '*')) {
		assert(!strstr(masked, secret));
		(void)mask_append(&shown, data, len, most, false, secrets);
		assert(!strstr(text_string(&shown), secret));
	}
	mask_append_escaped(&escaped, data, len, secrets);
	assert(escaped.len <= most);
	text_done(&shown);
	text_done(&escaped);
	free(masked);
}

/* Texts of the configuration that stand for bytes: what is found to be right is also written. */
static void as_bytes(const char *text)
{
	struct text captured[10] = { 0 }, bytes = { 0 };

	if (escape_print(text, NULL, NULL))
		assert(escape_print(text, captured, &bytes));
	text_done(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	size_t text_len;
	char *secret = fuzz_line(&input, NULL);
	char *text = fuzz_rest(&input, &text_len);

	in_html(text, text_len);
	in_json(text, text_len);
	in_metrics(text);
	on_a_terminal(text, text_len, 0);
	on_a_terminal(text, text_len, 20);
	without_secrets(text, text_len, secret, 64);
	as_bytes(text);
	free(secret);
	free(text);
	return 0;
}
