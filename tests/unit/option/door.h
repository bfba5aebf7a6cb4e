/* door.h - a table with a row of every kind, and parsed values without a file. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "option/option.h"
#include "option/value.h"

enum swing { SWING_IN, SWING_OUT };

struct lock {
	const char *maker;
	const char *code;
	unsigned bolts;
};

struct door {
	bool is_open;
	unsigned number;
	unsigned mode;
	size_t size;
	usec_t wait;
	enum swing swing;
	const char *host;
	const char *code;
	const char *path;
	const char *url;
	const char *const *names;
	struct option_pairs labels;
	struct lock lock;
	const struct lock *spare;
	const struct value *lines;
};

static const struct option_word swings[] = { { "in", SWING_IN }, { "out", SWING_OUT }, { 0 } };
static const struct option_word automatic[] = { { "auto", 0 }, { 0 } };
static const struct option_word nobody[] = { { "nobody", 0 }, { 0 } };

static bool check_host(const char *text, size_t len, struct text *wanted)
{
	(void)len;
	text_append(wanted, "must have no blanks");
	return !strchr(text, ' ');
}

static const struct option lock_options[] = {
	{
		.key = "maker",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct lock, maker, const char *),
		.is_required = true,
		.min = 1,
		.about = "Who made it.",
		.example = "Hobbs",
	},
	{
		.key = "code",
		.kind = OPTION_SECRET,
		.offset = MEMBER(struct lock, code, const char *),
		.about = "What opens it.",
		.example = "1234",
	},
	{
		.key = "bolts",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct lock, bolts, unsigned),
		.fallback = "2",
		.min = 1,
		.max = 9,
		.about = "Bolts.",
	},
	OPTION_END
};

static void examine_lock(const void *object, struct complaints *complaints,
			 const struct option_places *places)
{
	const struct lock *lock = object;

	if (lock->bolts > 8)
		option_complain(complaints, places, "bolts", "so many bolts need a wider door");
}

static const struct option_table lock_table = {
	.options = lock_options,
	.size = sizeof(struct lock),
	.short_key = "maker",
	.examine = examine_lock,
};

static const struct option door_options[] = {
	{
		.key = "is_open",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct door, is_open, bool),
		.fallback = "true",
		.about = "Whether it stands open.",
	},
	{
		.key = "number",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct door, number, unsigned),
		.fallback = "7",
		.min = 1,
		.max = 99,
		.words = automatic,
		.about = "Number on it.",
		.elsewhere = "digit house_number",
	},
	{
		.key = "mode",
		.kind = OPTION_MODE,
		.offset = MEMBER(struct door, mode, unsigned),
		.fallback = "0660",
		.about = "Who may pass.",
	},
	{
		.key = "size",
		.kind = OPTION_SIZE,
		.offset = MEMBER(struct door, size, size_t),
		.fallback = "64KiB",
		.min = 1024,
		.max = 1 << 20,
		.about = "How large.",
	},
	{
		.key = "wait",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct door, wait, usec_t),
		.fallback = "10s",
		.min = USEC_PER_SEC,
		.max = USEC_PER_DAY,
		.about = "How long to wait in front of it.",
	},
	{
		.key = "swing",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct door, swing, enum swing),
		.fallback = "out",
		.words = swings,
		.about = "Where it swings.",
	},
	{
		.key = "host",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct door, host, const char *),
		.min = 1,
		.max = 20,
		.check = check_host,
		.about = "Who lives behind it.",
		.example = "nobody",
	},
	{
		.key = "code",
		.kind = OPTION_SECRET,
		.offset = MEMBER(struct door, code, const char *),
		.about = "What opens it.",
		.example = "1234",
	},
	{
		.key = "path",
		.kind = OPTION_PATH,
		.offset = MEMBER(struct door, path, const char *),
		.about = "How to get there.",
		.example = "/home",
	},
	{
		.key = "url",
		.kind = OPTION_TEXT,
		.is_url = true,
		.offset = MEMBER(struct door, url, const char *),
		.about = "How to get there from far.",
		.example = "http://door.example.com/",
	},
	{
		.key = "names",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct door, names, const char *const *),
		.words = nobody,
		.about = "Names beside the bell.",
		.example = "[Ada, Grace]",
	},
	{
		.key = "labels",
		.kind = OPTION_PAIRS,
		.ignores_case = true,
		.offset = MEMBER(struct door, labels, struct option_pairs),
		.about = "What else is written on it.",
		.example = "{ beware: dog }",
	},
	{
		.key = "lock",
		.kind = OPTION_MAPPING,
		.table = &lock_table,
		.offset = MEMBER(struct door, lock, struct lock),
		.about = "The lock.",
	},
	{
		.key = "spare",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.table = &lock_table,
		.offset = MEMBER(struct door, spare, const struct lock *),
		.about = "Another lock.",
		.example = "Chubb",
	},
	{
		.key = "lines",
		.kind = OPTION_LINES,
		.offset = MEMBER(struct door, lines, const struct value *),
		.about = "What visitors said.",
		.example = "[hello]",
	},
	OPTION_END
};

static const struct option_table door_table = {
	.options = door_options,
	.size = sizeof(struct door),
	.free_prefix = "x-",
};

/* Values as if they stood in "door.yaml": line and column count up, so each has a place. */
struct paper {
	struct arena *arena;
	uint32_t line;
};

static inline struct value paper_write(struct paper *paper, enum value_kind kind,
				       enum value_style style, const char *text)
{
	return (struct value){
		.file = "door.yaml",
		.line = ++paper->line,
		.column = 3,
		.kind = (uint8_t)kind,
		.style = (uint8_t)style,
		.text = arena_text(paper->arena, text),
		.count = (uint32_t)strlen(text),
	};
}

/* Lists and mappings of `count` values that stand behind. */
static inline struct value paper_collect(struct paper *paper, enum value_kind kind,
					 const struct value *items, uint32_t count)
{
	struct value *copy = arena_take(paper->arena, (count + 1) * sizeof(*copy));
	struct value value = paper_write(paper, kind, VALUE_PLAIN, "");

	if (count)
		memcpy(copy, items, count * sizeof(*copy));
	value.items = copy;
	value.count = kind == VALUE_MAP ? count / 2 : count;
	return value;
}

#define PLAIN(text)  paper_write(paper, VALUE_SCALAR, VALUE_PLAIN, text)
#define QUOTED(text) paper_write(paper, VALUE_SCALAR, VALUE_DOUBLE, text)
#define NOTHING()    paper_write(paper, VALUE_NULL, VALUE_PLAIN, "")
#define COLLECT(kind, ...)                                                                         \
	paper_collect(paper, kind, (const struct value[]){ __VA_ARGS__ },                          \
		      sizeof((const struct value[]){ __VA_ARGS__ }) / sizeof(struct value))
#define MAP(...)  COLLECT(VALUE_MAP, __VA_ARGS__)
#define LIST(...) COLLECT(VALUE_LIST, __VA_ARGS__)
