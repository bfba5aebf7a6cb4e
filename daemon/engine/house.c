/* house.c - building the house from the ground up, and taking it down in mirror order. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alert/alert.h"
#include "alert/teller.h"
#include "base/glob.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/snapshot.h"
#include "engine/house.h"
#include "judge/judge.h"
#include "loop/listen.h"
#include "loop/loop.h"
#include "loop/notify.h"
#include "loop/orphans.h"
#include "loop/resolve.h"
#include "loop/signals.h"
#include "loop/turns.h"
#include "probe/probe.h"
#include "schedule/schedule.h"

/* A judge never blocks on files or network, so a task this old is a bug and worth a restart. */
static const usec_t judge_patience = 10 * USEC_PER_SEC;

void engine_arm(struct event *timer, usec_t wait)
{
	const struct timeval after = {
		.tv_sec = (time_t)(wait / USEC_PER_SEC),
		.tv_usec = (suseconds_t)(wait % USEC_PER_SEC),
	};

	(void)event_add(timer, &after);
}

void engine_wake_again(int eventfd)
{
	const uint64_t one = 1;

	(void)!write(eventfd, &one, sizeof(one));
}

/* --- What libevent calls --------------------------------------------------------------- */

static void on_pump(evutil_socket_t fd, short what, void *context)
{
	struct engine *engine = context;

	(void)fd;
	(void)what;
	engine_pump(engine);
	turns_share(engine->base);
}

static void on_verdicts(evutil_socket_t fd, short what, void *context)
{
	struct engine *engine = context;

	(void)fd;
	(void)what;
	engine_collect(engine);
	turns_share(engine->base);
}

static void on_flush(evutil_socket_t fd, short what, void *context)
{
	struct engine *engine = context;

	judge_flush(engine->tray);
}

static void on_tell(evutil_socket_t fd, short what, void *engine)
{
	(void)fd;
	(void)what;
	tell_now(engine);
}

static void on_end(evutil_socket_t fd, short what, void *engine)
{
	(void)fd;
	(void)what;
	end_look(engine);
}

/* Whoever removes the socket locks everybody out of a daemon that works. */
static void on_door(evutil_socket_t fd, short what, void *context)
{
	struct engine *engine = context;
	const int r = engine->is_ending ? 0 : status_keep_socket(engine->status);

	if (r > 0)
		log_line(LOG_WARNING, "somebody removed the socket; it is made again");
	else if (r < 0 && r != engine->door_fault)
		log_line(
			LOG_ERR,
			"somebody removed the socket, and it can't be made again: %s; trying again "
			"each second",
			strerror(-r));
	engine->door_fault = r < 0 ? r : 0;
}

static void on_signal(int signal, void *context)
{
	struct engine *engine = context;

	if (signal == SIGUSR1)
		tell_log(engine);
	else if (signal != SIGHUP)
		end_begin(engine, signal);
	else if (engine->reload)
		reload_request(engine, NULL, NULL);
}

bool engine_is_alive(const struct engine *engine)
{
	return judge_oldest_task(engine->judge, clock_now()) < judge_patience &&
	       lookouts_are_alive(engine);
}

/* The first loop turns, or nobody would ask; the others must too. */
static bool is_alive(void *engine)
{
	return engine_is_alive(engine);
}

/* --- From the ground up ---------------------------------------------------------------- */

static int fail(char **ret_fault, int r, const char *what)
{
	*ret_fault = memory_print("%s: %s", what, strerror(-r));
	return r;
}

static int build_ground(struct engine *engine, char **ret_fault)
{
	engine->base = loop_new();
	if (!engine->base)
		return fail(ret_fault, -EMFILE, "the event loop can't be made");
	engine->signals = signals_new(engine->base, on_signal, engine);
	if (!engine->signals)
		return fail(ret_fault, -EMFILE, "signals can't be read");
	engine->anchor = clock_wall() - clock_now();
	engine->boot_anchor = clock_wall() - clock_boot();
	engine->teller = teller_new(outbox_deliver, engine);
	engine->alert = alert_new(engine->teller, incident_told, engine);
	engine->orphans = orphans_new(engine->base);
	outbox_init(engine);
	resend_init(engine);
	if (holds_init(engine) < 0 || upkeeps_init(engine) < 0)
		return fail(ret_fault, -EMFILE, "no timer can be made");
	engine->turns = turns_new(&engine->vitals.turns);
	engine->pump_timer = evtimer_new(engine->base, on_pump, engine);
	engine->flush_timer = evtimer_new(engine->base, on_flush, engine);
	engine->tell_timer = evtimer_new(engine->base, on_tell, engine);
	engine->end_timer = evtimer_new(engine->base, on_end, engine);
	return 0;
}

static int build_organs(struct engine *engine, char **ret_fault)
{
	const struct settings *settings = &engine->snapshot->settings;
	const struct schedule_limits limits = {
		.max = sizing_permits(engine->snapshot),
		.max_per_host = settings->max_per_host,
		.anchor = engine->anchor,
	};
	const struct resolver_options resolver = engine_resolver(settings);
	const struct judge_options judges = {
		.threads = sizing_judges(settings),
		.capacity = limits.max,
	};

	engine->schedule = schedule_new(&limits);
	engine->judge = judge_new(&judges);
	if (!engine->judge)
		return fail(ret_fault, -EAGAIN, "no judge's thread can be started");
	if (judge_threads(engine->judge) < judges.threads)
		log_line(LOG_WARNING, "only %u of %u judges could be started; going on with them",
			 judge_threads(engine->judge), judges.threads);
	engine->tray = judge_tray_new(engine->judge);
	engine->judge_wake = event_new(engine->base, judge_wake_fd(engine->judge),
				       EV_READ | EV_PERSIST, on_verdicts, engine);
	(void)event_add(engine->judge_wake, NULL);
	engine->tools = probe_tools_new(engine->base, engine->orphans, &resolver);
	if (!engine->tools)
		return fail(ret_fault, -EMFILE, "the probes' tools can't be made");
	if (lookouts_init(engine, &resolver) < 0)
		return fail(ret_fault, -EMFILE, "a further loop can't be made");
	roll_limits(engine, engine->snapshot, limits.max);
	return 0;
}

struct resolver_options engine_resolver(const struct settings *settings)
{
	return (struct resolver_options){
		.servers = settings->resolver_servers,
		.timeout = settings->resolver_timeout,
		.tries = settings->resolver_tries,
	};
}

void engine_follow_doors(struct engine *engine)
{
	const struct settings *settings = &engine->snapshot->settings;
	const char *group = settings->admin_group;

	status_set_listen(engine->status, settings->listen_hosts, settings->listen_detail);
	status_set_programs(engine->status, engine->snapshot->runs_programs);
	if (status_set_admin_group(engine->status, group) < 0)
		log_line(
			LOG_WARNING,
			"there is no group '%s' here ('admin_group'); only root may change something",
			group);
}

/* What was passed under this name: a descriptor, or -ENOENT.  Others are a fault of the unit, and
 * opening another door instead would hide it.
 */
static int find_passed(const char *name, char **ret_fault)
{
	const int fd = listen_passed(name);

	if (fd == -ENOTSOCK && !*ret_fault)
		*ret_fault = memory_print("what the service manager passes as '%s' is no "
					  "listening socket",
					  name);
	return fd;
}

/* The doors for people and programs, and with it what only a daemon has. */
static int build_door(struct engine *engine, const char *socket, char **ret_fault)
{
	const struct settings *settings = &engine->snapshot->settings;
	struct status_options options = {
		.path = socket ? socket : settings->socket,
		.mode = settings->socket_mode,
		.passed_fd = find_passed("api", ret_fault),
		.listen = settings->listen,
		.passed_listen_fd = find_passed("listen", ret_fault),
		.connections = settings->connections,
		.events = settings->events,
		.first_event = keep_first_event(engine),
	};
	struct status_requests requests;
	int r;

	if (options.passed_fd == -ENOTSOCK || options.passed_listen_fd == -ENOTSOCK)
		return -ENOTSOCK;
	if (options.passed_fd >= 0)
		options.path = NULL;
	requests_init(engine, &requests);
	options.alert = engine->alert;
	options.teller = engine->teller;
	options.history = engine->history;
	options.silences = holds_silences(engine);
	r = status_new(engine->base, &options, &engine->roster, &engine->vitals, &requests,
		       &engine->status, ret_fault);
	if (r < 0)
		return r;
	engine_follow_doors(engine);
	engine->door_timer = event_new(engine->base, -1, EV_PERSIST, on_door, engine);
	engine_arm(engine->door_timer, USEC_PER_SEC);
	export_follow(engine);
	if (status_listens_at(engine->status))
		log_line(LOG_INFO, "listening on %s", status_listens_at(engine->status));
	dead_man_init(engine);
	r = reload_init(engine);
	if (r == 0)
		r = seek_init(engine);
	if (r < 0)
		return fail(ret_fault, r, "the loader can't be set up");
	return 0;
}

/* Nobody sends a beat to --once, and what counts others has nothing to count before its end. */
static bool is_chosen(const struct engine *engine, const struct endpoint *endpoint,
		      const char *const *only)
{
	if (engine->is_once && (endpoint->type->is_told || endpoint->type->has_members))
		return false;
	if (!only)
		return true;
	for (; *only; only++)
		if (glob_matches_name(*only, endpoint->name))
			return true;
	return false;
}

static void enter_all(struct engine *engine, const char *const *only)
{
	const struct snapshot *snapshot = engine->snapshot;
	struct watch **names = memory_new(snapshot->endpoints_count, sizeof(struct watch *));
	uint32_t count = 0;

	for (unsigned i = 0; i < snapshot->endpoints_count; i++)
		if (is_chosen(engine, snapshot->endpoints[i], only))
			names[count++] =
				roll_enter(engine, snapshot->endpoints[i], engine->snapshot);
	roster_set_names(&engine->roster, names, count);
	if (!engine->is_once)
		return;
	for (uint32_t i = 0; i < count; i++) {
		if (names[i]->is_paused)
			continue;
		schedule_now(engine->schedule, names[i]->id, clock_now());
		engine->once_left++;
	}
	engine->is_over = engine->is_over || engine->once_left == 0;
}

int engine_new(struct snapshot *snapshot, const struct engine_options *options,
	       struct engine **ret_engine, char **ret_fault)
{
	struct engine *engine = MEMORY_NEW(struct engine);
	int r;

	engine->snapshot = snapshot;
	engine->is_once = options->is_once;
	engine->over = (struct settings_over){ options->socket, options->state_dir };
	engine->vitals.started_wall = clock_wall();
	list_init(&engine->in_flight);
	list_init(&engine->guests);
	evidence_shelf_init(&engine->shelf, snapshot->settings.evidence_total);
	roster_init(&engine->roster);
	places_init(&engine->groups);
	places_init(&engine->hosts);
	r = build_ground(engine, ret_fault);
	if (r == 0 && !options->is_once && !options->is_ephemeral)
		r = keep_open(engine, options->state_dir, ret_fault);
	if (r == 0 && engine->keep)
		seek_recall(engine);
	if (r == 0 && !options->is_once)
		remember_init(engine);
	if (r == 0)
		r = build_organs(engine, ret_fault);
	if (r == 0 && !options->is_once)
		r = build_door(engine, options->socket, ret_fault);
	if (r == 0 && options->is_once && seek_once(engine) < 0)
		r = fail(ret_fault, -EMFILE, "what is to be found can't be looked for");
	if (r < 0) {
		(void)engine_free(engine);
		return r;
	}
	if (!options->is_once)
		teller_configure(engine->teller, engine->snapshot->receivers);
	enter_all(engine, options->only);
	keep_load(engine);
	if (engine->history)
		remember_begin(engine);
	maintenance_begin(engine);
	holds_follow(engine);
	if (!engine->is_once) {
		notify_ready();
		tell_now(engine);
		dead_man_follow(engine);
		engine->watchdog = watchdog_new(engine->base, is_alive, engine);
		log_event(LOG_INFO, LOG_STARTED, NULL,
			  "picketd %s watches %u endpoints, at most %u at once", PICKET_VERSION,
			  engine->roster.count, engine->vitals.permits_max);
	}
	*ret_engine = engine;
	return 0;
}

/* --- In mirror order ------------------------------------------------------------------- */

/* A second signal or the end of the grace leaves checks behind; their probes and judges
 * go with the process, and so does what they hold.
 */
bool engine_has_unfinished(const struct engine *engine)
{
	return !list_is_empty(&engine->in_flight) ||
	       (engine->judge && judge_in_hand(engine->judge)) || lookouts_away(engine);
}

static void free_organs(struct engine *engine)
{
	if (engine->dead_man)
		dead_man_done(engine);
	if (engine->outbox)
		resend_done(engine);
	outbox_done(engine);
	roll_done(engine);
	if (engine->lookouts)
		lookouts_done(engine);
	if (engine->tools)
		probe_tools_free(engine->tools);
	if (engine->orphans)
		orphans_free(engine->orphans);
	if (engine->judge_wake)
		event_free(engine->judge_wake);
	if (engine->tray)
		judge_tray_free(engine->tray);
	if (engine->judge)
		judge_free(engine->judge);
	if (engine->schedule)
		schedule_free(engine->schedule);
}

static void free_ground(struct engine *engine)
{
	struct event *const events[] = { engine->pump_timer, engine->flush_timer,
					 engine->tell_timer, engine->end_timer,
					 engine->door_timer };

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i])
			event_free(events[i]);
	if (engine->alert)
		alert_free(engine->alert);
	if (engine->upkeeps)
		upkeeps_done(engine);
	if (engine->holds)
		holds_done(engine);
	if (engine->teller)
		teller_free(engine->teller);
	if (engine->turns)
		turns_free(engine->turns);
	if (engine->signals)
		signals_free(engine->signals);
	if (engine->base)
		event_base_free(engine->base);
}

bool engine_free(struct engine *engine)
{
	bool is_whole = true;

	if (engine->watchdog)
		watchdog_free(engine->watchdog);
	if (engine->seeker && !seek_done(engine))
		is_whole = false;
	if (engine->reload && !reload_done(engine))
		is_whole = false;
	if (engine->status)
		status_free(engine->status);
	if (engine->keep && !keep_done(engine))
		is_whole = false;
	if (!export_done(engine))
		is_whole = false;
	/* What the store's thread works for is left to it. */
	if (engine_has_unfinished(engine) || !is_whole)
		return false;
	if (engine->lookouts && !lookouts_end(engine))
		return false;
	if (engine->history)
		remember_done(engine);
	free_organs(engine);
	free_ground(engine);
	places_done(&engine->hosts);
	places_done(&engine->groups);
	roster_done(&engine->roster);
	free(engine->members);
	free(engine->config_fault);
	free(engine->state_folder);
	snapshot_unref(engine->snapshot);
	free(engine);
	return is_whole;
}
