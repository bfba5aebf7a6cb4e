/* town.h - a hundred endpoints with whoever is told of them, under a false clock.
 *
 * Schedule, health and alert are the daemon's own, put together as engine/ does it: a check that
 * fails, before its endpoint is called down, waits for its parents; who is held is asked where
 * something happens; messages are taken as soon as they go out.  Checks say what a script says,
 * and now and then one fails alone, which nobody may ever hear of.  Time jumps from event to
 * event.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "model/receiver.h"

enum { ENDPOINTS = 100, DELIVERED_MAX = 256 };

/* What the checks of an endpoint come to. */
enum answer {
	ANSWER_PASS,
	ANSWER_WARN,
	ANSWER_FAIL,
	ANSWER_LOCAL,
	ANSWER_BLINK, /* fails and passes by turns */
};

struct town;

/* `wall`: when it begins.  Each endpoint is checked every five minutes, its number times three
 * seconds after the full ones.
 */
struct town *town_new(usec_t wall, const struct endpoint *endpoints,
		      const struct receiver *const *receivers);
void town_free(struct town *town);

usec_t town_wall(const struct town *town);
void town_run(struct town *town, usec_t until);
void town_answer(struct town *town, unsigned endpoint, enum answer answer);
/* Whoever is in the silence is not told, for so long. */
void town_silence(struct town *town, const char *match, usec_t span);
void town_acknowledge(struct town *town, unsigned endpoint);
/* Another run, which knows what the one before has written. */
void town_restart(struct town *town);
/* Lines such as "01-02 12:00 ops problem e07", by the clock of the host; of a recovery of one
 * endpoint with how long it was: "(60 min)".  Empty behind that.
 */
const char *town_told(struct town *town);
uint64_t town_checks(const struct town *town);
