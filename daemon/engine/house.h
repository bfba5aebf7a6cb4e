/* house.h - what the files of engine/ share: the house itself. */
#pragma once

#include <event2/event.h>

#include "base/list.h"
#include "config/snapshot.h"
#include "engine/engine.h"
#include "engine/places.h"
#include "model/evidence.h"
#include "model/incident.h"
#include "model/notification.h"
#include "model/pulse.h"
#include "model/receiver.h"
#include "model/roster.h"
#include "status/status.h"

struct alert;
struct appender;
struct dead_man;
struct delivery_result;
struct delivery_tools;
struct find;
struct guest;
struct history;
struct holds;
struct judge;
struct judge_tray;
struct keep;
struct lookouts;
struct maintenance;
struct orphans;
struct outbox;
struct pack;
struct probe_tools;
struct reload;
struct resend;
struct resolver_options;
struct schedule;
struct seeker;
struct settings;
struct signals;
struct silence;
struct silences;
struct snapshot;
struct store_row;
struct teller;
struct turns;
struct upkeep;
struct upkeeps;
struct watchdog;

/* Verdicts may be this much later, so that one wake of a judge serves several checks.
 * Latency is measured by then; only the permit is held a little longer.
 */
#define ENGINE_GATHER_FOR (20 * USEC_PER_MS)

/* Where a watch stands among the limits; by watch id. */
/* What its certificate's dates were when it was looked at last, by this host's clock. */
enum dating { DATING_UNKNOWN, DATING_IN, DATING_OUT, DATINGS };

struct membership {
	uint32_t group; /* number in groups, or PLACE_NONE */
	uint32_t host; /* number in hosts, or PLACE_NONE */
	uint32_t upkeep; /* number in upkeeps, or PLACE_NONE */
	/* Gone from the configuration; ends when its check has. */
	bool is_leaving;
	/* The store has not its latest. */
	bool is_unkept;
	uint8_t dating; /* enum dating */
	struct guest *guest; /* owned; of a watch that is for one look only; else NULL */
};

struct engine {
	struct event_base *base; /* owned */
	struct snapshot *snapshot; /* one reference, owned; what is running */

	struct evidence_shelf shelf; /* what the watches keep is on it */
	struct roster roster;
	struct membership *members; /* owned; by watch id */
	uint32_t members_room;
	struct places groups; /* those that have a limit */
	struct places hosts;

	usec_t anchor; /* of the schedule's grid: wall time where the monotonic clock began */
	usec_t boot_anchor; /* of the clock of deadlines: wall time where CLOCK_BOOTTIME began */
	struct keep *keep; /* owned; NULL with --once and --ephemeral */
	char *state_folder; /* owned; where it keeps its file; NULL with these */
	struct teller *teller; /* owned */
	struct alert *alert; /* owned */
	struct history *history; /* owned; NULL with --once */
	struct orphans *orphans; /* owned */
	struct outbox *outbox; /* owned */
	struct resend *resend; /* owned */
	struct holds *holds; /* owned */
	struct upkeeps *upkeeps; /* owned */
	struct dead_man *dead_man; /* owned; NULL with --once */
	struct schedule *schedule; /* owned */
	struct probe_tools *tools; /* owned */
	struct lookouts *lookouts; /* owned */
	struct judge *judge; /* owned */
	struct judge_tray *tray; /* owned; the first loop's */
	struct status *status; /* owned; NULL with --once */
	struct signals *signals; /* owned */
	struct turns *turns; /* owned */
	struct watchdog *watchdog; /* owned; or NULL */
	struct reload *reload; /* owned; NULL with --once */
	struct seeker *seeker; /* owned; NULL with --once where nothing is to be found */
	unsigned once_faults; /* sources that said nothing to --once */

	struct event *pump_timer; /* owned */
	struct event *judge_wake; /* owned */
	struct event *flush_timer; /* owned; a few ms after the first check that is gathered */
	struct event *tell_timer; /* owned; a second after something worth telling */
	struct event *end_timer; /* owned */
	struct event *history_timer; /* owned; NULL with --once */
	struct event *door_timer; /* owned; each second, for a socket that somebody removes */
	int door_fault; /* -errno of the last try to make it again, which is told once */

	struct list guests; /* of guest->link */
	struct list in_flight; /* of check->link: in the hands of this loop's probes */
	unsigned exec_concurrent;
	usec_t together_until; /* what is due by then starts together */
	bool were_many; /* that started together the last time */
	unsigned dated[DATINGS];
	bool is_clock_doubted;
	unsigned judge_queue_max;
	bool is_held; /* no launches until half of judge_queue_max are gone */

	struct vitals vitals;
	char *config_fault; /* owned; what vitals shows */

	struct appender *appender; /* owned; NULL: nothing was exported yet */
	bool is_exporting;
	int export_fault; /* that was logged; errno, or 0 */

	bool is_offline; /* as `online_if` has it */
	bool is_once;
	struct settings_over over;
	unsigned once_left; /* endpoints that have not been checked */
	bool is_over; /* the loop ends with this turn */
	bool is_ending;
	usec_t end_by; /* monotonic; while ending */
	int ended_by; /* signal, or 0 */
};

/* engine.c: the pipeline */
void engine_pump(struct engine *engine);
void engine_collect(struct engine *engine);

/* house.c */
void engine_arm(struct event *timer, usec_t wait);
/* What waits for this eventfd(2) runs in the next turn; event_active() would have it run in this one,
 * behind all that is active already, and many slices would be one long turn.
 */
void engine_wake_again(int eventfd);
/* Who may change something and what is shown to whom, as the running configuration has it. */
void engine_follow_doors(struct engine *engine);
/* What a resolver is told; it borrows from `settings`. */
struct resolver_options engine_resolver(const struct settings *settings);
/* The judges and the further loops get on; that the first loop turns is told by whoever asks. */
bool engine_is_alive(const struct engine *engine);
/* Whether checks are in flight, wherever. */
bool engine_has_unfinished(const struct engine *engine);

/* lookouts.c: the further loops, and what is in their hands.  -EMFILE: no descriptor is left. */
int lookouts_init(struct engine *engine, const struct resolver_options *resolver);
/* Ends their threads; false where one does not turn any more, and stays with what it holds. */
bool lookouts_end(struct engine *engine);
void lookouts_done(struct engine *engine);
/* Takes a check (CHECK_PROBING) to be looked at from a further loop; false: it is one for the
 * first.  It sets out with lookouts_send(), and comes from judge_next() with check->is_away; then
 * lookouts_return() takes note.
 */
bool lookouts_take(struct engine *engine, struct check *check);
void lookouts_send(struct engine *engine);
void lookouts_return(struct engine *engine, struct check *check);
unsigned lookouts_away(const struct engine *engine);
void lookouts_cancel(struct engine *engine, const struct watch *watch);
void lookouts_cancel_all(struct engine *engine);
void lookouts_configure(struct engine *engine, const struct resolver_options *resolver);
/* Each of them turns. */
bool lookouts_are_alive(const struct engine *engine);
/* Brings vitals up to date. */
void lookouts_show(struct engine *engine);

/* incident.c: what went wrong, for whoever wants to know */
void incident_told(const struct incident *incident, enum incident_move move, void *engine);

/* hold.c: who is not told of what, for some time.  -EMFILE: no descriptor is left. */
int holds_init(struct engine *engine);
void holds_done(struct engine *engine);
/* Silences or watches are others than before: all are looked at. */
void holds_follow(struct engine *engine);
/* The same, in a turn of its own. */
void holds_soon(struct engine *engine);
/* It was checked: what has waited for that may be told now. */
void holds_note(struct engine *engine, struct watch *watch);
/* Takes a silence that is dated.  -ENOSPC, and it is freed: there are too many. */
int holds_add(struct engine *engine, struct silence *silence);
/* Ends one before its time, and gives it to the caller; NULL: none has this id. */
struct silence *holds_end(struct engine *engine, const char *id, const char *by);
const struct silences *holds_silences(const struct engine *engine);
/* A row of STORE_READ_SILENCES; what is over is dropped by `rows`. */
void holds_load(struct engine *engine, const struct store_row *row, struct pack *rows);
/* All of them, after the store lost them. */
void holds_pack(const struct engine *engine, struct pack *rows);

/* maintenance.c: windows, and whose are open.  -EMFILE: no descriptor is left. */
int upkeeps_init(struct engine *engine);
void upkeeps_done(struct engine *engine);
/* The number of what is known of these windows, one more user of it; PLACE_NONE for NULL. */
uint32_t upkeeps_enter(struct engine *engine, const struct maintenance *maintenance);
void upkeeps_leave(struct engine *engine, uint32_t number);
/* NULL for PLACE_NONE. */
const struct upkeep *upkeeps_get(const struct engine *engine, uint32_t number);
/* At the start, when history has begun. */
void maintenance_begin(struct engine *engine);
/* Its windows are others now, or it is new. */
void maintenance_change(struct engine *engine, struct watch *watch);
/* Whether a window of it is open may be another now: takes that over into watch->held.  True where it
 * was.
 */
bool maintenance_follow(struct engine *engine, struct watch *watch);

/* outbox.c: messages to receivers */
void outbox_init(struct engine *engine);
void outbox_done(struct engine *engine);
/* Something may have come to be due. */
void outbox_follow(struct engine *engine);
/* Who is to be told may be others now. */
void outbox_retell(struct engine *engine);
void outbox_deliver(struct notification *notification, const struct receiver *receiver,
		    void *engine);
/* A marked message at once, whose end `tested` hears of; a handle for outbox_forget(). */
void *outbox_test(struct engine *engine, const struct receiver *receiver,
		  void (*tested)(const struct delivery_result *result, void *context),
		  void *context);
void outbox_forget(void *handle);

/* What deliveries work with. */
struct delivery_tools outbox_tools(const struct engine *engine);

/* dead_man.c: a sign of life to somebody outside */
void dead_man_init(struct engine *engine);
/* As the running configuration has it. */
void dead_man_follow(struct engine *engine);
void dead_man_done(struct engine *engine);

/* resend.c: what lasts, again to those that keep no account of it */
void resend_init(struct engine *engine);
void resend_done(struct engine *engine);
/* The receivers may be others now. */
void resend_follow(struct engine *engine);

/* tell.c: one line about everything, for `systemctl status` and SIGUSR1 */
void tell_soon(struct engine *engine);
void tell_now(struct engine *engine);
void tell_log(const struct engine *engine);

/* roll.c: who is on the roster, and what the schedule knows of them */
void roll_limits(struct engine *engine, const struct snapshot *snapshot, unsigned permits);
struct watch *roll_enter(struct engine *engine, const struct endpoint *endpoint,
			 struct snapshot *snapshot);
/* For one look at once; no name leads to it, and it is struck when that is settled. */
struct watch *roll_enter_guest(struct engine *engine, const struct endpoint *endpoint,
			       struct snapshot *snapshot, struct guest *guest);
void roll_change(struct engine *engine, struct watch *watch, const struct endpoint *endpoint,
		 struct snapshot *snapshot);
/* A state may have an interval of its own. */
void roll_follow_state(struct engine *engine, struct watch *watch);
/* Paused or not, as the configuration and people ask for. */
void roll_follow_pause(struct engine *engine, struct watch *watch);
/* At once, or when the check that is in flight has ended. */
void roll_leave(struct engine *engine, struct watch *watch);
/* The end of a watch that was leaving. */
void roll_strike(struct engine *engine, struct watch *watch);
/* Nobody's check is in flight any more. */
void roll_done(struct engine *engine);

/* requests.c: what status/ may ask for */
void requests_init(struct engine *engine, struct status_requests *ret_requests);
/* Tells all who wait for this watch; `check` is NULL if none will come. */
void requests_answer(struct watch *watch, const struct check *check);

/* export.c: verdicts for others to read.  As the running configuration has it. */
void export_follow(struct engine *engine);
/* The file may have been moved away. */
void export_reopen(struct engine *engine);
/* The last check of the watch was judged. */
void export_verdict(struct engine *engine, const struct watch *watch);
/* Brings vitals up to date. */
void export_count(struct engine *engine);
/* Whether nothing of it is left behind. */
bool export_done(struct engine *engine);

/* guest.c: looks that /probe asks for */
struct watch *guest_find_target(const char *target, const char *module, bool sees_all,
				void *engine);
void *guest_probe(const struct probe_wish *wish, int *ret_code, char **ret_fault, void *engine);
void guest_forget(void *handle, void *engine);
/* Its check was judged, or was cancelled. */
void guest_settled(struct guest *guest, const struct check *check);
/* Its watch is gone. */
void guest_free(struct guest *guest);
/* Nobody waits any more. */
void guests_end(struct engine *engine);

/* keep.c: what outlives the process.  All but the first three do nothing without a store.
 *
 * Opens the store and waits some seconds for it; `folder` is over the configuration's own, or
 * NULL.  -EBUSY where another daemon has it; whatever else is wrong is logged and tried again.
 */
int keep_open(struct engine *engine, const char *folder, char **ret_fault);
/* The number of the first event of this run; also without a store. */
uint64_t keep_first_event(const struct engine *engine);
/* The latest of this one is worth little: it is written now and then. */
void keep_later(struct engine *engine, const struct watch *watch);
/* Takes up what is known of the watches on the roster; waits while the store reads. */
void keep_load(struct engine *engine);
/* Where rows are added that are to be written together; NULL without a store.  Hands them over. */
struct pack *keep_rows(struct engine *engine);
void keep_commit(struct engine *engine);
/* The same; `done` runs when they are on the disk, or given up. */
void keep_commit_then(struct engine *engine, void (*done)(int result, void *context),
		      void *context);
/* Adds the latest of this one. */
void keep_watch(struct engine *engine, const struct watch *watch);
/* Adds the beats that this one has heard, and that nobody sends them any more. */
void keep_pulse(struct engine *engine, const struct watch *watch);
void keep_drop_pulse(struct engine *engine, const struct watch *watch);
/* Adds that nobody watches it any more. */
void keep_drop(struct engine *engine, const struct watch *watch);
/* At the end, until it says that all is written or cannot be. */
bool keep_flush(struct engine *engine);
/* Whether nothing of it is left behind. */
bool keep_done(struct engine *engine);

/* reload.c */
int reload_init(struct engine *engine);
/* False where the loader is still at work, and stays with what it holds. */
bool reload_done(struct engine *engine);
/* `loaded` (or NULL) runs once, with "" or with every fault. */
void reload_request(struct engine *engine, void (*loaded)(const char *faults, void *context),
		    void *context);

/* Another snapshot of the texts that run, since what was found is other than it was. */
void reload_found(struct engine *engine);

/* seek_once.c: looks at all sources, and waits for that: what they say becomes part of the
 * snapshot, and what they can't say is told.  -EMFILE: no descriptor is left.
 */
int seek_once(struct engine *engine);
/* seek_keep.c: what was found before this start becomes part of the snapshot.  With a store. */
void seek_recall(struct engine *engine);

/* seek.c: where endpoints are found.  -EMFILE: no descriptor is left. */
int seek_init(struct engine *engine);
/* False where a file system does not answer, and stays with what it holds. */
bool seek_done(struct engine *engine);
/* The sources are those of the running snapshot. */
void seek_follow(struct engine *engine);
/* What is known of them: an array to be freed, with the keys and the references in it. */
struct find *seek_finds(const struct engine *engine, unsigned *ret_count);
/* A snapshot came to be the running one, or was refused: then says why.  `is_found`: it is one
 * that reload_found() asked for.
 */
void seek_taken(struct engine *engine, bool is_found, const char *refused);
/* Brings vitals up to date. */
void seek_show(struct engine *engine);

/* rename.c: who had another name.  A row of the store, with the name of now where it has one of
 * before; it may be *ret_renamed.
 */
const struct store_row *rename_row(struct engine *engine, const struct store_row *row,
				   struct store_row *ret_renamed);
/* As whom it goes on in another configuration; NULL: not under another name. */
const struct endpoint *rename_find(const struct engine *engine, const struct snapshot *next,
				   const struct watch *old);
/* It does so from rename_all() on: names are looked for among those of before until then. */
struct renames {
	struct rename *list; /* owned */
	uint32_t count, room;
};
void rename_note(struct renames *renames, struct watch *watch, const struct endpoint *endpoint);
void rename_all(struct engine *engine, struct renames *renames, struct snapshot *next);

/* remember.c: what was */
void remember_init(struct engine *engine);
void remember_begin(struct engine *engine);
/* As the running configuration has it. */
void remember_configure(struct engine *engine);
void remember_done(struct engine *engine);

/* end.c */
void end_begin(struct engine *engine, int signal);
/* Something was settled or answered: is that all? */
void end_check(struct engine *engine);

/* The grace is over, or it is time to look again. */
void end_look(struct engine *engine);

/* heartbeat.c: who is told by beats.  All but the last do nothing for other watches.
 *
 * It has come to be one, or another one.
 */
void heartbeat_enter(struct engine *engine, struct watch *watch);
/* A check begins, and gets what is known. */
void heartbeat_carry(struct engine *engine, struct watch *watch, struct check *check);
/* It is not in flight, or no longer: sees to it that it is looked at when there is reason to. */
void heartbeat_follow(struct engine *engine, struct watch *watch);
void heartbeat_resume(struct engine *engine, struct watch *watch);
/* What the store knows of its beats. */
void heartbeat_return(struct engine *engine, struct watch *watch, const struct store_row *row);
/* A beat came; the message (or NULL) is copied.  For status_requests. */
void heartbeat_hear(struct watch *watch, enum pulse_word word, const char *message, void *engine);

/* quorum.c: who counts others.  What this one counts for is looked at, since it has changed. */
void quorum_follow(struct engine *engine, const struct watch *member);
/* The same of all there are. */
void quorum_follow_all(struct engine *engine);
/* A check begins, and gets how the members are; and it has ended. */
void quorum_carry(struct engine *engine, struct watch *watch, struct check *check);
void quorum_done(struct engine *engine, struct watch *watch);

/* dates.c: whether its certificate is within its time; where most are not, the reasons say that it
 * may be the clock.
 */
void dates_note(struct engine *engine, const struct watch *watch, struct check *check);
/* It is another one now, or gone. */
void dates_forget(struct engine *engine, struct membership *member);

/* doubt.c: whether this check is not to be believed yet, because others are looked at first.
 * While this host is offline the verdict becomes one about this host.
 */
bool doubt_check(struct engine *engine, struct watch *watch, struct check *check);
/* Its last check is another one now. */
void doubt_note(struct engine *engine, const struct watch *watch);

/* sizing.c */
unsigned sizing_permits(const struct snapshot *snapshot);
unsigned sizing_judges(const struct settings *settings);
/* Loops, the first one included. */
unsigned sizing_loops(const struct settings *settings);
