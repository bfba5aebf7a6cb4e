/* regex.c - compiling regular expressions. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "expect/regex_form.h"

#define PATTERN_MAX ((size_t)4096)
#define CODE_MAX    ((size_t)256 << 10) /* bytes of a compiled pattern: nested counts multiply */

/* A bracket right after what opens a class is a member of it. */
static size_t skip_class_start(const char *pattern, size_t len, size_t i)
{
	if (i + 1 < len && pattern[i + 1] == '^')
		i++;
	if (i + 1 < len && pattern[i + 1] == ']')
		i++;
	return i;
}

static bool has_verb(const char *pattern, size_t len, size_t *ret_offset)
{
	bool in_class = false;

	for (size_t i = 0; i < len; i++) {
		if (pattern[i] == '\\') {
			i++;
		} else if (in_class) {
			in_class = pattern[i] != ']';
		} else if (pattern[i] == '[') {
			in_class = true;
			i = skip_class_start(pattern, len, i);
		} else if (i + 2 < len && pattern[i] == '(' && pattern[i + 1] == '*' &&
			   (isupper((unsigned char)pattern[i + 2]) || pattern[i + 2] == ':')) {
			*ret_offset = i;
			return true;
		}
	}
	return false;
}

/* Whether some "(?i" may switch to either case; a name with an i in it looks the same. */
static bool may_switch_case(const char *pattern, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++) {
		if (pattern[i] != '(' || pattern[i + 1] != '?')
			continue;
		for (i += 2; i < len && pattern[i] != ')' && pattern[i] != ':'; i++)
			if (pattern[i] == 'i')
				return true;
	}
	return false;
}

static uint32_t options_of(unsigned flags)
{
	uint32_t options = PCRE2_USE_OFFSET_LIMIT | PCRE2_NEVER_BACKSLASH_C;

	options |= flags & REGEX_CASELESS ? PCRE2_CASELESS : 0;
	options |= flags & REGEX_MULTILINE ? PCRE2_MULTILINE : 0;
	options |= flags & REGEX_DOTALL ? PCRE2_DOTALL : 0;
	options |= flags & REGEX_EXTENDED ? PCRE2_EXTENDED : 0;
	options |= flags & REGEX_WHOLE ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
	return options;
}

static void form_init(struct form *form, pcre2_code *code)
{
	uint32_t first = 0, last = 0, last_kind = 0, options = 0;

	*form = (struct form){ .code = code };
	(void)pcre2_pattern_info(code, PCRE2_INFO_FIRSTBITMAP, &form->starts);
	(void)pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODETYPE, &form->start_kind);
	(void)pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODEUNIT, &first);
	(void)pcre2_pattern_info(code, PCRE2_INFO_LASTCODETYPE, &last_kind);
	(void)pcre2_pattern_info(code, PCRE2_INFO_LASTCODEUNIT, &last);
	(void)pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
	form->first = (unsigned char)first;
	form->needs_last = last_kind == 1;
	form->last = (unsigned char)last;
	form->is_anchored = options & PCRE2_ANCHORED;
	form->may_mind_no_case = options & PCRE2_CASELESS;
}

static int fault_at(struct regex_fault *fault, int error, size_t offset, const char *message)
{
	fault->offset = offset;
	(void)snprintf(fault->message, sizeof(fault->message), "%s", message);
	return error;
}

static int form_compile(const char *pattern, size_t len, uint32_t options, struct form *ret,
			struct regex_fault *ret_fault)
{
	pcre2_compile_context *context = regex_must(pcre2_compile_context_create(NULL));
	PCRE2_UCHAR message[sizeof(ret_fault->message)];
	size_t offset = 0, size = 0;
	pcre2_code *code;
	int error = 0;

	/* A line end is LF whatever the library was built for: skip_to_start() counts on it. */
	(void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	code = pcre2_compile((PCRE2_SPTR)pattern, len, options, &error, &offset, context);
	pcre2_compile_context_free(context);
	if (!code) {
		(void)pcre2_get_error_message(error, message, sizeof(message));
		return fault_at(ret_fault, -EINVAL, offset, (const char *)message);
	}
	(void)pcre2_pattern_info(code, PCRE2_INFO_SIZE, &size);
	if (size > CODE_MAX) {
		pcre2_code_free(code);
		return fault_at(ret_fault, -E2BIG, 0,
				"it is too large, as counts of groups multiply");
	}
	form_init(ret, code);
	ret->may_mind_no_case |= may_switch_case(pattern, len);
	return 0;
}

int regex_compile(const char *pattern, size_t len, unsigned flags, struct regex **ret,
		  struct regex_fault *ret_fault)
{
	cleanup(regex)
	struct regex *regex = MEMORY_NEW(struct regex);
	const uint32_t options = options_of(flags);
	size_t offset = 0;
	int r;

	if (len > PATTERN_MAX)
		return fault_at(ret_fault, -E2BIG, PATTERN_MAX, "it is longer than 4096 bytes");
	if (has_verb(pattern, len, &offset))
		return fault_at(ret_fault, -EINVAL, offset,
				"verbs such as (*SKIP) and settings such as (*UTF) are not taken");

	regex->is_whole = flags & REGEX_WHOLE;
	r = form_compile(pattern, len, options | PCRE2_UTF, &regex->characters, ret_fault);
	if (r < 0)
		return r;
	if (!(flags & REGEX_CODES)) {
		r = form_compile(pattern, len, options | PCRE2_NEVER_UTF, &regex->bytes, ret_fault);
		if (r < 0)
			return r;
	}
	*ret = TAKE(regex);
	return 0;
}

void regex_free(struct regex *regex)
{
	pcre2_code_free(regex->characters.code);
	pcre2_code_free(regex->bytes.code);
	free(regex);
}
