/* watch_pane.c - text to scroll in: the evidence of an endpoint, or what the keys do. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "ctl/watch.h"
#include "ctl/why.h"

static const char help[] =
	"Keys\n"
	"\n"
	"  Up, Down, k, j     one line up or down\n"
	"  PgUp, PgDn         one screen up or down (Ctrl-B, Ctrl-F, space too)\n"
	"  Home, End          the first line, the last line; the bar stays on the\n"
	"                     first line, whatever is there, until it is moved\n"
	"  /                  show only what has these words in its name, group, target\n"
	"                     or state, while you type; Enter keeps that, Esc ends it\n"
	"  Enter              why: the last failure of the endpoint, with its evidence;\n"
	"                     on a group, folds it or unfolds it\n"
	"  g                  endpoints by their groups, or all together\n"
	"  Left, Right        folds the group, unfolds it\n"
	"  a                  acknowledges the open incident; asks for a comment\n"
	"  s                  a silence for the endpoint; asks how long, and why\n"
	"  c                  checks now\n"
	"  p                  no more checks, until p is pressed again\n"
	"  Ctrl-L             draws everything again\n"
	"  Ctrl-Z             suspends\n"
	"  ?                  this\n"
	"  q, Esc             back; in the list, q ends\n"
	"\n"
	"The sparkline shows the last checks, the newest at the right, on a scale of its\n"
	"own; a check that did not pass has the glyph of its state instead.\n";

static void print_why(struct viewer *viewer, struct pane *pane)
{
	const struct why_look look = {
		.has_utf8 = viewer->has_utf8,
		.width = pane->width,
		.now_wall = clock_wall(),
	};

	if (pane->endpoint)
		why_print(&pane->text, pane->endpoint, &look);
	else
		text_append(&pane->text, "asking picketd ...\n");
}

void pane_print(struct viewer *viewer, struct pane *pane, size_t width)
{
	if (pane->width == width)
		return;
	pane->width = width;
	text_clear(&pane->text);
	if (pane->name)
		print_why(viewer, pane);
	else
		text_append(&pane->text, help);
	pane->lines = 0;
	for (const char *at = pane->text.data; (at = strchr(at, '\n')); at++)
		pane->lines++;
}

void pane_open(struct viewer *viewer, const char *name)
{
	struct pane *pane = &viewer->pane;

	pane_close(pane);
	pane->is_open = true;
	pane->name = name ? memory_text(name) : NULL;
	if (name)
		feed_look(viewer, name);
}

void pane_close(struct pane *pane)
{
	free(pane->name);
	json_decref(pane->endpoint);
	text_done(&pane->text);
	*pane = (struct pane){ 0 };
}
