/* maintenance.c - windows in which somebody works on an endpoint, and whether one is open. */
#include "model/maintenance.h"

/* Two of a minute each can follow each other for ever. */
enum { SEARCHES_MAX = 64 };

/* When it opens next: where that is not behind `wall`, it is open then. */
static usec_t opens(const struct window *window, usec_t wall)
{
	return calendar_next(&window->at, wall > window->lasts ? wall - window->lasts : 0,
			     CALENDAR_CATCH);
}

/* Later windows that are open by its end, or open with it, put it off. */
static usec_t find_end(const struct maintenance *maintenance, usec_t end)
{
	unsigned others = 0; /* that were asked since it was put off */

	for (unsigned i = 0; i < SEARCHES_MAX && others < maintenance->count; i++) {
		const struct window *window = &maintenance->windows[i % maintenance->count];
		const usec_t opened = opens(window, end);

		others++;
		if (opened > end)
			continue;
		end = opened + window->lasts;
		others = 0;
	}
	return end;
}

struct maintenance_look maintenance_look(const struct maintenance *maintenance, usec_t wall)
{
	struct maintenance_look look = { .until = USEC_NEVER };
	usec_t end = 0;

	for (unsigned i = 0; i < maintenance->count; i++) {
		const struct window *window = &maintenance->windows[i];
		const usec_t opened = opens(window, wall);

		if (opened > wall) {
			if (!look.is_open && opened < look.until)
				look.until = opened;
			continue;
		}
		if (!look.is_open || opened < look.since)
			look.since = opened;
		if (opened + window->lasts > end)
			end = opened + window->lasts;
		look.is_open = true;
	}
	if (look.is_open)
		look.until = find_end(maintenance, end);
	return look;
}

usec_t maintenance_since(const struct maintenance *maintenance, usec_t away, usec_t wall)
{
	struct maintenance_look look = maintenance_look(maintenance, wall);

	if (look.is_open)
		return look.since > away ? look.since : wall;
	look = maintenance_look(maintenance, away);
	return look.is_open && look.until < wall ? look.until : wall;
}
