/* scalar.h - within option/: from one scalar to one member, by the kind of its row. */
#pragma once

#include "option/fault.h"

/* Resolves the references into setting->text; false after a complaint. */
bool scalar_read(struct setting *setting);
/* Checks what was read and sets the member; complains and leaves it alone if it will not do. */
void scalar_set(struct setting *setting, void *member);

/* For lists of texts: whether a text may stand there (complains if not), and a copy
 * for the object, noted as a secret where it is one.
 */
bool scalar_is_fit(const struct setting *setting);
const char *scalar_keep(const struct setting *setting, bool is_secret);
/* One of the row's words, or NULL. */
const struct option_word *scalar_word(const struct setting *setting);

/* "user:password" before the host of a URL, or NULL. */
const char *scalar_userinfo(const char *url, size_t *ret_len);
