/* paint.h - how states and verdicts look: a glyph and a word always, colour where it helps. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "model/verdict.h"
#include "model/watch.h"

struct text;

struct look {
	const char *glyph; /* one character wide */
	const char *color; /* an SGR sequence, or NULL: plain */
};

/* Whether this stream gets colours: --color, NO_COLOR, TERM, and being a terminal. */
bool paint_has_color(FILE *stream);
/* The decision itself. */
bool paint_decide(const char *choice, bool is_terminal, const char *no_color, const char *term);
/* Whether the locale shows more than ASCII. */
bool paint_has_utf8(void);

/* How wide standard output is, if it is a terminal; else 0. */
size_t paint_width(void);

struct look paint_state(enum state state, bool has_utf8);
struct look paint_verdict(enum verdict_kind kind, bool has_utf8);

/* Glyph and word, in colour if asked for. */
void paint_print(struct text *text, struct look look, const char *word, bool has_color);
