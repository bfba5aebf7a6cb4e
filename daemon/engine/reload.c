/* reload.c - another configuration: a thread loads all and complains about all; a merge
 * of the two lists of names, at most 500 steps a turn, makes it the running one.
 *
 * The same where other endpoints were found (seek.c): then the texts are those that run, whatever
 * the files say by now, and nobody is told of a reload.
 *
 * Unchanged endpoints keep timer, streak, state and history, and only look at the
 * new snapshot; what was refused changes nothing.  Requests that come meanwhile are
 * one more reload afterwards, however many they are.
 */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "alert/alert.h"
#include "alert/teller.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/discover.h"
#include "config/snapshot.h"
#include "engine/house.h"
#include "engine/shed.h"
#include "loop/notify.h"
#include "loop/resolve.h"
#include "option/complaint.h"
#include "probe/probe.h"

enum {
	STEPS_A_TURN = 500,
	FAULTS_LOGGED = 50,
	/* A reader of the API that asks faster than we load is one of these at most. */
	REQUESTS_MAX = 64,
};

struct request {
	void (*loaded)(const char *faults, void *context);
	void *context;
};

struct requests {
	struct request list[REQUESTS_MAX];
	unsigned count;
};

struct reload {
	struct engine *engine; /* borrowed */
	bool is_running; /* from the start of the thread to the last step */
	bool is_wanted; /* once more after this one */
	bool is_found_wanted; /* and so is one of what was found */
	bool is_found; /* this one is such */
	struct requests now, next;

	/* The loader's thread; it has what follows until `ready` says otherwise. */
	pthread_t thread;
	bool is_loading;
	int ready_fd; /* eventfd */
	char *path; /* owned */
	struct snapshot *running; /* one reference; whose texts are loaded again, or NULL */
	struct find *finds; /* owned, with what is in it */
	unsigned finds_count;
	struct complaints *complaints; /* owned */
	struct snapshot *loaded; /* owned */

	struct shed *shed; /* owned; of what ran before */

	/* The merge. */
	struct event *ready, *step; /* owned */
	struct watch **names; /* owned; as it will be shown */
	uint32_t names_count;
	uint32_t old_at; /* in roster.by_name */
	struct renames renames; /* who has another name once it is shown */
	struct watch **leaving; /* owned */
	uint32_t leaving_count, leaving_room;
	uint32_t entered, left; /* counted */
	bool is_shown; /* the new names are; what leaves is left to do */
};

/* --- The thread ---------------------------------------------------------------------- */

static void *load(void *context)
{
	struct reload *reload = context;
	const struct finds finds = { reload->finds, reload->finds_count };
	const uint64_t one = 1;

	if (reload->running)
		(void)snapshot_find(reload->running, &finds, reload->complaints, &reload->loaded);
	else
		(void)snapshot_load_found(reload->path, &finds, reload->complaints,
					  &reload->loaded);
	/* As shed.c does where another configuration takes over. */
	if (!reload->loaded)
		(void)malloc_trim(0);
	(void)!write(reload->ready_fd, &one, sizeof(one));
	return NULL;
}

static void answer_all(struct requests *requests, const char *faults)
{
	for (unsigned i = 0; i < requests->count; i++)
		requests->list[i].loaded(faults, requests->list[i].context);
	requests->count = 0;
}

static void finish(struct reload *reload, const char *faults);

static void drop_finds(struct reload *reload)
{
	for (unsigned i = 0; i < reload->finds_count; i++) {
		free((char *)(uintptr_t)reload->finds[i].key);
		targets_unref(reload->finds[i].targets);
	}
	free(TAKE(reload->finds));
	reload->finds_count = 0;
	if (reload->running)
		snapshot_unref(TAKE(reload->running));
}

/* The files anew, which finds everything too, or only what was found. */
static void choose(struct reload *reload)
{
	struct engine *engine = reload->engine;

	reload->is_found = !reload->is_wanted;
	reload->is_found_wanted = false;
	reload->finds = seek_finds(engine, &reload->finds_count);
	if (reload->is_found) {
		reload->running = snapshot_ref(engine->snapshot);
		return;
	}
	reload->is_wanted = false;
	reload->now = reload->next;
	reload->next.count = 0;
	notify_reloading();
	export_reopen(engine);
}

static void start(struct reload *reload)
{
	int r;

	reload->is_running = true;
	reload->complaints = complaints_new();
	reload->loaded = NULL;
	choose(reload);
	r = pthread_create(&reload->thread, NULL, load, reload);
	if (r) {
		struct text fault = { 0 };

		text_print(&fault, "no thread can be started to load the configuration: %s",
			   strerror(r));
		finish(reload, text_string(&fault));
		text_done(&fault);
		return;
	}
	(void)pthread_setname_np(reload->thread, "loader");
	reload->is_loading = true;
}

void reload_request(struct engine *engine, void (*loaded)(const char *faults, void *context),
		    void *context)
{
	struct reload *reload = engine->reload;

	if (engine->is_ending || (loaded && reload->next.count == REQUESTS_MAX)) {
		if (loaded)
			loaded(engine->is_ending ? "picketd is stopping"
						 : "too many reloads wait already",
			       context);
		return;
	}
	if (loaded)
		reload->next.list[reload->next.count++] = (struct request){ loaded, context };
	reload->is_wanted = true;
	if (!reload->is_running)
		start(reload);
}

void reload_found(struct engine *engine)
{
	if (engine->is_ending)
		return;
	engine->reload->is_found_wanted = true;
	if (!engine->reload->is_running)
		start(engine->reload);
}

/* --- What came of it ----------------------------------------------------------------- */

static void finish(struct reload *reload, const char *faults)
{
	struct engine *engine = reload->engine;

	complaints_free(TAKE(reload->complaints));
	drop_finds(reload);
	reload->is_running = false;
	if (!reload->is_found) {
		free(engine->config_fault);
		engine->config_fault = *faults ? memory_text(faults) : NULL;
		engine->vitals.config_fault = engine->config_fault;
		notify_ready();
	}
	if (!reload->is_found || !*faults)
		status_publish_config(engine->status, !*faults, faults);
	tell_now(engine);
	answer_all(&reload->now, faults);
	seek_taken(engine, reload->is_found, *faults ? faults : NULL);
	if ((reload->is_wanted || reload->is_found_wanted) && !engine->is_ending)
		start(reload);
}

static void log_complaints(struct complaints *complaints)
{
	const size_t count = complaints_count(complaints);

	for (size_t i = 0; i < count && i < FAULTS_LOGGED; i++) {
		const struct complaint *complaint = complaints_get(complaints, i);

		log_line(complaint->is_warning ? LOG_WARNING : LOG_ERR, "%s:%u:%u: %s%s",
			 complaint->place.file ? complaint->place.file : "(command line)",
			 complaint->place.line, complaint->place.column,
			 complaint->is_warning ? "warning: " : "", complaint->message);
	}
	if (count > FAULTS_LOGGED)
		log_line(LOG_WARNING, "and %zu more", count - FAULTS_LOGGED);
}

static void refuse(struct reload *reload)
{
	struct text faults = { 0 };

	/* Warnings are for the log: they are no reason to refuse anything. */
	complaints_print_faults(reload->complaints, &faults);
	log_complaints(reload->complaints);
	log_event(LOG_ERR, LOG_RELOAD_REFUSED, NULL,
		  reload->is_found
			  ? "with what was found now the configuration has %zu faults; "
			    "keeping the endpoints that run"
			  : "the new configuration has %zu faults; keeping the running one",
		  complaints_faults(reload->complaints));
	finish(reload, text_string(&faults));
	text_done(&faults);
}

/* --- The merge ----------------------------------------------------------------------- */

static void note_leaving(struct reload *reload, struct watch *watch)
{
	if (reload->leaving_count == reload->leaving_room) {
		reload->leaving_room = (uint32_t)memory_next_room(reload->leaving_room,
								  reload->leaving_count + 1u);
		reload->leaving =
			memory_grow(reload->leaving, reload->leaving_room, sizeof(struct watch *));
	}
	reload->leaving[reload->leaving_count++] = watch;
}

/* A new one, or one that goes on under that name. */
static struct watch *enter(struct reload *reload, const struct endpoint *new)
{
	struct engine *engine = reload->engine;
	struct watch *before =
		new->renamed_from ? roster_find(&engine->roster, new->renamed_from) : NULL;

	if (before) {
		rename_note(&reload->renames, before, new);
		return before;
	}
	reload->entered++;
	return roll_enter(engine, new, reload->loaded);
}

/* One name, the least that is left in either list; false at the end of both. */
static bool merge_one(struct reload *reload)
{
	struct engine *engine = reload->engine;
	struct roster *roster = &engine->roster;
	const struct snapshot *next = reload->loaded;
	struct watch *old = reload->old_at < roster->count ? roster->by_name[reload->old_at] : NULL;
	const struct endpoint *new = reload->names_count < next->endpoints_count
					     ? next->endpoints[reload->names_count]
					     : NULL;
	const int order = !old ? 1 : !new ? -1 : strcmp(old->endpoint->name, new->name);

	if (!old && !new)
		return false;
	if (order < 0) {
		if (!rename_find(engine, next, old)) {
			note_leaving(reload, old);
			reload->left++;
		}
		reload->old_at++;
		return true;
	}
	if (order == 0) {
		roll_change(engine, old, new, reload->loaded);
		reload->old_at++;
	} else {
		old = enter(reload, new);
	}
	reload->names[reload->names_count++] = old;
	return true;
}

static bool differ(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) != 0 : a != b;
}

/* What is fixed when the daemon starts, and changed all the same. */
static void warn_of_restart(const struct settings *old, const struct settings *new)
{
	const struct {
		const char *key;
		bool differs;
	} fixed[] = {
		{ "judges", old->judges != new->judges },
		{ "loops", old->loops != new->loops },
		{ "socket", strcmp(old->socket, new->socket) != 0 },
		{ "socket_mode", old->socket_mode != new->socket_mode },
		{ "listen", differ(old->listen, new->listen) },
		{ "limits.connections", old->connections != new->connections },
		{ "state_dir", strcmp(old->state_dir, new->state_dir) != 0 },
		{ "limits.events", old->events != new->events },
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (fixed[i].differs)
			log_line(LOG_WARNING,
				 "'picket.%s' has changed; it is taken up at the next start",
				 fixed[i].key);
}

/* All names are merged: from here on the new configuration is the running one. */
static void show(struct reload *reload)
{
	struct engine *engine = reload->engine;
	struct snapshot *before = engine->snapshot;
	const struct settings *settings = &reload->loaded->settings;
	const struct resolver_options resolver = engine_resolver(settings);

	rename_all(engine, &reload->renames, reload->loaded);
	roster_set_names(&engine->roster, TAKE(reload->names), reload->names_count);
	warn_of_restart(&before->settings, settings);
	engine->snapshot = TAKE(reload->loaded);
	roll_limits(engine, engine->snapshot, sizing_permits(engine->snapshot));
	evidence_shelf_bound(&engine->shelf, settings->evidence_total);
	resolver_configure(engine->tools->resolver, &resolver);
	lookouts_configure(engine, &resolver);
	engine_follow_doors(engine);
	remember_configure(engine);
	export_follow(engine);
	teller_configure(engine->teller, engine->snapshot->receivers);
	resend_follow(engine);
	dead_man_follow(engine);
	outbox_retell(engine);
	holds_follow(engine);
	shed_snapshot(reload->shed, before);
	quorum_follow_all(engine);
	seek_follow(engine);
	reload->is_shown = true;
}

static bool leave_one(struct reload *reload)
{
	if (reload->leaving_count == 0)
		return false;
	roll_leave(reload->engine, reload->leaving[--reload->leaving_count]);
	return true;
}

static void log_taken(const struct reload *reload)
{
	const struct snapshot *snapshot = reload->engine->snapshot;

	if (reload->is_found) {
		log_line(LOG_INFO,
			 "other endpoints were found: %u endpoints, %u of them new, %u gone",
			 snapshot->endpoints_count, reload->entered, reload->left);
		return;
	}
	log_complaints(reload->complaints);
	log_event(LOG_INFO, LOG_RELOADED, NULL, "reloaded '%s': %u endpoints", snapshot->path,
		  snapshot->endpoints_count);
}

static void take_steps(evutil_socket_t fd, short what, void *context)
{
	struct reload *reload = context;
	struct engine *engine = reload->engine;
	unsigned steps = 0;

	(void)fd;
	(void)what;
	while (!reload->is_shown && steps++ < STEPS_A_TURN)
		if (!merge_one(reload))
			show(reload);
	while (reload->is_shown && steps++ < STEPS_A_TURN) {
		if (leave_one(reload))
			continue;
		log_taken(reload);
		finish(reload, "");
		engine_pump(engine);
		return;
	}
	engine_arm(reload->step, 0);
}

static void begin_merge(struct reload *reload)
{
	reload->names = memory_new(reload->loaded->endpoints_count, sizeof(struct watch *));
	reload->names_count = reload->old_at = 0;
	reload->entered = reload->left = 0;
	reload->is_shown = false;
	engine_arm(reload->step, 0);
}

static void loaded(evutil_socket_t fd, short what, void *context)
{
	struct reload *reload = context;
	uint64_t count;

	(void)what;
	(void)!read(fd, &count, sizeof(count));
	(void)pthread_join(reload->thread, NULL);
	reload->is_loading = false;
	if (reload->engine->is_ending)
		finish(reload, "picketd is stopping");
	else if (!reload->loaded)
		refuse(reload);
	else
		begin_merge(reload);
}

int reload_init(struct engine *engine)
{
	struct reload *reload = MEMORY_NEW(struct reload);

	reload->engine = engine;
	reload->path = memory_text(engine->snapshot->path);
	reload->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (reload->ready_fd < 0) {
		free(reload->path);
		free(reload);
		return -errno;
	}
	reload->ready =
		event_new(engine->base, reload->ready_fd, EV_READ | EV_PERSIST, loaded, reload);
	reload->step = evtimer_new(engine->base, take_steps, reload);
	reload->shed = shed_new(engine->base);
	(void)event_add(reload->ready, NULL);
	engine->reload = reload;
	return 0;
}

/* A hundred thousand endpoints take longer to load than a stop may. */
static bool has_joined(const struct reload *reload)
{
	const usec_t until = reload->engine->end_by;
	const struct timespec by = { (time_t)(until / USEC_PER_SEC),
				     (long)(until % USEC_PER_SEC) * 1000 };

	return pthread_clockjoin_np(reload->thread, NULL, CLOCK_MONOTONIC, &by) == 0;
}

bool reload_done(struct engine *engine)
{
	struct reload *reload = TAKE(engine->reload);

	if (reload->is_loading && !has_joined(reload)) {
		(void)pthread_detach(reload->thread);
		return false;
	}
	if (reload->complaints)
		complaints_free(reload->complaints);
	drop_finds(reload);
	if (reload->loaded)
		snapshot_unref(reload->loaded);
	shed_free(reload->shed);
	event_free(reload->ready);
	event_free(reload->step);
	(void)close(reload->ready_fd);
	free(reload->names);
	free(reload->leaving);
	free(reload->renames.list);
	free(reload->path);
	free(reload);
	return true;
}
