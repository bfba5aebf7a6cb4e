/* maintenance.c - nights in which clocks are changed: what is told, and what uptime says of them.
 *
 * An endpoint with windows fails as the play says; time goes on in steps of ten seconds, and at each
 * step a window that opens or closes is followed as the daemon does it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "alert/alert.h"
#include "alert/teller.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "history/history.h"
#include "model/maintenance.h"
#include "model/roster.h"

enum { OUTAGES_MAX = 4, WINDOWS_MAX = 3 };

static const usec_t step = 10 * USEC_PER_SEC;
/* What is true for nobody is the end of a list. */
struct outage {
	const char *from, *until;
	enum state state;
};

struct play {
	const char *claim;
	const char *from, *until; /* UTC */
	const struct {
		const char *at;
		usec_t lasts;
	} windows[WINDOWS_MAX];
	struct outage outages[OUTAGES_MAX];
	const char *told; /* UTC */
	unsigned maintained, down; /* seconds, by the history */
};

#define SPRING "2025-03-29T22:00:00Z", "2025-03-30T10:00:00Z"
#define AUTUMN "2025-10-25T20:00:00Z", "2025-10-26T10:00:00Z"

/* Put forward at 01:00 UTC, and put back at 01:00 UTC; in New York at 07:00 and at 06:00. */
static const struct play plays[] = {
	{ "a window that the clock jumps over opens with the jump",
	  SPRING,
	  { { "Sun 02:00 Europe/Berlin", 2 * USEC_PER_HOUR } },
	  { { "2025-03-30T01:00:10Z", "2025-03-30T02:59:00Z", STATE_DOWN },
	    { "2025-03-30T03:10:00Z", "2025-03-30T03:20:00Z", STATE_DOWN } },
	  "03:10:00 problem, 03:20:00 recovery",
	  7200,
	  600 },
	{ "half past two is no other time then",
	  SPRING,
	  { { "Sun 02:30 Europe/Berlin", 2 * USEC_PER_HOUR } },
	  { { "2025-03-30T00:50:00Z", "2025-03-30T00:59:50Z", STATE_DOWN },
	    { "2025-03-30T01:00:10Z", "2025-03-30T02:59:00Z", STATE_DOWN } },
	  "00:50:00 problem, 00:59:50 recovery",
	  7200,
	  590 },
	{ "what is still wrong at the end is told then, by the clock of two hours",
	  SPRING,
	  { { "Sun 01:30 Europe/Berlin", 2 * USEC_PER_HOUR } },
	  { { "2025-03-30T01:10:00Z", "2025-03-30T05:00:00Z", STATE_DOWN } },
	  "02:30:00 problem, 05:00:00 recovery",
	  7200,
	  9000 },
	{ "what began before is told at its end, though that is within",
	  SPRING,
	  { { "Sun 02:00 Europe/Berlin", 2 * USEC_PER_HOUR } },
	  { { "2025-03-30T00:30:00Z", "2025-03-30T01:30:00Z", STATE_DOWN } },
	  "00:30:00 problem, 01:30:00 recovery",
	  7200,
	  1800 },
	{ "what gets worse within is told so afterwards",
	  SPRING,
	  { { "Sun 02:00 Europe/Berlin", 2 * USEC_PER_HOUR } },
	  { { "2025-03-30T00:30:00Z", "2025-03-30T01:30:00Z", STATE_DEGRADED },
	    { "2025-03-30T01:30:00Z", "2025-03-30T04:00:00Z", STATE_DOWN } },
	  "00:30:00 problem, 03:00:00 update, 04:00:00 recovery",
	  7200,
	  3600 },
	{ "a window at a time that is shown twice opens the first time",
	  AUTUMN,
	  { { "Sun 02:00 Europe/Berlin", 2 * USEC_PER_HOUR } },
	  { { "2025-10-25T23:50:00Z", "2025-10-25T23:55:00Z", STATE_DOWN },
	    { "2025-10-26T00:00:10Z", "2025-10-26T01:59:00Z", STATE_DOWN },
	    { "2025-10-26T02:00:00Z", "2025-10-26T02:10:00Z", STATE_DOWN } },
	  "23:50:00 problem, 23:55:00 recovery, 02:00:00 problem, 02:10:00 recovery",
	  7200,
	  900 },
	{ "and not the second time",
	  "2025-11-02T04:00:00Z",
	  "2025-11-02T10:00:00Z",
	  { { "Sun 01:30 America/New_York", USEC_PER_HOUR / 2 } },
	  { { "2025-11-02T05:30:10Z", "2025-11-02T05:59:00Z", STATE_DOWN },
	    { "2025-11-02T06:30:00Z", "2025-11-02T06:40:00Z", STATE_DOWN } },
	  "06:30:00 problem, 06:40:00 recovery",
	  1800,
	  600 },
	{ "windows that meet are one, wherever they are",
	  AUTUMN,
	  { { "Sat 23:00 UTC", USEC_PER_HOUR },
	    { "Sun 02:00 Europe/Berlin", USEC_PER_HOUR },
	    { "Sun 01:00 UTC", USEC_PER_HOUR } },
	  { { "2025-10-25T23:00:10Z", "2025-10-26T02:10:00Z", STATE_DOWN } },
	  "02:00:00 problem, 02:10:00 recovery",
	  10800,
	  600 },
	{ "without a window everything is told",
	  AUTUMN,
	  { { NULL, 0 } },
	  { { "2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z", STATE_DOWN } },
	  "00:30:00 problem, 01:30:00 recovery",
	  0,
	  3600 },
};

/* --- The stage ------------------------------------------------------------------------------- */

static const char *const by_endpoint[] = { "endpoint", NULL };
static const char *const to_ops[] = { "ops", NULL };
static const struct receiver ops = {
	.name = "ops",
	.group_by = by_endpoint,
	.retry = { .first = USEC_PER_SEC, .max = USEC_PER_MIN, .span = USEC_PER_HOUR },
	.sends_resolved = true,
};
static const struct receiver *const receivers[] = { &ops, NULL };

struct stage {
	struct window windows[WINDOWS_MAX];
	struct maintenance maintenance;
	struct endpoint endpoint;
	struct roster roster;
	struct watch *watch;
	struct teller *teller;
	struct alert *alert;
	struct history *history;
	struct notification *out;
	struct text told;
	bool is_open;
	usec_t wall; /* the monotonic clock shows the same */
};

static struct moment now_of(const struct stage *stage)
{
	return (struct moment){ .now = stage->wall, .wall = stage->wall };
}

static usec_t time_of(const char *text)
{
	usec_t wall;

	assert_int_equal(units_time_parse(text, strlen(text), &wall), 0);
	return wall;
}

static bool is_held(const struct incident *incident, bool is_over, void *context)
{
	const struct stage *stage = context;

	(void)incident;
	return stage->is_open && !is_over;
}

static void moved(const struct incident *incident, enum incident_move move, void *context)
{
	(void)incident;
	(void)move;
	(void)context;
}

static void deliver(struct notification *notification, const struct receiver *receiver,
		    void *context)
{
	struct stage *stage = context;
	cleanup(text)
	struct text at = { 0 };

	(void)receiver;
	units_time_print(&at, stage->wall);
	text_print(&stage->told, "%s%.8s %s", stage->told.len ? ", " : "",
		   at.data + strlen("2025-03-30T"), notification_event_name(notification->event));
	stage->out = notification;
}

static void open_house(struct stage *stage, const struct play *play)
{
	static const struct history_settings kept = { .minutes = 14 * USEC_PER_DAY,
						      .hours = 400 * USEC_PER_DAY };
	struct watch **names = memory_new(1, sizeof(*names));

	*stage = (struct stage){ .wall = time_of(play->from) };
	while (stage->maintenance.count < WINDOWS_MAX &&
	       play->windows[stage->maintenance.count].at) {
		const unsigned i = stage->maintenance.count++;
		struct text wanted = { 0 };

		stage->windows[i] = (struct window){ .text = play->windows[i].at,
						     .lasts = play->windows[i].lasts };
		assert_int_equal(calendar_parse(play->windows[i].at, strlen(play->windows[i].at),
						&stage->windows[i].at, &wanted),
				 0);
	}
	stage->maintenance.windows = stage->windows;
	stage->endpoint = (struct endpoint){ .name = "shop", .notify = to_ops };
	roster_init(&stage->roster);
	stage->watch = names[0] = roster_add(&stage->roster, &stage->endpoint, NULL);
	roster_set_names(&stage->roster, names, 1);
	stage->watch->standing.state = STATE_UP;
	stage->watch->standing.since = stage->wall;
	stage->teller = teller_new(deliver, stage);
	teller_configure(stage->teller, receivers);
	stage->alert = alert_new(stage->teller, moved, stage);
	alert_set_held(stage->alert, is_held, stage);
	stage->history = history_new(NULL, &kept);
	history_enter(stage->history, stage->watch);
	history_begin(stage->history, &stage->roster, stage->wall);
}

static void close_house(struct stage *stage)
{
	history_free(stage->history);
	alert_free(stage->alert);
	teller_free(stage->teller);
	roster_done(&stage->roster);
	text_done(&stage->told);
}

static void follow_windows(struct stage *stage)
{
	const struct maintenance_look look = maintenance_look(&stage->maintenance, stage->wall);

	assert_true(look.until > stage->wall);
	if (look.is_open == stage->is_open)
		return;
	stage->is_open = look.is_open;
	/* Opened and closed at a step. */
	if (look.is_open)
		assert_true(look.since == stage->wall);
	history_maintain(stage->history, stage->watch, look.is_open, stage->wall, NULL);
	(void)alert_hold(stage->alert, stage->watch, now_of(stage), NULL);
	(void)alert_hold_rest(stage->alert, 100, now_of(stage), NULL);
}

static void follow_outages(struct stage *stage, const struct outage *outages)
{
	struct watch *watch = stage->watch;
	enum state state = STATE_UP;

	for (unsigned i = 0; i < OUTAGES_MAX && outages[i].from; i++)
		if (time_of(outages[i].from) <= stage->wall &&
		    stage->wall < time_of(outages[i].until))
			state = outages[i].state;
	if (state == watch->standing.state)
		return;
	watch->standing.state = state;
	watch->standing.since = stage->wall;
	watch->last.class = CLASS_timeout;
	watch->last.kind = state == STATE_UP ? VERDICT_PASS : VERDICT_FAIL;
	alert_follow(stage->alert, watch, now_of(stage), NULL);
	history_follow(stage->history, watch, NULL);
}

static void tell(struct stage *stage)
{
	static const struct delivery_result taken = { DELIVERY_TAKEN, 0, "so" };

	while (teller_next(stage->teller) <= stage->wall) {
		teller_pump(stage->teller, now_of(stage), 0, NULL);
		if (!stage->out)
			continue;
		(void)teller_done(stage->teller, TAKE(stage->out), &taken, now_of(stage), NULL);
	}
}

static void run(const struct play *play)
{
	struct stage stage;
	struct times times = { 0 };
	const usec_t from = time_of(play->from), until = time_of(play->until);

	open_house(&stage, play);
	for (; stage.wall < until; stage.wall += step) {
		follow_windows(&stage);
		follow_outages(&stage, play->outages);
		tell(&stage);
	}
	if (strcmp(text_string(&stage.told), play->told) != 0)
		fail_msg("%s: '%s', not '%s'", play->claim, text_string(&stage.told), play->told);
	history_sum(stage.history, stage.watch, from, until, &times);
	if (times.of[TIME_MAINTENANCE] != play->maintained * USEC_PER_SEC ||
	    times.of[TIME_DOWN] != play->down * USEC_PER_SEC)
		fail_msg("%s: %llu s of maintenance and %llu s down", play->claim,
			 (unsigned long long)(times.of[TIME_MAINTENANCE] / USEC_PER_SEC),
			 (unsigned long long)(times.of[TIME_DOWN] / USEC_PER_SEC));
	close_house(&stage);
}

static void what_is_told_is_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(plays) / sizeof(plays[0]); i++)
		run(&plays[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_is_as_the_table_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
