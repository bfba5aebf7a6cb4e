/* stage.h - a small schedule whose watches have letters for names. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schedule/schedule.h"

#define SECOND USEC_PER_SEC
#define START  (1000 * SECOND)

enum { ROOM = 64 };

/* The ids that were launched, as letters: 'a' is 0. */
static char launched[ROOM + 1];
static usec_t dues[ROOM];

static inline void launch(uint32_t id, usec_t due, void *context)
{
	const size_t len = strlen(launched);

	(void)context;
	assert_true(len < ROOM);
	launched[len] = (char)('a' + id);
	dues[id] = due;
}

/* Who went at `now`. */
static inline const char *pump(struct schedule *schedule, usec_t now)
{
	memset(launched, 0, sizeof(launched));
	(void)schedule_pump(schedule, now, ROOM, launch, NULL);
	return launched;
}

static inline struct schedule *schedule_of(unsigned max, unsigned max_per_host)
{
	const struct schedule_limits limits = { max, max_per_host, 0 };

	return schedule_new(&limits);
}

/* A watch every minute, `second` seconds into the minute. */
static inline struct beat beat_at(unsigned second, uint32_t group, uint32_t host)
{
	const uint64_t minute = UINT64_MAX / 60;

	return (struct beat){ 60 * SECOND, minute * second + minute / 2, group, host };
}

static inline void add(struct schedule *schedule, uint32_t id, uint32_t group, uint32_t host)
{
	/* START is 40 s into a minute, so all of these come in the order of their numbers. */
	const struct beat beat = beat_at(id, group, host);

	schedule_add(schedule, id, &beat, START);
}

/* When all that add() made are due. */
#define DUE (START + 60 * SECOND)

static inline void add_many(struct schedule *schedule, uint32_t count)
{
	for (uint32_t id = 0; id < count; id++)
		add(schedule, id, SCHEDULE_NO_LIMIT, id);
}

static inline void end(struct schedule *schedule, uint32_t id, usec_t now)
{
	schedule_done(schedule, id, BEAT_REGULAR, 0, false, now);
}

static inline void end_slow(struct schedule *schedule, uint32_t id, usec_t now)
{
	schedule_done(schedule, id, BEAT_REGULAR, 0, true, now);
}

/* Each of the first `count` was checked, and was slow. */
static inline void make_slow(struct schedule *schedule, uint32_t count)
{
	for (uint32_t id = 0; id < count; id++)
		schedule_pause(schedule, id);
	for (uint32_t id = 0; id < count; id++) {
		schedule_resume(schedule, id, START);
		schedule_now(schedule, id, START);
		(void)pump(schedule, START);
		end_slow(schedule, id, START);
	}
}
