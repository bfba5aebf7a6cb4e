/* iregexp.c - I-Regexp checked against its grammar and rewritten for PCRE2.
 *
 * The grammar is flat but for its parentheses, so one pass with a counter of
 * them will do.
 */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/utf8.h"
#include "expect/jsonpath/iregexp.h"

#define PATTERN_MAX ((size_t)1024)
#define NESTING_MAX 64u

struct rewrite {
	const char *pattern; /* borrowed */
	size_t len;
	size_t at;
	unsigned open; /* parentheses */
	struct text text;
	const char *fault; /* the first one, NULL: none */
	size_t fault_at;
};

static int peek(const struct rewrite *rewrite)
{
	return rewrite->at < rewrite->len ? (unsigned char)rewrite->pattern[rewrite->at] : -1;
}

static void fail(struct rewrite *rewrite, const char *fault)
{
	if (rewrite->fault)
		return;
	rewrite->fault = fault;
	rewrite->fault_at = rewrite->at < rewrite->len ? rewrite->at : rewrite->len;
}

/* One character as itself. */
static void append_code(struct rewrite *rewrite, uint32_t code)
{
	if (code < 0x80 && isalnum((int)code))
		text_append_char(&rewrite->text, (char)code);
	else if (code < 0x80 && ispunct((int)code))
		text_print(&rewrite->text, "\\%c", (char)code);
	else
		text_print(&rewrite->text, "\\x{%x}", code);
}

static uint32_t take_code(struct rewrite *rewrite)
{
	uint32_t code = 0;

	rewrite->at += utf8_next(rewrite->pattern + rewrite->at, rewrite->len - rewrite->at, &code);
	return code;
}

/* \p{Lu}, with the backslash still ahead; is what it does in PCRE2. */
static void rewrite_category(struct rewrite *rewrite)
{
	static const char *const categories[] = { "L",	"Ll", "Lm", "Lo", "Lt", "Lu", "M",  "Mc",
						  "Me", "Mn", "N",  "Nd", "Nl", "No", "P",  "Pc",
						  "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Z",  "Zl",
						  "Zp", "Zs", "S",  "Sc", "Sk", "Sm", "So", "C",
						  "Cc", "Cf", "Cn", "Co" };
	const char *from = rewrite->pattern + rewrite->at;
	const char *close = memchr(from, '}', rewrite->len - rewrite->at);
	const size_t len = close ? (size_t)(close - from) : 0;

	for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++)
		if (len == 3 + strlen(categories[i]) && from[2] == '{' &&
		    memcmp(from + 3, categories[i], len - 3) == 0) {
			text_append_len(&rewrite->text, from, len + 1);
			rewrite->at += len + 1;
			return;
		}
	fail(rewrite, "'\\p' takes a category such as {Lu}");
}

/* A character behind a backslash. */
static uint32_t take_escape(struct rewrite *rewrite)
{
	static const char letters[] = "nrt", meant[] = "\n\r\t";
	const char *letter;
	int c;

	rewrite->at++;
	c = peek(rewrite);
	if (c <= 0 || !strchr("()*+-.?[\\]^nrt{|}", c)) {
		fail(rewrite, c < 0 ? "a backslash stands at the end"
				    : "there is no such escape; a digit is [0-9] or \\p{Nd}");
		return 0;
	}
	rewrite->at++;
	letter = strchr(letters, c);
	return letter ? (uint32_t)meant[letter - letters] : (uint32_t)c;
}

static bool is_category(const struct rewrite *rewrite)
{
	const size_t next = rewrite->at + 1;

	return peek(rewrite) == '\\' && next < rewrite->len &&
	       (rewrite->pattern[next] == 'p' || rewrite->pattern[next] == 'P');
}

static uint32_t take_class_character(struct rewrite *rewrite)
{
	const int c = peek(rewrite);

	if (c == '\\')
		return take_escape(rewrite);
	if (c < 0 || c == '[' || c == ']' || c == '-')
		fail(rewrite, c < 0 ? "a class does not end"
				    : "'[', ']' and '-' in a class stand behind a backslash");
	return take_code(rewrite);
}

static void rewrite_class_member(struct rewrite *rewrite)
{
	uint32_t from, to;

	if (is_category(rewrite)) {
		rewrite_category(rewrite);
		return;
	}
	from = take_class_character(rewrite);
	append_code(rewrite, from);
	if (peek(rewrite) != '-' ||
	    (rewrite->at + 1 < rewrite->len && rewrite->pattern[rewrite->at + 1] == ']'))
		return;
	rewrite->at++;
	to = take_class_character(rewrite);
	if (to < from)
		fail(rewrite, "a range runs backwards");
	text_append_char(&rewrite->text, '-');
	append_code(rewrite, to);
}

/* From the opening bracket to the closing one.  A '-' is itself at either end. */
static void rewrite_class(struct rewrite *rewrite)
{
	bool is_first = true;

	rewrite->at++;
	text_append_char(&rewrite->text, '[');
	if (peek(rewrite) == '^') {
		text_append_char(&rewrite->text, '^');
		rewrite->at++;
	}
	while (!rewrite->fault && (is_first || peek(rewrite) != ']')) {
		const size_t next = rewrite->at + 1;

		if (peek(rewrite) == '-' &&
		    (is_first || (next < rewrite->len && rewrite->pattern[next] == ']'))) {
			append_code(rewrite, '-');
			rewrite->at++;
		} else {
			rewrite_class_member(rewrite);
		}
		is_first = false;
	}
	rewrite->at++;
	text_append_char(&rewrite->text, ']');
}

static void take_digits(struct rewrite *rewrite)
{
	if (!isdigit(peek(rewrite)))
		fail(rewrite, "a number is missing between '{' and '}'");
	while (isdigit(peek(rewrite)))
		rewrite->at++;
}

static void rewrite_quantifier(struct rewrite *rewrite)
{
	const size_t from = rewrite->at;
	const int c = peek(rewrite);

	if (c != '*' && c != '+' && c != '?' && c != '{')
		return;
	rewrite->at++;
	if (c == '{') {
		take_digits(rewrite);
		if (peek(rewrite) == ',') {
			rewrite->at++;
			if (peek(rewrite) != '}')
				take_digits(rewrite);
		}
		if (peek(rewrite) != '}')
			fail(rewrite, "'{' and its numbers are not closed by '}'");
		rewrite->at++;
	}
	if (!rewrite->fault)
		text_append_len(&rewrite->text, rewrite->pattern + from, rewrite->at - from);
}

static void rewrite_atom(struct rewrite *rewrite)
{
	const int c = peek(rewrite);

	if (c == '.' || c == '^' || c == '$') {
		/* In a group, as PCRE2 does not repeat a bare anchor. */
		text_append(&rewrite->text, c == '.'   ? "[^\\n\\r]"
					    : c == '^' ? "(?:^)"
						       : "(?:\\z)");
		rewrite->at++;
	} else if (c == '[') {
		rewrite_class(rewrite);
	} else if (is_category(rewrite)) {
		rewrite_category(rewrite);
	} else if (c == '\\') {
		append_code(rewrite, take_escape(rewrite));
	} else if (strchr("*+?{}]", c) && c > 0) {
		fail(rewrite, strchr("*+?{", c) ? "there is nothing to repeat"
						: "']' and '}' stand behind a backslash");
	} else {
		append_code(rewrite, take_code(rewrite));
	}
}

static void rewrite_piece(struct rewrite *rewrite)
{
	const int c = peek(rewrite);

	if (c == '(') {
		if (++rewrite->open > NESTING_MAX)
			fail(rewrite, "parentheses nest too deep");
		text_append(&rewrite->text, "(?:");
		rewrite->at++;
		return;
	}
	if (c == '|') {
		text_append_char(&rewrite->text, '|');
		rewrite->at++;
		return;
	}
	if (c == ')') {
		if (rewrite->open-- == 0)
			fail(rewrite, "a ')' has no '('");
		text_append_char(&rewrite->text, ')');
		rewrite->at++;
	} else {
		rewrite_atom(rewrite);
	}
	if (!rewrite->fault)
		rewrite_quantifier(rewrite);
}

static int fault_at(struct regex_fault *fault, int error, size_t offset, const char *message)
{
	fault->offset = offset;
	(void)snprintf(fault->message, sizeof(fault->message), "%s", message);
	return error;
}

int iregexp_compile(const char *pattern, size_t len, bool whole, struct regex **ret,
		    struct regex_fault *ret_fault)
{
	struct rewrite rewrite = { .pattern = pattern, .len = len };
	cleanup(text)
	struct text text = { 0 };
	int r;

	if (len > PATTERN_MAX)
		return fault_at(ret_fault, -E2BIG, PATTERN_MAX, "it is longer than 1024 bytes");
	while (!rewrite.fault && rewrite.at < len)
		rewrite_piece(&rewrite);
	if (rewrite.open > 0)
		fail(&rewrite, "a '(' is not closed");
	text = rewrite.text;
	if (rewrite.fault)
		return fault_at(ret_fault, -EINVAL, rewrite.fault_at, rewrite.fault);
	r = regex_compile(text_string(&text), text.len, REGEX_CODES | (whole ? REGEX_WHOLE : 0),
			  ret, ret_fault);
	if (r < 0)
		ret_fault->offset = 0; /* it was of another text */
	return r;
}
