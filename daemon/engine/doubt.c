/* doubt.c - before an endpoint is called down: is it that, or are it we?
 *
 * `online_if` names endpoints that say whether this host is online.  While all of them fail,
 * and were looked at since its row of failures began, the failure of another that got no
 * answer says nothing about it, and counts as local.  And before the last failing check of a
 * row is believed, they and what the endpoint depends on are looked at once more where nobody
 * has since the first of the row.  Meanwhile, for 15 s at most, the check does not count, and
 * is made again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "config/snapshot.h"
#include "engine/house.h"
#include "health/health.h"
#include "schedule/schedule.h"

/* How long others are waited for. */
static const usec_t doubt_for = 15 * USEC_PER_SEC;

static bool is_among(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* One that is looked at: a watch of that name which is not paused. */
static struct watch *find(const struct engine *engine, const char *name)
{
	struct watch *watch = roster_find(&engine->roster, name);

	return watch && !watch->is_paused ? watch : NULL;
}

/* What was so before a restart says nothing of now. */
static bool is_failing(const struct watch *watch)
{
	return watch->last.wall && !watch->is_stale && watch->last.kind == VERDICT_FAIL;
}

static bool is_offline(const struct engine *engine)
{
	const char *const *name = engine->snapshot->settings.online_if;
	unsigned failing = 0;

	for (; name && *name; name++) {
		const struct watch *watch = find(engine, *name);

		if (watch && !is_failing(watch))
			return false;
		failing += watch != NULL;
	}
	return failing > 0;
}

/* Nothing came back that would say who is to blame. */
static bool is_unanswered(const struct check *check)
{
	const enum class_family family = class_family(check->verdict.class);

	return check->verdict.kind == VERDICT_FAIL && check->observation.status == 0 &&
	       (family == FAMILY_RESOLVING || family == FAMILY_CONNECTING || family == FAMILY_TLS ||
		family == FAMILY_TALKING);
}

static void blame_us(const struct engine *engine, struct verdict *verdict)
{
	const char *const *name = engine->snapshot->settings.online_if;
	struct text reason = { 0 };

	text_append(&reason, "this host seems to be offline, since ");
	for (unsigned i = 0; name[i]; i++)
		text_print(&reason, "%s'%s'", i == 0 ? "" : name[i + 1] ? ", " : " and ", name[i]);
	text_print(&reason, " fail%s too; what was seen: %s", name[1] ? "" : "s", verdict->reason);
	free(verdict->reason);
	verdict->reason = text_take(&reason);
	verdict->class = CLASS_local;
}

/* Looks at those that nobody has looked at since then; whether there are any. */
static bool ask_for(const struct engine *engine, const struct watch *watch,
		    const char *const *names, usec_t since)
{
	bool is_waiting = false;

	for (; names && *names; names++) {
		const struct watch *other = find(engine, *names);

		if (!other || other == watch || other->last.wall >= since)
			continue;
		schedule_now(engine->schedule, other->id, clock_now());
		is_waiting = true;
	}
	return is_waiting;
}

/* Whether this verdict would make it down, and if so since when. */
static bool would_be_down(const struct watch *watch, const struct check *check, usec_t *ret_since)
{
	struct standing standing = watch->standing;
	const struct health_change change =
		health_record(&standing, &check->verdict, &watch->endpoint->terms->confirm,
			      check->observation.wall);

	*ret_since = standing.since;
	return change.is_changed && change.to == STATE_DOWN;
}

static void note_whether_offline(struct engine *engine)
{
	const bool was_offline = engine->is_offline;

	engine->is_offline = is_offline(engine);
	if (engine->is_offline == was_offline)
		return;
	if (engine->is_offline)
		log_event(LOG_WARNING, LOG_OFFLINE, NULL,
			  "all endpoints of 'online_if' fail, so this host seems to be offline; "
			  "what gets no answer meanwhile is unknown, not down");
	else
		log_event(LOG_NOTICE, LOG_OFFLINE, NULL, "this host is online again");
}

/* The first check of the row that this one belongs to, by wall time. */
static usec_t row_began(const struct watch *watch, const struct check *check)
{
	static const enum streak streaks[] = { STREAK_FAIL, STREAK_LOCAL };
	usec_t began = check->observation.wall;

	for (unsigned i = 0; i < 2; i++)
		if (watch->standing.lengths[streaks[i]] &&
		    watch->standing.starts[streaks[i]] < began)
			began = watch->standing.starts[streaks[i]];
	return began;
}

/* Whether the references are to be heard first; they may say that it is we. */
static bool is_ours(const struct engine *engine, const struct watch *watch, struct check *check,
		    bool has_patience)
{
	const char *const *references = engine->snapshot->settings.online_if;

	if (is_among(references, watch->endpoint->name) || !is_unanswered(check) ||
	    !is_offline(engine))
		return false;
	if (has_patience && ask_for(engine, watch, references, row_began(watch, check)))
		return true;
	blame_us(engine, &check->verdict);
	return false;
}

static bool is_premature(const struct engine *engine, const struct watch *watch,
			 const struct check *check)
{
	const char *const *references = engine->snapshot->settings.online_if;
	const bool is_reference = is_among(references, watch->endpoint->name);
	usec_t since;
	bool is_waiting;

	if (!would_be_down(watch, check, &since))
		return false;
	is_waiting = ask_for(engine, watch, watch->endpoint->depends_on, since);
	if (!is_reference && is_unanswered(check) && ask_for(engine, watch, references, since))
		is_waiting = true;
	return is_waiting;
}

bool doubt_check(struct engine *engine, struct watch *watch, struct check *check)
{
	const usec_t now = clock_now();
	const bool has_patience = !watch->doubts || now - watch->doubted_since < doubt_for;

	if (!engine->snapshot->settings.online_if && !watch->endpoint->depends_on)
		return false;
	if (!is_ours(engine, watch, check, has_patience) &&
	    !(has_patience && is_premature(engine, watch, check))) {
		watch->doubts = 0;
		return false;
	}
	if (!watch->doubts)
		watch->doubted_since = now;
	if (watch->doubts < UINT8_MAX)
		watch->doubts++;
	return true;
}

void doubt_note(struct engine *engine, const struct watch *watch)
{
	if (is_among(engine->snapshot->settings.online_if, watch->endpoint->name))
		note_whether_offline(engine);
}
