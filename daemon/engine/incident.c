/* incident.c - what went wrong, for whoever wants to know: the log and the events. */
#include "base/log.h"
#include "engine/house.h"
#include "status/status.h"

static void log_incident(const struct incident *incident, enum incident_move move)
{
	const char *what = move == INCIDENT_CLOSES ? incident_end_name(incident->end)
						   : incident_move_name(move);
	const struct log_field fields[] = {
		{ "PICKET_INCIDENT", incident->id },
		{ "PICKET_ENDPOINT", incident->endpoint ? incident->endpoint : "" },
		{ "PICKET_SEVERITY", severity_name(incident->severity) },
		{ "PICKET_CLASS", incident->class ? class_name(incident->class) : "" },
		{ "PICKET_REASON", incident->reason ? incident->reason : "" },
		{ 0 },
	};

	log_event(move == INCIDENT_CHANGES ? LOG_INFO : LOG_NOTICE, LOG_INCIDENT, fields,
		  "incident %s of '%s' %s", incident->id,
		  incident->endpoint ? incident->endpoint : "this host", what);
}

void incident_told(const struct incident *incident, enum incident_move move, void *context)
{
	struct engine *engine = context;

	log_incident(incident, move);
	outbox_follow(engine);
	if (engine->status)
		status_publish_incident(engine->status, incident, move);
}
