/* waterfall.h - where the time of a check went: the phases of each hop, on one scale. */
#pragma once

#include <jansson.h>

struct page;

/* From evidence: its hops, or where there is none its phases. */
void waterfall_print(struct page *page, const json_t *evidence);
