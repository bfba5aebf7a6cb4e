/* subject.h - what an expectation can ask about.
 *
 * A new subject is one row in subject.c: its name, the probes that have it, its
 * type, and the function that takes it from an observation.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "expect/value.h"

/* What comes after the word. */
enum subject_takes {
	TAKES_NOTHING,
	TAKES_NAME, /* header NAME */
	TAKES_PATH, /* json PATH */
};

/* SUBJECT_FOUND with the value; SUBJECT_END behind the last element of a list. */
enum subject_found { SUBJECT_ABSENT, SUBJECT_FOUND, SUBJECT_END };

/* `cursor` is 0 at the first call and belongs to the subject; what is no list ignores it.
 * `name` is what came after the word, or NULL.
 */
typedef enum subject_found subject_get(const struct observation *observation, const char *name,
				       size_t *cursor, struct value *ret);

struct subject {
	const char *name;
	unsigned probes; /* enum subjects: who has it; one bit is enough */
	enum type type; /* of a list: of its elements */
	enum subject_takes takes;
	bool is_list; /* also without a quantifier */
	bool is_lines; /* a list with a quantifier, else joined by ", " */
	bool reads_body;
	const char *unit; /* of a duration, for those who forget it */
	subject_get *get; /* NULL for json, which needs the document */
	const char *absent; /* why it may not exist, or NULL */
};

/* The row, or NULL. */
const struct subject *subject_find(const char *name, size_t len);
/* By index, NULL behind the last. */
const struct subject *subject_at(size_t index);

/* What no probe but those with one of these bits has: "only http has it". */
const char *subject_probes(unsigned probes);
