/* page_past.h - a span of the past on an endpoint's page, and its chart. */
#pragma once

#include "base/clock.h"

struct past;
struct past_question;
struct text;

struct page_span {
	const char *name; /* in the page's address: ?span= */
	const char *title; /* "24 hours" */
	usec_t span, step; /* the step as of past.h */
};

/* The first one where nothing is asked for (NULL); NULL where there is none of this name. */
const struct page_span *page_span_find(const char *name);
/* What history_ask() is asked for it. */
void page_span_question(const struct page_span *span, usec_t wall,
			struct past_question *ret_question);
/* A section with a chart, its sum in words, and a table; `past` is NULL where it can't be read. */
void page_print_past(struct text *html, const struct past *past, const struct page_span *span);
