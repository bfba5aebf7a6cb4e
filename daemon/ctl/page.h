/* page.h - lines as wide as the terminal: what does not fit goes on below, further in. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/text.h"

struct page {
	struct text *text; /* borrowed; what is printed */
	struct text line; /* the line being made, fit for a terminal, without escapes of colour */
	size_t width; /* 0: nothing is broken */
	bool has_color, has_utf8;
	usec_t now_wall; /* for what is told as "3d ago" */
};

void page_done(struct page *page);
#define cleanup_page page_done

/* Ends the line; what does not fit is broken at blanks and indented so far. */
void page_end(struct page *page, size_t indent);
/* A member of a JSON object, or nothing. */
void page_show(struct page *page, const json_t *object, const char *key);
/* "2026-11-29T17:01:26.280Z (3d ago)", or "(in 20d)". */
void page_show_time(struct page *page, const json_t *object, const char *key);
/* The glyph of a good or a bad state. */
const char *page_mark(const struct page *page, bool is_good);
