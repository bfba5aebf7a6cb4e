/* json_skim.h - within expect/: over a value that nobody asks for. */
#pragma once

#include <stdbool.h>

struct tokens; /* expect/json_tokens.h */

/* Over the value that begins here, with brackets at most `room` deep.  False where something in it is
 * unusual, or wrong: then nothing was gone over, and it has to be looked at closely.
 */
bool json_skim(struct tokens *tokens, unsigned room);
