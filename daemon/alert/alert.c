/* alert.c - from changes of state to incidents. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert/inside.h"
#include "alert/message.h"
#include "alert/told.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "base/memory.h"
#include "model/kept_incident.h"
#include "model/roster.h"
#include "store/row.h"
#include "store/schema.h"

/* A change closes two incidents at most, the endpoint's and that of picket itself. */
enum { TRIMMED_A_TURN = 4 };

struct alert *alert_new(struct teller *teller, alert_told *told, void *context)
{
	struct alert *alert = MEMORY_NEW(struct alert);

	alert->teller = teller;
	alert->told = told;
	alert->context = context;
	alert->by_id = map_new();
	list_init(&alert->all);
	list_init(&alert->closed);
	for (unsigned i = 0; i < WALKS; i++)
		alert->walks[i] = &alert->all;
	list_init(&alert->held);
	return alert;
}

void alert_free(struct alert *alert)
{
	list_each (link, &alert->all) {
		struct incident *incident = LIST_ENTRY(link, struct incident, link);

		teller_forget(alert->teller, incident, NULL);
		incident_free(incident);
	}
	map_free(alert->by_id);
	free(alert);
}

/* Frees it; walks go on behind it. */
static void strike(struct alert *alert, struct incident *incident, struct pack *rows)
{
	for (unsigned i = 0; i < WALKS; i++)
		if (alert->walks[i] == &incident->link)
			alert->walks[i] = incident->link.after;
	teller_forget(alert->teller, incident, rows);
	incident_free(incident);
}

static void forget(struct alert *alert, struct incident *incident, struct pack *rows)
{
	if (rows)
		kept_pack_drop_incident(incident->id, rows);
	(void)map_remove(alert->by_id, incident->id);
	strike(alert, incident, rows);
}

/* The oldest of those that are over make room, unless somebody is still to be told that they
 * are; at most so many are looked at.
 */
static void trim_closed(struct alert *alert, unsigned looks, struct pack *rows)
{
	for (; looks > 0 && alert->closed_count > ALERT_CLOSED_MAX; looks--) {
		struct list *link = list_take_first(&alert->closed);
		struct incident *incident = LIST_ENTRY(link, struct incident, closed);

		if (!teller_is_settled(incident)) {
			list_append(&alert->closed, link);
			continue;
		}
		alert->closed_count--;
		forget(alert, incident, rows);
	}
}

/* One that fails in two ways by turns is told of each once. */
static bool is_news(struct incident *incident, enum incident_move move)
{
	const uint64_t class = UINT64_C(1) << incident->class;
	const bool is_new_class = !(incident->classes & class);

	incident->classes |= class;
	return move == INCIDENT_CHANGES ? is_new_class : move != INCIDENT_IS_ACKNOWLEDGED;
}

static void tell(struct alert *alert, struct incident *incident, enum incident_move move,
		 struct moment at, struct pack *rows)
{
	if (is_news(incident, move))
		incident->notable = incident->transition;
	if (move != INCIDENT_CLOSES)
		alert_ask_held(alert, incident, at, rows);
	teller_follow(alert->teller, incident, move, at, rows);
	if (rows)
		kept_pack_incident(incident, rows);
	alert->told(incident, move, alert->context);
}

static void enter(struct alert *alert, struct incident *incident)
{
	struct incident *before = map_remove(alert->by_id, incident->id);

	/* The same first check of the same endpoint: it is the same incident, come back. */
	if (before) {
		if (incident_is_open(before))
			alert->open_count--;
		else if (before->is_end_held)
			alert->held_count--;
		else
			alert->closed_count--;
		if (before->watch)
			before->watch->incident = NULL;
		if (before == alert->own)
			alert->own = NULL;
		strike(alert, before, NULL);
	}
	(void)map_set(alert->by_id, incident->id, incident);
	list_append(&alert->all, &incident->link);
	alert->open_count++;
}

static void set_reason(struct incident *incident, const struct last_check *last)
{
	free(incident->reason);
	incident->class = (enum failure_class)last->class;
	incident->phase = (enum phase)last->phase;
	incident->reason = last->reason ? memory_text(last->reason) : NULL;
}

static void close_one(struct alert *alert, struct incident *incident, enum incident_end end,
		      usec_t ended, struct moment at, struct pack *rows)
{
	incident->end = end;
	incident->ended = ended > incident->started ? ended : incident->started;
	incident->transition++;
	/* While its watch is still known, and so are the labels. */
	alert_ask_held(alert, incident, at, rows);
	if (incident->watch)
		incident->watch->incident = NULL;
	incident->watch = NULL;
	alert->open_count--;
	tell(alert, incident, INCIDENT_CLOSES, at, rows);
	alert_keep_closed(alert, incident);
}

/* --- Picket's own ------------------------------------------------------------------------ */

static void open_own(struct alert *alert, const struct watch *watch, struct moment at,
		     struct pack *rows)
{
	struct incident *own = incident_new(NULL, NULL, watch->standing.since);

	own->severity = SEVERITY_CRITICAL;
	own->state = STATE_UNKNOWN;
	own->confirmed = at.wall;
	set_reason(own, &watch->last);
	enter(alert, own);
	alert->own = own;
	tell(alert, own, INCIDENT_OPENS, at, rows);
}

/* One watch more, or one less, is unknown because of this host. */
static void count_here(struct alert *alert, struct watch *watch, bool is_here, struct moment at,
		       struct pack *rows)
{
	if (watch->is_unknown_here == is_here)
		return;
	watch->is_unknown_here = is_here;
	if (is_here)
		alert->here_count++;
	else
		alert->here_count--;
	if (is_here && !alert->own)
		open_own(alert, watch, at, rows);
	else if (alert->here_count == 0 && alert->own)
		close_one(alert, TAKE(alert->own), INCIDENT_RECOVERED, at.wall, at, rows);
}

/* --- An endpoint's ----------------------------------------------------------------------- */

static enum severity severity_of(enum state state)
{
	return state == STATE_DOWN ? SEVERITY_CRITICAL : SEVERITY_WARNING;
}

static void open_one(struct alert *alert, struct watch *watch, struct moment at, struct pack *rows)
{
	const struct endpoint *endpoint = watch->endpoint;
	struct incident *incident =
		incident_new(endpoint->name, endpoint->group ? endpoint->group->name : NULL,
			     watch->standing.since);

	incident->state = watch->standing.state;
	incident->severity = severity_of(incident->state);
	incident->confirmed = at.wall;
	set_reason(incident, &watch->last);
	incident_set_labels(incident, endpoint);
	enter(alert, incident);
	incident->watch = watch;
	watch->incident = incident;
	tell(alert, incident, INCIDENT_OPENS, at, rows);
}

static void worsen(struct alert *alert, struct watch *watch, struct moment at, struct pack *rows)
{
	struct incident *incident = watch->incident;

	incident->state = watch->standing.state;
	incident->severity = severity_of(incident->state);
	incident->transition++;
	set_reason(incident, &watch->last);
	tell(alert, incident, INCIDENT_WORSENS, at, rows);
}

void alert_follow(struct alert *alert, struct watch *watch, struct moment at, struct pack *rows)
{
	const enum state state = watch->standing.state;
	const bool is_here = state == STATE_UNKNOWN && watch->last.class == CLASS_local;
	struct incident *incident = watch->incident;

	count_here(alert, watch, is_here, at, rows);
	if (state == STATE_DOWN || state == STATE_DEGRADED ||
	    (state == STATE_UNKNOWN && !is_here)) {
		if (!incident)
			open_one(alert, watch, at, rows);
		else if (incident->state != state)
			worsen(alert, watch, at, rows);
	} else if (incident && state == STATE_UP) {
		close_one(alert, incident, INCIDENT_RECOVERED, watch->standing.since, at, rows);
	} else if (incident && state == STATE_PAUSED) {
		close_one(alert, incident, INCIDENT_PAUSED, at.wall, at, rows);
	}
	trim_closed(alert, TRIMMED_A_TURN, rows);
}

void alert_look(struct alert *alert, struct watch *watch, struct moment at, struct pack *rows)
{
	const struct last_check *last = &watch->last;
	struct incident *incident = watch->incident;

	/* What this host lacks says nothing of the endpoint. */
	if (!incident || last->kind == VERDICT_PASS || last->class == CLASS_local ||
	    last->class == (uint8_t)incident->class)
		return;
	incident->transition++;
	set_reason(incident, last);
	tell(alert, incident, INCIDENT_CHANGES, at, rows);
}

void alert_leave(struct alert *alert, struct watch *watch, struct moment at, struct pack *rows)
{
	count_here(alert, watch, false, at, rows);
	if (watch->incident)
		close_one(alert, watch->incident, INCIDENT_REMOVED, at.wall, at, rows);
	trim_closed(alert, TRIMMED_A_TURN, rows);
}

void alert_rename(struct alert *alert, const char *(*now)(const char *before, void *context),
		  void *context)
{
	list_each (link, &alert->all) {
		struct incident *incident = LIST_ENTRY(link, struct incident, link);
		const char *name = incident->endpoint ? now(incident->endpoint, context) : NULL;

		if (!name)
			continue;
		free(incident->endpoint);
		incident->endpoint = memory_text(name);
	}
}

int alert_acknowledge(struct alert *alert, const char *id, const char *by, const char *comment,
		      struct moment at, struct pack *rows)
{
	struct incident *incident = map_find(alert->by_id, id);
	struct acknowledgement *acknowledged;

	if (!incident)
		return -ENOENT;
	if (!incident_is_open(incident))
		return -EALREADY;
	acknowledged = &incident->acknowledged;
	free(acknowledged->by);
	free(acknowledged->comment);
	*acknowledged = (struct acknowledgement){
		.at = at.wall,
		.by = by ? memory_text(by) : NULL,
		.comment = comment ? memory_text(comment) : NULL,
	};
	incident->transition++;
	tell(alert, incident, INCIDENT_IS_ACKNOWLEDGED, at, rows);
	return 0;
}

/* --- From the store, and again to it ----------------------------------------------------- */

void alert_take(struct alert *alert, const struct store_row *row)
{
	struct incident *incident;

	if (row->statement == STORE_READ_TOLD) {
		incident = map_find(alert->by_id, told_incident(row));
		if (incident)
			teller_take_told(alert->teller, incident, row);
		return;
	}
	incident = kept_take_incident(row);
	if (!incident)
		return;
	/* A file that is read twice, or late, says nothing new of what is known already. */
	if (map_find(alert->by_id, incident->id)) {
		incident_free(incident);
		return;
	}
	enter(alert, incident);
	if (!incident_is_open(incident)) {
		alert->open_count--;
		alert_keep_closed(alert, incident);
	}
}

/* What an open incident of before finds now. */
static void find_watch(struct alert *alert, struct incident *incident, const struct roster *roster,
		       struct moment at, struct pack *rows)
{
	struct watch *watch = incident->endpoint ? roster_find(roster, incident->endpoint) : NULL;

	if (!incident->endpoint && alert->here_count && !alert->own)
		alert->own = incident;
	else if (!incident->endpoint)
		close_one(alert, incident, INCIDENT_RECOVERED, at.wall, at, rows);
	else if (!watch)
		close_one(alert, incident, INCIDENT_REMOVED, at.wall, at, rows);
	else if (watch->is_paused)
		close_one(alert, incident, INCIDENT_PAUSED, at.wall, at, rows);
	else if (watch->incident || watch->standing.state == STATE_UP)
		close_one(alert, incident, INCIDENT_RECOVERED, watch->standing.since, at, rows);
	else {
		incident->watch = watch;
		watch->incident = incident;
	}
}

void alert_loaded(struct alert *alert, const struct roster *roster, struct moment at,
		  struct pack *rows)
{
	for (uint32_t i = 0; i < roster->count; i++) {
		struct watch *watch = roster->by_name[i];
		const bool is_here =
			watch->standing.state == STATE_UNKNOWN && watch->last.class == CLASS_local;

		if (is_here && !watch->is_unknown_here) {
			watch->is_unknown_here = true;
			alert->here_count++;
		}
	}
	list_each (link, &alert->all) {
		struct incident *incident = LIST_ENTRY(link, struct incident, link);

		if (incident_is_open(incident) && !incident->watch && incident != alert->own)
			find_watch(alert, incident, roster, at, rows);
	}
	alert_retell(alert);
}

/* The next one, or NULL; it may be freed, since the walk goes on behind it. */
static struct incident *walk_on(struct alert *alert, enum walk walk)
{
	struct list *link = alert->walks[walk];

	if (link == &alert->all)
		return NULL;
	alert->walks[walk] = link->after;
	return LIST_ENTRY(link, struct incident, link);
}

static bool is_over(const struct alert *alert, enum walk walk)
{
	return alert->walks[walk] == &alert->all;
}

void alert_retell(struct alert *alert)
{
	alert->walks[WALK_RETELL] = alert->all.after;
}

bool alert_retell_some(struct alert *alert, unsigned max, struct moment at, struct pack *rows)
{
	struct incident *incident;

	for (; max > 0 && (incident = walk_on(alert, WALK_RETELL)); max--) {
		if (incident_is_open(incident))
			alert_ask_held(alert, incident, at, rows);
		else if (teller_owes(incident))
			alert_look_again(alert, incident, at, rows);
		teller_resume(alert->teller, incident, at, rows);
		trim_closed(alert, 1, rows);
	}
	return is_over(alert, WALK_RETELL);
}

void alert_resend(struct alert *alert)
{
	alert->walks[WALK_RESEND] = alert->all.after;
}

bool alert_resend_some(struct alert *alert, const char *receiver, unsigned looks, unsigned max,
		       struct text *incidents, unsigned *count)
{
	const usec_t wall = clock_wall();
	const struct incident *incident;

	for (; looks > 0 && *count < max && (incident = walk_on(alert, WALK_RESEND)); looks--) {
		if (!incident_is_open(incident) || !teller_has_told(incident, receiver))
			continue;
		text_append(incidents, (*count)++ ? ",{" : "{");
		message_print_incident(incidents, incident, wall);
		text_append_char(incidents, '}');
	}
	return is_over(alert, WALK_RESEND);
}

void alert_pack_begin(struct alert *alert)
{
	alert->walks[WALK_PACK] = alert->all.after;
	alert->packed_bundle = 0;
}

bool alert_pack_some(struct alert *alert, unsigned max, struct pack *rows)
{
	const struct incident *incident;

	/* Messages come first: what is told by one that is not in the file counts as untold. */
	if (!teller_pack_queued(alert->teller, &alert->packed_bundle, max, rows))
		return false;
	for (; max > 0 && (incident = walk_on(alert, WALK_PACK)); max--) {
		kept_pack_incident(incident, rows);
		teller_pack_told(incident, rows);
	}
	return is_over(alert, WALK_PACK);
}

/* --- For whoever asks -------------------------------------------------------------------- */

const struct incident *alert_find(const struct alert *alert, const char *id)
{
	return map_find(alert->by_id, id);
}

unsigned alert_open(const struct alert *alert)
{
	return alert->open_count;
}

const struct incident *alert_before(const struct alert *alert, const struct incident *incident)
{
	const struct list *link = incident ? incident->link.before : alert->all.before;

	return link == &alert->all ? NULL : LIST_ENTRY(link, const struct incident, link);
}
