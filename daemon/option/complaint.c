/* complaint.c - everything that is wrong with a configuration, in one go. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "option/complaint.h"

struct kept {
	struct complaint complaint;
	size_t file_order, order; /* files and complaints in the order in which they came */
};

struct complaints {
	struct arena *arena; /* of names and messages */
	struct map *files; /* name -> itself, so that each is kept once */
	struct map *said; /* "place message" -> itself */
	struct kept *kept; /* owned */
	size_t count, room;
	size_t faults, warnings, calls;
	size_t warnings_kept; /* of `count` */
	bool is_sorted;
};

struct complaints *complaints_new(void)
{
	struct complaints *complaints = MEMORY_NEW(struct complaints);

	complaints->arena = arena_new();
	complaints->files = map_new();
	complaints->said = map_new();
	return complaints;
}

void complaints_free(struct complaints *complaints)
{
	map_free(complaints->files);
	map_free(complaints->said);
	arena_free(complaints->arena);
	free(complaints->kept);
	free(complaints);
}

/* A copy of the name, the same for the same name, with its number in front. */
struct file {
	size_t order;
	char name[];
};

static const struct file *file_of(struct complaints *complaints, const char *name)
{
	struct file *file = map_find(complaints->files, name);
	const size_t len = strlen(name);

	if (file)
		return file;
	file = arena_take(complaints->arena, sizeof(*file) + len + 1);
	file->order = map_count(complaints->files) + 1;
	memcpy(file->name, name, len + 1);
	map_set(complaints->files, file->name, file);
	return file;
}

/* Each kind for itself, so that warnings leave room for what refuses the configuration. */
static bool is_full(const struct complaints *complaints, bool is_warning)
{
	const size_t warnings = complaints->warnings_kept;

	return (is_warning ? warnings : complaints->count - warnings) == COMPLAINTS_MAX;
}

/* Whether this was said about that place before; from now on it was, where it is kept. */
static bool was_said(struct complaints *complaints, const struct place *place, bool is_kept,
		     const char *message)
{
	cleanup(text)
	struct text key = { 0 };
	char *copy;

	text_print(&key, "%s:%u:%u:%s", place->file ? place->file : "", place->line, place->column,
		   message);
	if (map_find(complaints->said, key.data))
		return true;
	if (!is_kept)
		return false;
	copy = arena_text(complaints->arena, key.data);
	map_set(complaints->said, copy, copy);
	return false;
}

static void keep(struct complaints *complaints, const struct place *place, bool is_warning,
		 const char *message)
{
	const struct file *file = place->file ? file_of(complaints, place->file) : NULL;
	struct kept *kept;

	if (complaints->count == complaints->room) {
		complaints->room = memory_next_room(complaints->room, 16);
		complaints->kept =
			memory_grow(complaints->kept, complaints->room, sizeof(*complaints->kept));
	}
	kept = &complaints->kept[complaints->count];
	*kept = (struct kept){
		.complaint.place = *place,
		.complaint.message = arena_text(complaints->arena, message),
		.complaint.is_warning = is_warning,
		.file_order = file ? file->order : 0,
		.order = complaints->count++,
	};
	kept->complaint.place.file = file ? file->name : NULL;
	complaints->warnings_kept += is_warning;
	complaints->is_sorted = false;
}

static void add(struct complaints *complaints, const struct place *place, bool is_warning,
		const char *format, va_list arguments) __attribute__((format(printf, 4, 0)));
static void add(struct complaints *complaints, const struct place *place, bool is_warning,
		const char *format, va_list arguments)
{
	static const struct place nowhere = { 0 };
	const bool is_kept = !is_full(complaints, is_warning);
	cleanup(text)
	struct text raw = { .limit_bytes = 2000 }, message = { 0 };

	text_vprint(&raw, format, arguments);
	text_append_escaped(&message, text_string(&raw), raw.len);
	if (raw.is_cut)
		text_append(&message, "…");
	if (!place)
		place = &nowhere;
	if (was_said(complaints, place, is_kept, text_string(&message)))
		return;
	if (is_warning)
		complaints->warnings++;
	else
		complaints->faults++;
	if (is_kept)
		keep(complaints, place, is_warning, text_string(&message));
}

void complain(struct complaints *complaints, const struct place *place, const char *format, ...)
{
	va_list arguments;

	complaints->calls++;
	va_start(arguments, format);
	add(complaints, place, false, format, arguments);
	va_end(arguments);
}

void complain_warn(struct complaints *complaints, const struct place *place, const char *format,
		   ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(complaints, place, true, format, arguments);
	va_end(arguments);
}

size_t complaints_faults(const struct complaints *complaints)
{
	return complaints->faults;
}

size_t complaints_warnings(const struct complaints *complaints)
{
	return complaints->warnings;
}

size_t complaints_calls(const struct complaints *complaints)
{
	return complaints->calls;
}

static int compare_number(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare(const void *left, const void *right)
{
	const struct kept *a = left, *b = right;
	int order = compare_number(a->file_order, b->file_order);

	if (order == 0)
		order = compare_number(a->complaint.place.line, b->complaint.place.line);
	if (order == 0)
		order = compare_number(a->complaint.place.column, b->complaint.place.column);
	return order ? order : compare_number(a->order, b->order);
}

size_t complaints_count(const struct complaints *complaints)
{
	return complaints->count;
}

const struct complaint *complaints_get(struct complaints *complaints, size_t index)
{
	if (!complaints->is_sorted && complaints->count)
		qsort(complaints->kept, complaints->count, sizeof(*complaints->kept), compare);
	complaints->is_sorted = true;
	return &complaints->kept[index].complaint;
}

static void print_one(const struct complaint *complaint, struct text *text)
{
	const struct place *place = &complaint->place;

	if (place->file)
		text_append_escaped(text, place->file, strlen(place->file));
	if (place->file && place->line)
		text_print(text, ":%u:%u", place->line, place->column);
	text_append(text, place->file ? ": " : "");
	text_append(text, complaint->is_warning ? "warning: " : "");
	text_append(text, complaint->message);
	text_append_char(text, '\n');
}

static void print_rest(size_t count, struct text *text)
{
	if (count > 0)
		text_print(text, "and %zu more\n", count);
}

void complaints_print(struct complaints *complaints, struct text *text)
{
	for (size_t i = 0; i < complaints->count; i++)
		print_one(complaints_get(complaints, i), text);
	print_rest(complaints->faults + complaints->warnings - complaints->count, text);
}

void complaints_print_faults(struct complaints *complaints, struct text *text)
{
	for (size_t i = 0; i < complaints->count; i++)
		if (!complaints_get(complaints, i)->is_warning)
			print_one(complaints_get(complaints, i), text);
	print_rest(complaints->faults - (complaints->count - complaints->warnings_kept), text);
}

enum { WORD_MAX = 64 };

static char folded(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '-' ? '_' : c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][WORD_MAX + 1];

	for (unsigned j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a_len; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *top = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= b_len; j++) {
			const bool is_same = folded(a[i - 1]) == folded(b[j - 1]);

			row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + !is_same);
			if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) &&
			    folded(a[i - 2]) == folded(b[j - 1]))
				row[j] = least(row[j], top[j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

const char *complaint_nearest(const char *word, const char *const *words)
{
	const size_t len = strlen(word);
	const char *nearest = NULL;
	unsigned best = len < 3 ? 0 : (unsigned)(len + 2) / 3;

	/* Another number is another value, not a slip of the finger. */
	if (len > WORD_MAX || (*word >= '0' && *word <= '9'))
		return NULL;
	for (; *words; words++) {
		const size_t words_len = strlen(*words);
		unsigned far;

		if (words_len > WORD_MAX)
			continue;
		far = distance(word, len, *words, words_len);
		if (far < best || (far == best && !nearest)) {
			best = far;
			nearest = *words;
		}
	}
	return nearest;
}
