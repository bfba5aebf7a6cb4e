/* line.c - what waits, oldest first. */
#include "schedule/line.h"

/* Of two heaps one; the younger root becomes a child of the older. */
static struct spot *meld(struct spot *one, struct spot *other)
{
	struct spot *const older = other->due < one->due ? other : one;
	struct spot *const younger = older == one ? other : one;

	younger->next = older->child;
	if (younger->next)
		younger->next->before = younger;
	younger->before = older;
	older->child = younger;
	older->next = older->before = NULL;
	return older;
}

/* Of neighbours one heap: in pairs from the left, then all from the right. */
static struct spot *meld_all(struct spot *first)
{
	struct spot *pairs = NULL;
	struct spot *whole = NULL;

	while (first) {
		struct spot *const second = first->next;
		struct spot *const rest = second ? second->next : NULL;
		struct spot *const pair = second ? meld(first, second) : first;

		pair->next = pairs;
		pairs = pair;
		first = rest;
	}
	while (pairs) {
		struct spot *const pair = pairs;

		pairs = pair->next;
		pair->next = pair->before = NULL;
		whole = whole ? meld(whole, pair) : pair;
	}
	return whole;
}

void line_put(struct line *line, struct spot *spot, usec_t due)
{
	*spot = (struct spot){ .due = due };
	line->first = line->first ? meld(line->first, spot) : spot;
}

void line_remove(struct line *line, struct spot *spot)
{
	struct spot *const children = meld_all(spot->child);

	if (line->first == spot) {
		line->first = children;
		return;
	}
	if (spot->before->child == spot)
		spot->before->child = spot->next;
	else
		spot->before->next = spot->next;
	if (spot->next)
		spot->next->before = spot->before;
	if (children)
		line->first = meld(line->first, children);
}
