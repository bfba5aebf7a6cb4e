/* hold.c - what nobody is told of for some time, and what is owed when that is over. */
#include "alert/bundle.h"
#include "alert/inside.h"
#include "alert/told.h"

bool teller_owes(const struct incident *incident)
{
	if (incident_is_open(incident))
		return false;
	for (const struct told *told = incident->told; told; told = told->next) {
		const struct receiver *receiver = told->bundle->channel->receiver;

		if (told->transition && told->transition < incident->notable && receiver &&
		    receiver->sends_resolved)
			return true;
	}
	return false;
}

/* It stays with its bundle, where it counts for nothing meanwhile. */
static void keep_back(struct teller *teller, struct told *told, struct pack *rows)
{
	bundle_note_one(teller, told, rows);
	list_remove(&told->pending);
	told_count(told);
	step_plan(teller, told);
	teller_plan(teller, told->bundle);
}

void teller_hold(struct teller *teller, struct incident *incident, bool is_held, struct moment at,
		 struct pack *rows)
{
	incident->is_held = is_held;
	for (struct told *told = incident->told; told; told = told->next)
		keep_back(teller, told, rows);
	if (!is_held)
		teller_resume(teller, incident, at, rows);
}

/* --- Which incidents these are ------------------------------------------------------------- */

void alert_set_held(struct alert *alert, alert_held *is_held, void *context)
{
	alert->is_held = is_held;
	alert->held_context = context;
}

void alert_ask_held(struct alert *alert, struct incident *incident, struct moment at,
		    struct pack *rows)
{
	const bool is_over = !incident_is_open(incident);
	const bool is_held =
		alert->is_held && alert->is_held(incident, is_over, alert->held_context);

	if (is_held != incident->is_held)
		teller_hold(alert->teller, incident, is_held, at, rows);
}

void alert_keep_closed(struct alert *alert, struct incident *incident)
{
	incident->is_end_held = incident->is_held && teller_owes(incident);
	if (incident->is_end_held) {
		list_append(&alert->held, &incident->closed);
		alert->held_count++;
	} else {
		list_append(&alert->closed, &incident->closed);
		alert->closed_count++;
	}
}

void alert_look_again(struct alert *alert, struct incident *incident, struct moment at,
		      struct pack *rows)
{
	list_remove(&incident->closed);
	if (incident->is_end_held)
		alert->held_count--;
	else
		alert->closed_count--;
	alert_ask_held(alert, incident, at, rows);
	alert_keep_closed(alert, incident);
}

bool alert_hold(struct alert *alert, const struct watch *watch, struct moment at, struct pack *rows)
{
	struct incident *incident = watch->incident;
	const bool was_held = incident && incident->is_held;

	if (incident)
		alert_ask_held(alert, incident, at, rows);
	return incident && incident->is_held != was_held;
}

unsigned alert_hold_rest(struct alert *alert, unsigned most, struct moment at, struct pack *rows)
{
	if (alert->own)
		alert_ask_held(alert, alert->own, at, rows);
	/* Those that stay go to the end, so that each is looked at once a round. */
	for (; most > 0 && alert->held_count > 0; most--)
		alert_look_again(alert,
				 LIST_ENTRY(list_first(&alert->held), struct incident, closed), at,
				 rows);
	return alert->held_count;
}
