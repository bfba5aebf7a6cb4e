/* windows.c - `maintenance:`, a list of windows. */
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "base/text.h"
#include "config/build.h"
#include "config/windows.h"
#include "model/maintenance.h"

static bool check_at(const char *text, size_t len, struct text *wanted)
{
	struct calendar calendar;

	return calendar_parse(text, len, &calendar, wanted) == 0;
}

static const struct option window_options[] = {
	{
		.key = "at",
		.kind = OPTION_TEXT,
		.is_required = true,
		.offset = MEMBER(struct window, text, const char *),
		.min = 1,
		.check = check_at,
		.quotes_text = true,
		.about = "When it opens: a calendar expression.",
		.example = "Sun 02:00 Europe/Berlin",
		.elsewhere = "when start cron schedule calendar",
	},
	{
		.key = "for",
		.kind = OPTION_DURATION,
		.is_required = true,
		.offset = MEMBER(struct window, lasts, usec_t),
		.min = USEC_PER_SEC,
		.max = 31 * USEC_PER_DAY,
		.about = "How long it is open.",
		.example = "2h",
		.elsewhere = "duration lasts length",
	},
	OPTION_END
};

const struct option_table windows_table = {
	.options = window_options,
	.size = sizeof(struct window),
};

/* As long as the zones are the same: where their files are others, so are the windows. */
static const char *print_key(const struct build *build, const struct window *windows,
			     unsigned count, const char *written)
{
	cleanup(text)
	struct text key = { 0 };

	text_append(&key, written);
	for (unsigned i = 0; i < count; i++)
		text_print(&key, "%p\n", (const void *)windows[i].at.zone);
	return arena_text(build->loader->arena, key.data);
}

/* People are told when it is, but not what a reference gave. */
static const char *mask(const struct build *build, const char *written)
{
	cleanup(text)
	struct text masked = { 0 };

	if (!build->making->secrets.count)
		return written;
	build_mask(&build->making->secrets, written, &masked);
	return arena_text(build->loader->arena, text_string(&masked));
}

static const struct maintenance *make(const struct build *build, const struct option_steps *list,
				      const char *written)
{
	struct arena *arena = build->loader->arena;
	struct window *windows = arena_take(arena, list->count * sizeof(*windows));
	struct maintenance *maintenance = arena_take(arena, sizeof(*maintenance));

	memcpy(windows, list->items, list->count * sizeof(*windows));
	for (unsigned i = 0; i < list->count; i++) {
		const struct place place = value_place(&list->list->items[i]);
		cleanup(text)
		struct text wanted = { 0 };

		/* Its zone may have gone since it was checked; and it may be a secret. */
		if (calendar_parse(windows[i].text, strlen(windows[i].text), &windows[i].at,
				   &wanted) < 0)
			complain(build->loader->complaints, &place,
				 "'at' has a time zone that cannot be read any more");
		windows[i].text = mask(build, windows[i].text);
	}
	*maintenance = (struct maintenance){
		.key = print_key(build, windows, list->count, written),
		.windows = windows,
		.count = list->count,
	};
	map_set(build->loader->maintenances, arena_text(arena, written), maintenance);
	return maintenance;
}

const struct maintenance *windows_make(const struct build *build, const struct option_steps *list)
{
	const struct window *windows = list->items;
	const struct maintenance *known;
	cleanup(text)
	struct text written = { 0 };

	if (list->count == 0)
		return NULL;
	for (unsigned i = 0; i < list->count; i++)
		text_print(&written, "%s for %llu\n", windows[i].text,
			   (unsigned long long)windows[i].lasts);
	known = map_find(build->loader->maintenances, written.data);
	return known ? known : make(build, list, written.data);
}
