/* words.h - taking texts apart. */
#pragma once

#include <stddef.h>

/* The next piece between bytes of `separators`, cut out of *rest; empty ones are
 * skipped.  NULL at the end.
 */
char *words_next(char **rest, const char *separators);
/* Without blanks at both ends; changes the text. */
char *words_trimmed(char *text);
/* A decimal number up to `most`.  0 or -EINVAL. */
int words_number(const char *text, size_t most, size_t *ret_number);
/* With %XX decoded, to be freed. */
char *words_decoded(const char *text);
/* The value of `name` in "a=1&b=2", decoded and to be freed, or NULL. */
char *words_query(const char *query, const char *name);
