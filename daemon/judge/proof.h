/* proof.h - members of a JSON object, so that nothing secret gets into them.
 *
 * `secrets` ends with NULL, or is NULL.  Any thread.
 */
#pragma once

#include <stddef.h>

struct text;

/* `"name":` with the comma that it needs; NULL: only the comma, within an array. */
void proof_key(struct text *json, const char *name);
/* A text that the daemon made itself; NULL: nothing. */
void proof_member(struct text *json, const char *name, const char *value);
/* A name that the peer may have made as long as it likes; NULL: nothing. */
void proof_name(struct text *json, const char *name, const char *value);
/* A text that may hold a secret of the endpoint; NULL: nothing. */
void proof_masked(struct text *json, const char *name, const char *value,
		  const char *const *secrets);
/* The first `max` bytes of `data` as a JSON text. */
void proof_excerpt(struct text *json, const char *data, size_t len, size_t max,
		   const char *const *secrets);
/* An array of the lines in `text`, which end with CR, LF or both: a request's head, headers.
 * Credentials and the values of cookies are hidden, whoever made them; at most `max` bytes.
 */
void proof_lines(struct text *json, const char *name, const char *text, size_t max,
		 const char *const *secrets);
