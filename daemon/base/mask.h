/* mask.h - secrets do not come back: what a server echoes is shown as ***. */
#pragma once

/* `text` (malloc'ed, or NULL), or another one in its place, in which no secret is
 * left: neither as it is nor as a message would escape it.  `secrets` ends with
 * NULL, or is NULL.
 */
char *mask_secrets(char *text, const char *const *secrets);

/* `secrets` (or NULL) and one more (or NULL) in a list of their own, to be freed; the
 * texts are borrowed.
 */
const char **mask_list(const char *const *secrets, const char *token);
