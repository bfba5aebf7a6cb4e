/* status.h - answers over the socket and at `listen:`: HTTP/1.1 with JSON, as picket-api(7) says.
 *
 * Reads the roster and asks the engine for what changes something.  Loop thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "model/check.h"
#include "model/incident.h"
#include "model/pulse.h"
#include "model/roster.h"

struct alert;
struct delivery_result;
struct event_base;
struct history;
struct notification;
struct silence;
struct silences;
struct probed; /* status/families.h */
struct status;
struct store;
struct teller;
struct text;

/* What became of the last sign of life to somebody outside. */
enum sign_of_life {
	SIGN_NONE, /* it is nobody's, or the first is still to come */
	SIGN_SENT,
	SIGN_FAILING, /* it did not arrive */
	SIGN_WITHHELD, /* the daemon is not well */
};

/* What the engine counts and status shows; owned and kept by the engine. */
/* A source of endpoints. */
struct discovery_vital {
	const char *kind; /* "file", "http", "dns" */
	const char *source; /* secrets masked */
	usec_t read_wall; /* when it was last read as a whole; 0: never */
	unsigned targets, endpoints, left_out;
	const char *fault; /* why the last try gave nothing; or NULL */
	const char *why; /* the first target that was left out, and why; or NULL */
};

struct vitals {
	usec_t started_wall;
	uint64_t checks_total, checks_failed, checks_cancelled;
	uint64_t outcomes[VERDICT_FAIL + 1][CLASSES]; /* by enum verdict_kind and failure_class */
	unsigned in_flight, waiting, permits_max;
	unsigned judges, judge_queued, judge_queue_max;
	struct histogram lateness;
	struct histogram turns; /* of the first loop */
	const struct histogram
		*further_turns; /* of each of the others; up to date after refresh() */
	unsigned further_loops;
	const char *config_path; /* of the main file; NULL: made of URLs */
	usec_t config_loaded_wall;
	unsigned messages_queued; /* to receivers */
	uint64_t messages_sent, messages_failed, messages_limited;
	bool is_exporting; /* verdicts, to a file */
	uint64_t exported, export_lost; /* lines of it */
	struct store *store; /* NULL: nothing is kept on the disk */
	enum sign_of_life sign;
	usec_t signed_wall; /* when one has arrived last; 0: never */
	char *sign_fault; /* owned; a sentence, or NULL */
	const char *config_fault; /* of the last refused reload, or NULL */
	const struct discovery_vital *discoveries; /* up to date after refresh() */
	unsigned discoveries_count;
};

/* One look at a target that is no endpoint's, with a module. */
struct probe_wish {
	const char *target, *module;
	usec_t timeout; /* at most; USEC_NEVER: as long as the module allows */
	/* Runs once, in a later turn, with what was seen; NULL: no permit came in time, or it was
	 * cancelled.
	 */
	void (*seen)(const struct probed *probed, void *context);
	void *context;
};

/* What the engine does when asked. */
struct status_requests {
	/* Brings `vitals` up to date. */
	void (*refresh)(void *engine);
	/* When this one is checked next (monotonic), USEC_NEVER: not at all. */
	usec_t (*next_check)(const struct watch *watch, void *engine);
	/* Checks now; `settled` runs once with the check, or NULL if none came in time (or the
	 * watch is gone).  Returns a handle for check_forget().
	 */
	void *(*check_now)(struct watch *watch,
			   void (*settled)(const struct check *, void *context), void *context,
			   void *engine);
	void (*check_forget)(void *handle, void *engine);
	/* The effective configuration as one JSON object, secrets masked; NULL: of what is no
	 * endpoint's.
	 */
	void (*explain)(const struct watch *watch, struct text *json, void *engine);
	/* No more checks of this one, or checks again; it stays so over a restart. */
	void (*pause)(struct watch *watch, bool is_paused, void *engine);
	/* A beat came for this one, which has a pulse. */
	void (*beat)(struct watch *watch, enum pulse_word word, const char *message, void *engine);
	/* Sends a marked message; `tested` runs once with what became of it.  A handle for
	 * test_forget(), or NULL where no receiver is called so.
	 */
	void *(*test_receiver)(const char *name,
			       void (*tested)(const struct delivery_result *, void *context),
			       void *context, void *engine);
	void (*test_forget)(void *handle, void *engine);
	/* 0; -ENOENT: no incident has this id; -EALREADY: it is closed. */
	int (*acknowledge)(const char *id, const char *by, const char *comment, void *engine);
	/* Takes a silence that is dated.  -ENOSPC, and it is freed: there are too many. */
	int (*silence)(struct silence *silence, void *engine);
	/* Ends one before its time, and gives it to the caller; NULL: none has this id. */
	struct silence *(*unsilence)(const char *id, const char *by, void *engine);
	/* Whose target that is, of the module's probe where there is such a module; or NULL.  Of
	 * several the first by name that is not paused, if there is one; without `sees_all` only of
	 * those that are public.
	 */
	struct watch *(*find_target)(const char *target, const char *module, bool sees_all,
				     void *engine);
	/* A handle for probe_forget(), or NULL with the status of HTTP and a sentence (malloc'ed)
	 * where it is refused.
	 */
	void *(*probe)(const struct probe_wish *wish, int *ret_code, char **ret_fault,
		       void *engine);
	void (*probe_forget)(void *handle, void *engine);
	/* Loads the configuration again; `loaded` runs once with all faults ("" if it was taken). */
	void (*reload)(void (*loaded)(const char *faults, void *context), void *context,
		       void *engine);
	void *engine;
};

struct status_options {
	const char *path; /* of the socket; NULL: none of our own */
	unsigned mode;
	int passed_fd; /* from the service manager, or -1 */
	const char *listen; /* an address with its port, for TCP; NULL: none of our own */
	int passed_listen_fd; /* from the service manager, or -1 */
	const char *admin_group; /* NULL: none */
	unsigned connections; /* at most, besides 8 for those who may change something */
	unsigned events; /* kept of each kind */
	const struct alert *alert; /* borrowed; whose incidents are shown */
	const struct teller *teller; /* borrowed; whose messages are counted */
	struct history *history; /* borrowed; what was */
	const struct silences *silences; /* borrowed */
	uint64_t first_event; /* its number, at least */
};

/* 0 or -errno with a sentence in *ret_fault (malloc'ed). */
int status_new(struct event_base *base, const struct status_options *options,
	       const struct roster *roster, const struct vitals *vitals,
	       const struct status_requests *requests, struct status **ret_status,
	       char **ret_fault);
/* Who may change something besides root, after a reload; NULL: nobody.  -ENOENT where no
 * group is called so: then nobody, too.
 */
int status_set_admin_group(struct status *status, const char *admin_group);
/* For whom `listen:` is there, after a reload: the names of hosts that a request may use,
 * borrowed and NULL-terminated (NULL: localhost, and the address it came to); and whether
 * evidence, configuration, addresses and headers are shown there.
 */
void status_set_listen(struct status *status, const char *const *hosts, bool shows_detail);
/* Where that is ("127.0.0.1:9799"); NULL: nowhere. */
const char *status_listens_at(const struct status *status);
/* Programs run as the daemon's user: who that is may change something no more. */
void status_set_programs(struct status *status, bool runs_programs);
/* Makes the Unix socket again where somebody has removed it, to be asked now and then: 1 where
 * that was so, 0 where it is there or is the service manager's, or -errno.
 */
int status_keep_socket(struct status *status);
/* No new requests; those that are open are answered.  True when none is left. */
bool status_drain(struct status *status);
void status_free(struct status *status);

/* The number of the last event. */
uint64_t status_last_event(const struct status *status);

/* What the last check of the watch has measured, for metrics. */
void status_note(struct watch *watch, const struct check *check);

/* What happened, for /v1/events. */
void status_publish_verdict(struct status *status, const struct watch *watch,
			    const struct check *check);
void status_publish_state(struct status *status, const struct watch *watch, enum state from);
void status_publish_incident(struct status *status, const struct incident *incident,
			     enum incident_move move);
/* A message was delivered, or could not be yet. */
void status_publish_notification(struct status *status, const struct notification *notification,
				 const char *receiver, bool is_taken, const char *detail);
void status_publish_config(struct status *status, bool is_taken, const char *fault);

/* One endpoint object, as the API and `picketd --once --json` show it; `next_check_wall`
 * is 0 or USEC_NEVER where none is planned, and the address is shown only with `shows_detail`.
 */
void status_print_endpoint(struct text *json, const struct roster *roster,
			   const struct watch *watch, usec_t next_check_wall, bool shows_detail);
/* The last check of the watch, as one object: see picket-api(7), `export`. */
void status_print_verdict(struct text *json, const struct watch *watch);
/* One line for people: "512 endpoints: 500 up, 2 degraded, …". */
void status_summary_print(struct text *text, const struct roster *roster,
			  const struct vitals *vitals);
