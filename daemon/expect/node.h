/* node.h - JSON values as text: compact, with the fewest digits that say the same number. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/text.h"

/* Stops where the text's limit cuts it, so no more is written than is kept.  With
 * `is_ascii` everything else is escaped: nothing that a terminal could act on is left.
 */
void node_print(struct text *text, const json_t *node, bool is_ascii);

/* 0.1 and not 0.10000000000000001. */
void node_print_real(struct text *text, double real);
