/* incident.h - what went wrong with an endpoint, from its first failing check to its recovery.
 *
 * One incident holds from `down` or `degraded`, or an `unknown` that is not this host's fault, to
 * the state `up`, however bad it becomes in between.  Endpoints that are unknown because
 * of this host make one incident of picket itself, without an endpoint.
 *
 * The id comes from the endpoint's name and the first failing check alone: it is the same
 * after a reload, a restart and a kill, even where nothing was written in between.
 * Loop thread only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/list.h"
#include "model/verdict.h"
#include "model/watch.h"

enum { INCIDENT_ID_SIZE = 11 };

enum severity { SEVERITY_WARNING, SEVERITY_CRITICAL, SEVERITIES };

enum incident_end {
	INCIDENT_OPEN,
	INCIDENT_RECOVERED,
	INCIDENT_REMOVED, /* nobody watches the endpoint any more */
	INCIDENT_PAUSED,
	INCIDENT_ENDS,
};

/* What happens to one, for events and notifications. */
enum incident_move {
	INCIDENT_OPENS,
	INCIDENT_WORSENS, /* or is less bad than before: another severity */
	INCIDENT_CHANGES, /* another class */
	INCIDENT_IS_ACKNOWLEDGED,
	INCIDENT_CLOSES,
	INCIDENT_MOVES,
};

struct told; /* alert/teller.h */

struct acknowledgement {
	usec_t at; /* wall; 0: none */
	char *by; /* owned; or NULL */
	char *comment; /* owned; or NULL */
};

struct incident {
	char id[INCIDENT_ID_SIZE];
	char *endpoint; /* owned; NULL: picket itself */
	char *group; /* owned; or NULL */
	enum severity severity;
	enum state state; /* of the endpoint, as long as it was bad */
	enum failure_class class;
	enum phase phase; /* or PHASES */
	char *reason; /* owned; or NULL */
	char *labels; /* owned; a JSON object, those of its beginning for good; NULL: none */
	usec_t started, confirmed; /* wall */
	usec_t ended; /* wall; 0: open */
	enum incident_end end;
	unsigned transition; /* 1 when it opens, one more with each move */
	unsigned notable; /* the last transition that receivers are told */
	uint64_t classes; /* it has failed in so far, a bit each: so that none is news twice */
	struct acknowledgement acknowledged;
	struct told *told; /* owned by alert/: who was told what */
	bool is_held; /* nobody is told of it for some time (alert/) */
	bool is_end_held; /* it is over, and whoever knows of it is yet to be told so (alert/) */

	struct watch *watch; /* borrowed; NULL: of picket itself, or closed */
	struct list link; /* of all, by when they opened (alert/) */
	/* Of the closed ones, by when they closed, or of those whose end is kept back (alert/). */
	struct list closed;
};

struct incident *incident_new(const char *endpoint, const char *group, usec_t started);
void incident_free(struct incident *incident);
/* Takes over what labels the endpoint has. */
void incident_set_labels(struct incident *incident, const struct endpoint *endpoint);

static inline bool incident_is_open(const struct incident *incident)
{
	return incident->end == INCIDENT_OPEN;
}

/* "warning", "critical" */
const char *severity_name(enum severity severity);
/* "open", "recovered", "removed", "paused" */
const char *incident_end_name(enum incident_end end);
/* "opened", "worsened", "changed", "acknowledged", "closed" */
const char *incident_move_name(enum incident_move move);
enum severity severity_find(const char *name); /* SEVERITIES: none is called so */
enum incident_end incident_end_find(const char *name); /* INCIDENT_ENDS: none is called so */
