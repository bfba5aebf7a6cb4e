/* watch_keys.c - what the keys of picketctl watch do. */
#include <limits.h>

#include "base/text.h"
#include "ctl/keys.h"
#include "ctl/watch.h"

/* --- Typing ------------------------------------------------------------------------------- */

/* As UTF-8 (RFC 3629, 3). */
static void append_code(struct text *text, uint32_t code)
{
	char bytes[4];
	size_t len = 0;

	if (code < 0x80) {
		bytes[len++] = (char)code;
	} else if (code < 0x800) {
		bytes[len++] = (char)(0xc0 | code >> 6);
	} else if (code < 0x10000) {
		bytes[len++] = (char)(0xe0 | code >> 12);
		bytes[len++] = (char)(0x80 | (code >> 6 & 0x3f));
	} else {
		bytes[len++] = (char)(0xf0 | code >> 18);
		bytes[len++] = (char)(0x80 | (code >> 12 & 0x3f));
		bytes[len++] = (char)(0x80 | (code >> 6 & 0x3f));
	}
	if (code >= 0x80)
		bytes[len++] = (char)(0x80 | (code & 0x3f));
	text_append_len(text, bytes, len);
}

static void remove_last(struct text *text)
{
	while (text->len > 0 && (text->data[text->len - 1] & 0xc0) == 0x80)
		text->len--;
	if (text->len > 0)
		text->len--;
	if (text->data)
		text->data[text->len] = '\0';
	text->is_cut = false;
}

/* True where the text has changed. */
static bool edit(struct text *text, uint32_t key)
{
	if (key == KEY_BACK) {
		remove_last(text);
		return true;
	}
	if (key == KEY_CTRL('u')) {
		text_clear(text);
		return true;
	}
	if (key < ' ' || key >= KEY_NONE)
		return false;
	append_code(text, key);
	return true;
}

static void refilter(struct viewer *viewer)
{
	viewer->is_unsorted = true;
	viewer->list.is_moved = false;
}

/* The list follows while one types. */
static void type_filter(struct viewer *viewer, uint32_t key)
{
	struct text *filter = &viewer->list.filter;

	if (key == KEY_ESCAPE || key == KEY_CTRL('c')) {
		text_clear(filter);
		prompt_close(&viewer->prompt);
		refilter(viewer);
	} else if (key == KEY_ENTER) {
		prompt_close(&viewer->prompt);
	} else if (key == KEY_UP || key == KEY_DOWN) {
		watch_list_move(&viewer->list, key == KEY_UP ? -1 : 1);
	} else if (edit(&viewer->prompt.answer, key)) {
		text_clear(filter);
		text_append(filter, text_string(&viewer->prompt.answer));
		refilter(viewer);
	}
}

static void type(struct viewer *viewer, uint32_t key)
{
	if (viewer->prompt.question == ASK_FILTER)
		type_filter(viewer, key);
	else if (key == KEY_ESCAPE || key == KEY_CTRL('c'))
		prompt_close(&viewer->prompt);
	else if (key == KEY_ENTER)
		act_answered(viewer);
	else
		(void)edit(&viewer->prompt.answer, key);
}

/* --- Moving ------------------------------------------------------------------------------- */

/* How many lines a key moves; 0: it is none that moves. */
static long step_of(uint32_t key, size_t rows)
{
	const long page = rows > 1 ? (long)rows - 1 : 1;

	switch (key) {
	case KEY_UP:
	case 'k':
		return -1;
	case KEY_DOWN:
	case 'j':
		return 1;
	case KEY_PAGE_UP:
	case KEY_CTRL('b'):
		return -page;
	case KEY_PAGE_DOWN:
	case KEY_CTRL('f'):
	case ' ':
		return page;
	case KEY_HOME:
		return -LONG_MAX;
	case KEY_END:
	case 'G':
		return LONG_MAX;
	default:
		return 0;
	}
}

static void scroll(struct pane *pane, long step)
{
	const size_t by = (size_t)(step < 0 ? -step : step);

	if (step < 0)
		pane->top = by < pane->top ? pane->top - by : 0;
	else
		pane->top = by < pane->lines - pane->top ? pane->top + by : pane->lines;
}

/* --- Keys --------------------------------------------------------------------------------- */

static void press_in_pane(struct viewer *viewer, uint32_t key)
{
	const long step = step_of(key, watch_rows(viewer));

	if (step)
		scroll(&viewer->pane, step);
	else if (key == 'q' || key == KEY_ESCAPE || key == KEY_ENTER || key == KEY_LEFT)
		pane_close(&viewer->pane);
}

static void fold(struct viewer *viewer, struct bunch *bunch, bool is_folded)
{
	struct watch_list *list = &viewer->list;

	if (!list->is_grouped || bunch->is_folded == is_folded)
		return;
	bunch->is_folded = is_folded;
	/* The bar goes to the head, which stays. */
	list->chosen = (struct watch_line){ NULL, bunch };
	list->is_moved = true;
	viewer->is_unsorted = true;
}

static void press_on_endpoint(struct viewer *viewer, const struct seen *seen, uint32_t key)
{
	switch (key) {
	case KEY_ENTER:
		pane_open(viewer, seen->name);
		break;
	case 'a':
		act_acknowledge(viewer, seen);
		break;
	case 's':
		prompt_open(viewer, ASK_SILENCE_SPAN, seen->name, NULL);
		break;
	case 'c':
		act_check(viewer, seen);
		break;
	case 'p':
		act_pause(viewer, seen);
		break;
	default:
		break;
	}
}

static void press_on_line(struct viewer *viewer, uint32_t key)
{
	const struct watch_line *line = watch_list_chosen(&viewer->list);

	if (!line)
		return;
	if (key == KEY_LEFT || key == KEY_RIGHT)
		fold(viewer, line->bunch, key == KEY_LEFT);
	else if (line->seen)
		press_on_endpoint(viewer, line->seen, key);
	else if (key == KEY_ENTER)
		fold(viewer, line->bunch, !line->bunch->is_folded);
}

static void press_in_list(struct viewer *viewer, uint32_t key)
{
	const long step = step_of(key, watch_rows(viewer));

	if (step) {
		watch_list_move(&viewer->list, step);
	} else if (key == 'q') {
		viewer->is_over = true;
	} else if (key == '/') {
		prompt_open(viewer, ASK_FILTER, NULL, NULL);
		text_append(&viewer->prompt.answer, text_string(&viewer->list.filter));
	} else if (key == KEY_ESCAPE) {
		text_clear(&viewer->list.filter);
		refilter(viewer);
	} else if (key == 'g') {
		viewer->list.is_grouped = !viewer->list.is_grouped;
		viewer->is_unsorted = true;
	} else {
		press_on_line(viewer, key);
	}
}

void watch_key(struct viewer *viewer, uint32_t key)
{
	viewer->is_dirty = true;
	/* Lines may be gone since they were drawn. */
	viewer_arrange(viewer);
	if (key == KEY_CTRL('z'))
		screen_suspend(viewer->screen);
	else if (key == KEY_CTRL('l'))
		screen_measure(viewer->screen);
	else if (viewer->prompt.question != ASK_NOTHING)
		type(viewer, key);
	else if (key == KEY_CTRL('c'))
		viewer->is_over = true;
	else if (key == '?' && !viewer->pane.is_open)
		pane_open(viewer, NULL);
	else if (viewer->pane.is_open)
		press_in_pane(viewer, key);
	else
		press_in_list(viewer, key);
}
