/* mask.h - secrets do not come back: what a server echoes is shown as ***.
 *
 * A secret is known as it is, as a message would escape it, and as JSON would.  `secrets`
 * ends with NULL, or is NULL.  Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text;

/* `text` (malloc'ed, or NULL), or another one in its place, in which no secret is left. */
char *mask_secrets(char *text, const char *const *secrets);

/* For what is cut.  Whoever cuts first and masks afterwards shows the half of a secret that
 * lies across the cut; these look for secrets in all of `data` and cut what that came to.
 */

/* Appends until more than `max` bytes were: utf8_cut() does the rest.  Whether something is
 * left out.  `is_part`: more was there than `data`, so its end may be half a secret, and
 * nothing that a secret might begin in is appended.
 */
bool mask_append(struct text *text, const char *data, size_t len, size_t max, bool is_part,
		 const char *const *secrets);
/* As text_append_escaped(), up to the limit of `text`. */
void mask_append_escaped(struct text *text, const char *data, size_t len,
			 const char *const *secrets);
/* The longest form of any of them, in bytes. */
size_t mask_longest(const char *const *secrets);

/* `secrets` (or NULL) and one more (or NULL) in a list of their own, to be freed; the
 * texts are borrowed.
 */
const char **mask_list(const char *const *secrets, const char *token);
