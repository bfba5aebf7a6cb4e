/* fault.c - the sentences about values that will not do. */
#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"
#include "option/fault.h"

enum { SHOWN_BYTES = 80, KEYS_MAX = 128 };

/* What a person wrote, as far as it may be shown. */
static void append_written(struct text *text, const struct setting *setting)
{
	struct text shown = { .limit_bytes = SHOWN_BYTES };

	if (setting->option->is_url && strchr(setting->text, '@'))
		return;
	if (setting->is_secret || setting->option->kind == OPTION_SECRET ||
	    setting->option->is_secret || setting->value->kind != VALUE_SCALAR)
		return;
	text_append(&shown, setting->text ? setting->text : setting->value->text);
	if (shown.len > 0)
		text_print(text, ", not '%s%s'", shown.data, shown.is_cut ? "…" : "");
	text_done(&shown);
}

static void say(const struct setting *setting, const char *sentence)
{
	const struct place place = value_place(setting->value);

	/* Only a built-in value is set without anybody to complain to. */
	assert(setting->reader->complaints);
	complain(setting->reader->complaints, &place, "%s", sentence);
}

void fault_value(const struct setting *setting, const char *wanted, ...)
{
	cleanup(text)
	struct text sentence = { 0 };
	va_list arguments;

	text_print(&sentence, "'%s' ", setting->option->key);
	va_start(arguments, wanted);
	text_vprint(&sentence, wanted, arguments);
	va_end(arguments);
	append_written(&sentence, setting);
	say(setting, text_string(&sentence));
}

void fault_shape(const struct setting *setting, const char *wanted)
{
	cleanup(text)
	struct text sentence = { 0 };

	text_print(&sentence, "'%s' must be %s, not %s", setting->option->key, wanted,
		   value_kind_name(setting->value));
	say(setting, text_string(&sentence));
}

void fault_element(const struct setting *setting)
{
	cleanup(text)
	struct text sentence = { 0 };

	text_print(&sentence, "'%s' takes single values, not %s", setting->option->key,
		   value_kind_name(setting->value));
	say(setting, text_string(&sentence));
}

void fault_quotes(const struct setting *setting)
{
	cleanup(text)
	struct text sentence = { 0 };
	const bool is_flag = setting->option->kind == OPTION_FLAG;

	text_print(&sentence, "'%s' must be %s: write it without quotes", setting->option->key,
		   is_flag ? "true or false" : "a number");
	say(setting, text_string(&sentence));
}

/* Other spellings of units, and how many of ours one of them is. */
struct spelling {
	const char *name;
	uint64_t units;
};

static const struct spelling durations[] = {
	{ "us", 1 },
	{ "usec", 1 },
	{ "µs", 1 },
	{ "ms", USEC_PER_MS },
	{ "msec", USEC_PER_MS },
	{ "millis", USEC_PER_MS },
	{ "millisecond", USEC_PER_MS },
	{ "milliseconds", USEC_PER_MS },
	{ "s", USEC_PER_SEC },
	{ "sec", USEC_PER_SEC },
	{ "secs", USEC_PER_SEC },
	{ "second", USEC_PER_SEC },
	{ "seconds", USEC_PER_SEC },
	{ "m", USEC_PER_MIN },
	{ "min", USEC_PER_MIN },
	{ "mins", USEC_PER_MIN },
	{ "minute", USEC_PER_MIN },
	{ "minutes", USEC_PER_MIN },
	{ "h", USEC_PER_HOUR },
	{ "hr", USEC_PER_HOUR },
	{ "hour", USEC_PER_HOUR },
	{ "hours", USEC_PER_HOUR },
	{ "d", USEC_PER_DAY },
	{ "day", USEC_PER_DAY },
	{ "days", USEC_PER_DAY },
	{ "w", 7 * USEC_PER_DAY },
	{ "week", 7 * USEC_PER_DAY },
	{ "weeks", 7 * USEC_PER_DAY },
	{ NULL, 0 },
};

static const struct spelling sizes[] = {
	{ "b", 1 },
	{ "byte", 1 },
	{ "bytes", 1 },
	{ "k", 1024 },
	{ "kb", 1000 },
	{ "kib", 1024 },
	{ "m", 1024 * 1024 },
	{ "mb", 1000000 },
	{ "mib", 1024 * 1024 },
	{ "g", 1024 * 1024 * 1024 },
	{ "gb", 1000000000 },
	{ "gib", 1024 * 1024 * 1024 },
	{ NULL, 0 },
};

/* A number with a fraction, blanks and any unit above, in units of the smallest.
 * False where it is nothing of that kind, or too much.
 */
static bool guess(const char *text, const struct spelling *spellings, uint64_t *ret)
{
	char *end;
	const double number = strtod(text, &end);

	if (end == text || !(number >= 0 && number < 1e9) || strchr("eExXnN", text[0]) ||
	    strcspn(text, "eExXpP") < (size_t)(end - text))
		return false;
	end += strspn(end, " ");
	for (; spellings->name; spellings++) {
		const double units = number * (double)spellings->units;

		if (strcasecmp(end, spellings->name) != 0)
			continue;
		*ret = (uint64_t)(units + 0.5);
		return units < 1e15 && *ret > 0;
	}
	return false;
}

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0' && strlen(text) < 10;
}

/* "12:30:45", which YAML 1.1 took for a number: hours, minutes and seconds, or minutes and seconds. */
static bool guess_clock(const char *text, uint64_t *ret)
{
	unsigned parts[3], count = 0;
	char *end;

	for (;; text = end + 1) {
		if (count == 3 || *text < '0' || *text > '9')
			return false;
		parts[count] = (unsigned)strtoul(text, &end, 10) % 100000;
		count++;
		if (*end == '\0')
			break;
		if (*end != ':')
			return false;
	}
	if (count == 3)
		*ret = parts[0] * USEC_PER_HOUR + parts[1] * USEC_PER_MIN + parts[2] * USEC_PER_SEC;
	else
		*ret = parts[0] * USEC_PER_MIN + parts[1] * USEC_PER_SEC;
	return count > 1 && *ret > 0;
}

void fault_duration(const struct setting *setting)
{
	cleanup(text)
	struct text written = { 0 };
	uint64_t usec;

	if (is_number(setting->text)) {
		fault_value(setting, "needs a unit: write %ss (or ms, m, h, d)", setting->text);
	} else if (guess(setting->text, durations, &usec) || guess_clock(setting->text, &usec)) {
		units_duration_print(&written, usec);
		fault_value(setting, "must be a duration: write %s", text_string(&written));
	} else {
		fault_describe(setting->option, &written);
		fault_value(setting, "must be %s", text_string(&written));
	}
}

void fault_size(const struct setting *setting)
{
	cleanup(text)
	struct text written = { 0 };
	uint64_t bytes;

	if (is_number(setting->text)) {
		units_size_print(&written, strtoull(setting->text, NULL, 10));
		fault_value(setting, "needs a unit: write %s (or KiB, MiB, KB, MB)",
			    text_string(&written));
	} else if (guess(setting->text, sizes, &bytes)) {
		units_size_print(&written, bytes);
		fault_value(setting, "must be a size: write %s", text_string(&written));
	} else {
		fault_describe(setting->option, &written);
		fault_value(setting, "must be %s", text_string(&written));
	}
}

void fault_choice(const struct setting *setting)
{
	cleanup(text)
	struct text wanted = { 0 };
	const char *words[KEYS_MAX + 1];
	const char *nearest;
	unsigned count = 0;

	for (const struct option_word *word = setting->option->words; word->word; word++)
		if (count < KEYS_MAX)
			words[count++] = word->word;
	words[count] = NULL;
	nearest = complaint_nearest(setting->text, words);
	fault_describe(setting->option, &wanted);
	if (nearest && !setting->is_secret)
		fault_value(setting, "must be %s (did you mean '%s'?)", text_string(&wanted),
			    nearest);
	else
		fault_value(setting, "must be %s", text_string(&wanted));
}

/* Whether `word` is one of the words in `list`. */
static bool is_among(const char *word, const char *list)
{
	const size_t len = strlen(word);

	while (list && *list) {
		const size_t width = strcspn(list, " ");

		if (width == len && memcmp(list, word, len) == 0)
			return true;
		list += width + strspn(list + width, " ");
	}
	return false;
}

/* The row whose mapping has such a key, for a key that stands one level too high. */
static const struct option *find_below(const struct option_table *table, const char *key)
{
	for (const struct option *row = table->options; row->kind != OPTION_LAST; row++) {
		if (row->kind != OPTION_MAPPING)
			continue;
		for (const struct option *below = row->table->options; below->kind != OPTION_LAST;
		     below++)
			if (strcmp(below->key, key) == 0)
				return row;
	}
	return NULL;
}

void fault_unknown_key(const struct option_table *table, const struct value *key,
		       const struct option_reader *reader)
{
	const struct place place = value_place(key);
	const struct option *below = find_below(table, key->text);
	const char *words[KEYS_MAX + 1];
	const char *nearest = NULL;
	unsigned count = 0;

	for (const struct option *row = table->options; row->kind != OPTION_LAST; row++) {
		if (is_among(key->text, row->elsewhere))
			nearest = row->key;
		if (count < KEYS_MAX)
			words[count++] = row->key;
	}
	words[count] = NULL;
	if (!nearest && !below)
		nearest = complaint_nearest(key->text, words);
	if (nearest)
		complain(reader->complaints, &place, "unknown key '%.80s'; did you mean '%s'?",
			 key->text, nearest);
	else if (below)
		complain(reader->complaints, &place,
			 "unknown key '%.80s' here; it belongs under '%s:'", key->text, below->key);
	else
		complain(reader->complaints, &place, "unknown key '%.80s'", key->text);
}

static void describe_words(const struct option *option, struct text *text)
{
	for (const struct option_word *word = option->words; word && word->word; word++)
		text_print(text, "%s%s",
			   word == option->words ? ""
			   : word[1].word	 ? ", "
						 : " or ",
			   word->word);
}

static void describe_range(const struct option *option, struct text *text,
			   void (*print)(struct text *, uint64_t))
{
	if (option->min) {
		text_append(text, " from ");
		print(text, option->min);
	}
	if (option->max) {
		text_append(text, option->min ? " to " : " of at most ");
		print(text, option->max);
	}
}

void fault_describe(const struct option *option, struct text *text)
{
	switch (option->kind) {
	case OPTION_FLAG:
		text_append(text, "true or false");
		break;
	case OPTION_COUNT:
		text_append(text, "a number");
		describe_range(option, text, text_append_uint);
		if (option->words) {
			text_append(text, ", or ");
			describe_words(option, text);
		}
		break;
	case OPTION_MODE:
		text_append(text, "permissions in octal, such as \"0660\"");
		break;
	case OPTION_SIZE:
		text_append(text, "a size");
		describe_range(option, text, units_size_print);
		break;
	case OPTION_DURATION:
		text_append(text, "a duration");
		describe_range(option, text, units_duration_print);
		break;
	case OPTION_CHOICE:
		describe_words(option, text);
		break;
	case OPTION_TEXT:
		text_append(text, "a text");
		break;
	case OPTION_SECRET:
		text_append(text, "a text, kept secret");
		break;
	case OPTION_PATH:
		text_append(text, "an absolute path");
		break;
	case OPTION_TEXTS:
		text_append(text, option->words ? "" : "a list of texts, or one");
		if (option->words) {
			describe_words(option, text);
			text_append(text, ", or a list of texts");
		}
		break;
	case OPTION_PAIRS:
		text_append(text, "a mapping of texts");
		break;
	case OPTION_MAPPING:
		text_append(text, "a mapping");
		break;
	case OPTION_MAPPINGS:
	case OPTION_STEPS:
		text_append(text, "a list of mappings");
		break;
	case OPTION_NAMED:
		text_append(text, "names, each with a mapping");
		break;
	case OPTION_LINES:
		text_append(text, "a list of lines, or one");
		break;
	case OPTION_LAST:
		break;
	}
}
