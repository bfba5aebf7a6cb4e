/* complaint.h - everything that is wrong with a configuration, in one go.
 *
 * Faults refuse the configuration, warnings do not.  What is said twice about
 * one place is kept once.  After COMPLAINTS_MAX of either kind only the number
 * grows.  Not for several threads at once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct complaints;
struct text;

enum { COMPLAINTS_MAX = 1000 };

/* Where: a file as people named it, and line and column from 1.  Line 0 is the
 * whole file; file NULL is no file at all (a command line).
 */
struct place {
	const char *file;
	uint32_t line, column;
};

struct complaint {
	struct place place;
	const char *message; /* one line; control characters escaped */
	bool is_warning;
};

struct complaints *complaints_new(void);
void complaints_free(struct complaints *complaints);

/* The file's name is copied. */
void complain(struct complaints *complaints, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void complain_warn(struct complaints *complaints, const struct place *place, const char *format,
		   ...) __attribute__((format(printf, 3, 4)));

/* How many there were, also beyond those that are kept. */
size_t complaints_faults(const struct complaints *complaints);
size_t complaints_warnings(const struct complaints *complaints);
/* How often complain() was called, repetitions counted: equal before and after is "no fault". */
size_t complaints_calls(const struct complaints *complaints);

/* Sorted by file (in the order in which files were first complained about), line
 * and column; a line each: "FILE:LINE:COLUMN: message", "FILE:LINE:COLUMN: warning: message".
 */
void complaints_print(struct complaints *complaints, struct text *text);
/* The same without the warnings. */
void complaints_print_faults(struct complaints *complaints, struct text *text);
/* The same one by one, for JSON; count is of those that are kept. */
size_t complaints_count(const struct complaints *complaints);
const struct complaint *complaints_get(struct complaints *complaints, size_t index);

/* The one of `words` (NULL-terminated) that was probably meant, or NULL: at most a
 * third of its letters wrong, missing, too many or swapped.
 */
const char *complaint_nearest(const char *word, const char *const *words);
