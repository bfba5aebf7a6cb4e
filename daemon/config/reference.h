/* reference.h - ${credential:NAME}, ${env:NAME}, ${file:PATH} and ${each} in a text.
 *
 * Resolved while the configuration loads; each is looked up once a load.  What
 * came from outside is a secret from then on.  Any other ${ stands for itself, with a warning.
 */
#pragma once

#include "config/files.h"

struct references;

enum { REFERENCE_MAX_BYTES = 64 * 1024 };

/* The arena is where resolved texts live. */
struct references *references_new(struct arena *arena, const struct files *files,
				  struct complaints *complaints);
void references_free(struct references *references);

/* What stands for ${each} and, where asked, {}. */
struct each {
	const char *value; /* NULL: there is none */
	bool is_open; /* it is not known yet whether there is one: texts that ask are left out */
	bool was_asked; /* set where a text needed it */
};

/* The scalar's text with everything replaced, or NULL after a complaint, or where it is open.  `secret` is told
 * each piece that came from outside, and *ret_is_secret is set.
 */
const char *references_expand(struct references *references, const struct value *scalar,
			      bool braces, struct each *each,
			      void (*secret)(const char *text, void *context), void *context,
			      bool *ret_is_secret);
