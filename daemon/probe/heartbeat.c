/* heartbeat.c - probe heartbeat: nothing is looked at, somebody calls us.
 *
 * The beats are the engine's (engine/heartbeat.c), and a check has a copy of what was known
 * when it began.  What that says is known at once and for certain.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "expect/expect.h"
#include "model/pulse.h"
#include "option/option.h"
#include "option/value.h"
#include "probe/heartbeat.h"
#include "probe/probe.h"
#include "probe/probing.h"

struct heartbeat_probing {
	struct probing probing; /* the first member */
};

/* --- Keys ------------------------------------------------------------------------------ */

/* A header's value: nothing that HTTP would not carry. */
static bool check_token(const char *text, size_t len, struct text *wanted)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~') {
			text_append(wanted, "must be of printable ASCII without blanks");
			return false;
		}
	return true;
}

static bool check_calendar(const char *text, size_t len, struct text *wanted)
{
	struct calendar calendar;

	return calendar_parse(text, len, &calendar, wanted) == 0;
}

static const struct option heartbeat_options[] = {
	{
		.key = "every",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct heartbeat_options, every, usec_t),
		.min = USEC_PER_SEC,
		.max = 366 * USEC_PER_DAY,
		.about = "How long after one beat the next is expected.",
		.example = "24h",
		.elsewhere = "interval period",
	},
	{
		.key = "calendar",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct heartbeat_options, calendar, const char *),
		.min = 1,
		.check = check_calendar,
		.quotes_text = true,
		.about = "When beats are expected, instead of every: a calendar expression.",
		.example = "Mon..Fri 02:30 Europe/Berlin",
		.elsewhere = "cron schedule at on_calendar OnCalendar",
	},
	{
		.key = "grace",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct heartbeat_options, grace, usec_t),
		.fallback = "1m",
		.max = 366 * USEC_PER_DAY,
		.about = "How much later it may come before it is missed.",
		.elsewhere = "tolerance slack delay",
	},
	{
		.key = "token",
		.kind = OPTION_SECRET,
		.offset = MEMBER(struct heartbeat_options, token, const char *),
		.min = 1,
		.max = 1024,
		.check = check_token,
		.about = "Whoever shows it as Authorization: Bearer may send beats.",
		.example = "${credential:backup-beat}",
		.elsewhere = "secret key bearer",
	},
	OPTION_END
};

/* Whether somebody wrote when, though it may have been refused. */
static bool says_when(const struct option_places *places)
{
	for (unsigned i = 0; i < places->count; i++)
		if (places->layers[i]->kind != VALUE_MAP)
			return true;
	return option_is_set(places, "every") || option_is_set(places, "calendar");
}

static void examine(const void *object, struct complaints *complaints,
		    const struct option_places *places)
{
	const struct heartbeat_options *options = object;

	if (options->every && options->calendar)
		option_complain(complaints, places, "calendar",
				"'every' and 'calendar' both say when beats are expected; one "
				"of them is enough");
	else if (!options->every && !options->calendar && !says_when(places))
		option_complain(complaints, places, "every",
				"'heartbeat' needs 'every' or 'calendar', which say when beats "
				"are expected");
}

static const struct option_table heartbeat_table = {
	.options = heartbeat_options,
	.size = sizeof(struct heartbeat_options),
	.short_key = "every",
	.examine = examine,
};

static void prepare(void *object, struct arena *arena, struct complaints *complaints,
		    const struct option_places *places)
{
	struct heartbeat_options *options = object;
	struct text wanted = { 0 };

	/* The zone may have gone since it was checked; and it may be a secret. */
	if (options->calendar &&
	    calendar_parse(options->calendar, strlen(options->calendar), &options->at, &wanted) < 0)
		option_complain(complaints, places, "calendar",
				"'calendar' has a time zone that cannot be read any more");
	text_done(&wanted);
}

/* --- What the beats say ---------------------------------------------------------------- */

/* From when on the next beat is expected, on the clock of deadlines. */
static usec_t expected(const struct heartbeat_options *options, const struct pulse *pulse)
{
	const struct instant waits = pulse->waits;
	usec_t next;

	if (!options->calendar)
		return waits.at + options->every;
	next = calendar_next(&options->at, waits.wall + HEARTBEAT_EARLY, CALENDAR_OMIT);
	return next == USEC_NEVER ? USEC_NEVER : waits.at + (next - waits.wall);
}

/* Without what nobody listened for. */
static usec_t own_due(const struct heartbeat_options *options, const struct pulse *pulse)
{
	const usec_t from = pulse->waits.at ? expected(options, pulse) : USEC_NEVER;

	return from == USEC_NEVER ? USEC_NEVER : from + options->grace;
}

usec_t heartbeat_due(const struct heartbeat_options *options, const struct pulse *pulse)
{
	const usec_t due = own_due(options, pulse);

	return due < pulse->spared ? pulse->spared : due;
}

static void fail_missed(struct observation *seen, const struct heartbeat_options *options,
			const struct pulse *pulse)
{
	const usec_t due = heartbeat_due(options, pulse);
	struct text detail = { 0 };

	text_append(&detail, "no beat since ");
	units_time_print(&detail, pulse->waits.wall);
	text_append(&detail, ", and one was due by ");
	units_time_print(&detail, pulse->waits.wall + (due - pulse->waits.at));
	if (pulse->began.at) {
		text_append(&detail, "; the job that began at ");
		units_time_print(&detail, pulse->began.wall);
		text_append(&detail, " has not said how it ended");
	}
	observation_fail(seen, CLASS_heartbeat_missed, PHASE_FIRST_BYTE, "%s", detail.data);
	text_done(&detail);
}

static void fail_failed(struct observation *seen, const struct pulse *pulse)
{
	struct text message = { 0 };

	if (pulse->message)
		text_append_escaped(&message, pulse->message, strlen(pulse->message));
	observation_fail(seen, CLASS_heartbeat_failed, PHASE_TRANSFER,
			 message.len ? "%s" : "the job says that it failed", text_string(&message));
	text_done(&message);
}

static void look(struct check *check, const struct pulse *pulse)
{
	const struct heartbeat_options *options = check->endpoint->options;
	struct observation *seen = &check->observation;

	seen->latency = pulse->took;
	if (pulse->message)
		text_append(&seen->body, pulse->message);
	if (pulse->looked >= heartbeat_due(options, pulse)) {
		fail_missed(seen, options, pulse);
	} else if (pulse->ended.at < pulse->waits.at || !pulse->waits.at ||
		   pulse->looked >= own_due(options, pulse)) {
		check->is_silent = true;
		seen->detail = memory_text(pulse->waits.at ? "the next beat is still waited for"
							   : "no beat has come yet");
	} else if (pulse->last == PULSE_FAIL) {
		fail_failed(seen, pulse);
	}
}

/* It ends in the next turn, before there is anything to wait for or to stop. */
static void do_nothing(struct probing *probing)
{
}

static void release(struct probing *probing)
{
	free(probing);
}

static const struct probing_verbs verbs = {
	.expire = do_nothing,
	.stop = do_nothing,
	.release = release,
};

static void heartbeat_start(struct check *check, struct probe_tools *tools, probe_done *done,
			    void *context)
{
	struct heartbeat_probing *heartbeat = MEMORY_NEW(struct heartbeat_probing);

	probing_begin(&heartbeat->probing, &verbs, check, tools, done, context);
	look(check, check->pulse);
	probing_end_later(&heartbeat->probing);
}

static char *heartbeat_target(const void *object)
{
	const struct heartbeat_options *options = object;
	struct text target = { 0 };

	if (options->calendar) {
		text_append(&target, options->calendar);
	} else {
		text_append(&target, "every ");
		units_duration_print(&target, options->every);
	}
	if (options->grace) {
		text_append(&target, ", grace ");
		units_duration_print(&target, options->grace);
	}
	return text_take(&target);
}

static char *heartbeat_host(const void *options)
{
	return NULL;
}

const struct probe_type probe_heartbeat = {
	.name = "heartbeat",
	.about = "Waits to be called: a job sends a beat whenever it has done its work.",
	.table = &heartbeat_table,
	.short_key = "every",
	.subjects = SUBJECTS_ALL | SUBJECTS_BODY,
	.is_told = true,
	.stays = true,
	.is_certain = true,
	.prepare = prepare,
	.target = heartbeat_target,
	.host = heartbeat_host,
	.start = heartbeat_start,
	.cancel = probing_cancel,
};
