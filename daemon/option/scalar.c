/* scalar.c - from one scalar to one member, by the kind of its row. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"
#include "option/scalar.h"

/* ${1} to ${9}, or ${NAME}. */
static bool is_spared(const struct option *option, const char *at)
{
	size_t len;

	if (at[0] != '$' || at[1] != '{')
		return false;
	if (option->has_captures && at[2] >= '1' && at[2] <= '9' && at[3] == '}')
		return true;
	len = strspn(at + 2, OPTION_NAME_CHARACTERS);
	return option->has_names && len > 0 && at[2 + len] == '}' && strncmp(at, "${each}", 7) != 0;
}

/* The value with what the row leaves as it is written as literals, which no reference is made
 * of.
 */
static struct value spare_captures(const struct setting *setting)
{
	struct value spared = *setting->value;
	cleanup(text)
	struct text text = { 0 };

	for (const char *at = spared.text; *at; at++) {
		if (is_spared(setting->option, at) && (at == spared.text || at[-1] != '$'))
			text_append_char(&text, '$');
		text_append_char(&text, *at);
	}
	spared.text = arena_text_len(setting->reader->arena, text_string(&text), text.len);
	spared.count = (uint32_t)text.len;
	return spared;
}

bool scalar_read(struct setting *setting)
{
	const struct option_reader *reader = setting->reader;
	const struct option *option = setting->option;
	const char *text = setting->value->text;
	const bool braces = reader->has_each && option->has_each && strstr(text, "{}");

	setting->text = text;
	setting->is_secret = false;
	if (reader->expand && (braces || (!option->is_verbatim && strstr(text, "${")))) {
		const struct value value = option->has_captures || option->has_names
						   ? spare_captures(setting)
						   : *setting->value;

		setting->text =
			reader->expand(&value, braces, &setting->is_secret, reader->context);
	}
	return setting->text != NULL;
}

/* Numbers and flags are plain; in quotes they are texts, to editors as well. */
static bool is_plain(const struct setting *setting)
{
	return setting->value->style == VALUE_PLAIN || setting->text != setting->value->text;
}

static void set_flag(struct setting *setting, bool *member)
{
	static const char *const truths[] = { "true", "True", "TRUE", NULL };
	static const char *const lies[] = { "false", "False", "FALSE", NULL };

	for (unsigned i = 0; is_plain(setting) && truths[i]; i++) {
		if (strcmp(setting->text, truths[i]) == 0) {
			*member = true;
			return;
		}
		if (strcmp(setting->text, lies[i]) == 0) {
			*member = false;
			return;
		}
	}
	if (is_plain(setting))
		fault_value(setting, "must be true or false");
	else
		fault_quotes(setting);
}

const struct option_word *scalar_word(const struct setting *setting)
{
	for (const struct option_word *word = setting->option->words; word && word->word; word++)
		if (strcmp(word->word, setting->text) == 0)
			return word;
	return NULL;
}

static bool is_within(const struct option *option, uint64_t number)
{
	return number >= option->min && (option->max == 0 || number <= option->max);
}

static void fault_range(const struct setting *setting)
{
	cleanup(text)
	struct text wanted = { 0 };

	fault_describe(setting->option, &wanted);
	fault_value(setting, "must be %s", text_string(&wanted));
}

/* Decimal digits and nothing else.  Larger than any number we know: UINT64_MAX. */
static bool read_digits(const char *text, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (!*text || text[strspn(text, "0123456789")])
		return false;
	for (; *text; text++)
		if (__builtin_mul_overflow(number, 10u, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(*text - '0'), &number))
			number = UINT64_MAX / 16;
	*ret_number = number;
	return true;
}

static void set_count(struct setting *setting, unsigned *member)
{
	const struct option_word *word = scalar_word(setting);
	uint64_t number;

	if (word)
		*member = (unsigned)word->value;
	else if (!read_digits(setting->text, &number))
		fault_range(setting);
	else if (!is_plain(setting))
		fault_quotes(setting);
	else if (setting->text[0] == '0' && setting->text[1])
		fault_value(setting, "must be a decimal number without leading zeros");
	else if (!is_within(setting->option, number) || number > UINT32_MAX)
		fault_range(setting);
	else
		*member = (unsigned)number;
}

static void set_mode(struct setting *setting, unsigned *member)
{
	const char *text = setting->text;
	unsigned mode = 0;

	if (strlen(text) != 4 || text[0] != '0' || text[strspn(text, "01234567")]) {
		fault_range(setting);
		return;
	}
	for (; *text; text++)
		mode = mode * 8 + (unsigned)(*text - '0');
	*member = mode;
}

static void set_size(struct setting *setting, size_t *member)
{
	uint64_t bytes;
	const int r = units_size_parse(setting->text, strlen(setting->text), &bytes);

	if (r == 0 && is_within(setting->option, bytes))
		*member = bytes;
	else if (r == -EINVAL)
		fault_size(setting);
	else
		fault_range(setting);
}

static void set_duration(struct setting *setting, usec_t *member)
{
	usec_t duration;
	const int r = units_duration_parse(setting->text, strlen(setting->text), &duration);

	if (r == 0 && is_within(setting->option, duration))
		*member = duration;
	else if (r == -EINVAL)
		fault_duration(setting);
	else
		fault_range(setting);
}

static void set_choice(struct setting *setting, int *member)
{
	const struct option_word *word = scalar_word(setting);

	if (word)
		*member = word->value;
	else
		fault_choice(setting);
}

static bool is_clean_path(const char *path)
{
	const size_t len = strlen(path);

	return path[0] == '/' && !strstr(path, "/../") && !strstr(path, "/./") &&
	       (len < 3 || strcmp(path + len - 3, "/..") != 0) &&
	       (len < 2 || strcmp(path + len - 2, "/.") != 0);
}

bool scalar_is_fit(const struct setting *setting)
{
	const struct option *option = setting->option;
	const size_t len = strlen(setting->text);
	cleanup(text)
	struct text wanted = { 0 };

	if (len < option->min) {
		if (len == 0)
			fault_value(setting, "must not be empty");
		else
			fault_value(setting, "must have at least %zu bytes", (size_t)option->min);
		return false;
	}
	if (option->max && len > option->max) {
		fault_value(setting, "may have at most %zu bytes; it has %zu", (size_t)option->max,
			    len);
		return false;
	}
	if (!option->has_lines && strpbrk(setting->text, "\r\n")) {
		fault_value(setting, "must be one line, without CR and LF");
		return false;
	}
	if (option->kind == OPTION_PATH && !is_clean_path(setting->text)) {
		fault_value(setting, "must be an absolute path without '.' and '..'");
		return false;
	}
	if (option->check && !option->check(setting->text, len, &wanted)) {
		if (setting->is_secret && option->quotes_text)
			fault_value(setting,
				    "cannot be what the reference gives, which is not shown");
		else
			fault_value(setting, "%s", text_string(&wanted));
		return false;
	}
	return true;
}

/* "user:password@" in a URL has a secret: the password or, without one, the user. */
static void note_userinfo(const struct setting *setting)
{
	const struct option_reader *reader = setting->reader;
	size_t len;
	const char *userinfo = scalar_userinfo(setting->text, &len);
	const char *colon = userinfo ? memchr(userinfo, ':', len) : NULL;

	if (!userinfo || !reader->secret)
		return;
	if (colon) {
		len -= (size_t)(colon + 1 - userinfo);
		userinfo = colon + 1;
	}
	if (len)
		reader->secret(arena_text_len(reader->arena, userinfo, len), reader->context);
}

const char *scalar_userinfo(const char *url, size_t *ret_len)
{
	const char *host = strstr(url, "://");
	const char *at = NULL;

	if (!host)
		return NULL;
	host += 3;
	/* The last one before the path counts, as in the URL Standard. */
	for (size_t i = 0; host[i] && !strchr("/?#", host[i]); i++)
		if (host[i] == '@')
			at = host + i;
	if (!at)
		return NULL;
	*ret_len = (size_t)(at - host);
	return host;
}

const char *scalar_keep(const struct setting *setting, bool is_secret)
{
	const struct option_reader *reader = setting->reader;

	if (is_secret && *setting->text && reader->secret)
		reader->secret(setting->text, reader->context);
	if (setting->option->is_url)
		note_userinfo(setting);
	/* Built-in values live as long as the program; what was expanded is in the arena. */
	if (!reader->complaints || setting->text != setting->value->text)
		return setting->text;
	return arena_text_len(reader->arena, setting->text, setting->value->count);
}

static void set_text(struct setting *setting, const char **member)
{
	if (scalar_is_fit(setting))
		*member = scalar_keep(setting, setting->option->kind == OPTION_SECRET);
}

void scalar_set(struct setting *setting, void *member)
{
	switch (setting->option->kind) {
	case OPTION_FLAG:
		set_flag(setting, member);
		break;
	case OPTION_COUNT:
		set_count(setting, member);
		break;
	case OPTION_MODE:
		set_mode(setting, member);
		break;
	case OPTION_SIZE:
		set_size(setting, member);
		break;
	case OPTION_DURATION:
		set_duration(setting, member);
		break;
	case OPTION_CHOICE:
		set_choice(setting, member);
		break;
	case OPTION_TEXT:
	case OPTION_SECRET:
	case OPTION_PATH:
		set_text(setting, member);
		break;
	case OPTION_LAST:
	case OPTION_TEXTS:
	case OPTION_PAIRS:
	case OPTION_MAPPING:
	case OPTION_MAPPINGS:
	case OPTION_STEPS:
	case OPTION_NAMED:
	case OPTION_LINES:
		assert(false);
	}
}
