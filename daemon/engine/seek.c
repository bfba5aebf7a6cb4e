/* seek.c - where endpoints are found: looks at each source in its time, and asks for another
 * snapshot when one of them says something new.
 *
 * A set that is other than before goes the way of a reload (reload.c): a thread makes a
 * snapshot of the texts that run and of what was found, and its names are merged in slices.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/snapshot.h"
#include "engine/seek.h"
#include "loop/fetch.h"
#include "loop/records.h"

enum { BEGUN_A_TURN = 8, FETCHES_MAX = 4 };

/* Whoever writes several files is done by then. */
static const usec_t settle_for = 200 * USEC_PER_MS;
/* Whoever writes without end is looked at no more often. */
static const usec_t look_every = USEC_PER_SEC;
/* Snapshots are not made more often than this, and not more than a quarter of the time. */
static const usec_t snapshot_every = USEC_PER_SEC;
static const unsigned snapshot_share = 3;

static void arm(struct seeker *seeker)
{
	const usec_t now = clock_now();
	usec_t next = USEC_NEVER;

	list_each (link, &seeker->searches) {
		const struct search *search = LIST_ENTRY(link, struct search, link);

		if (search->due < next)
			next = search->due;
	}
	if (next == USEC_NEVER)
		(void)event_del(seeker->timer);
	else
		engine_arm(seeker->timer, next > now ? next - now : 0);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct seeker *seeker = context;
	const usec_t now = clock_now();
	unsigned begun = 0;

	(void)fd;
	(void)what;
	if (seeker->engine->is_ending)
		return;
	list_each (link, &seeker->searches) {
		struct search *search = LIST_ENTRY(link, struct search, link);

		if (search->due > now)
			continue;
		if (search->kind == DISCOVERY_HTTP && seeker->fetching == FETCHES_MAX) {
			search->due = now + settle_for;
			continue;
		}
		search->due = USEC_NEVER;
		search->looked = now;
		search->is_busy = true;
		seek_begin(seeker, search);
		if (++begun == BEGUN_A_TURN)
			break;
	}
	arm(seeker);
}

/* --- What came of it -------------------------------------------------------------------- */

static void log_fault(const struct search *search)
{
	log_line(LOG_WARNING, "'%s' (discover: %s): %s; %s", search->shown,
		 discovery_kind_name(search->kind), search->fault,
		 search->targets ? "going on with the targets that it had before"
				 : "going on without its targets");
}

/* It says something else than it did a moment ago. */
static void note_change(struct search *search)
{
	usec_t due = clock_now() + settle_for;

	if (due < search->looked + look_every)
		due = search->looked + look_every;
	if (search->is_busy)
		search->is_stale = true;
	else if (due < search->due)
		search->due = due;
}

/* As soon as may be. */
static void ask_for_snapshot(struct seeker *seeker)
{
	const usec_t now = clock_now();
	usec_t wait = snapshot_share * seeker->took;

	if (wait < snapshot_every)
		wait = snapshot_every;
	if (seeker->engine->is_once || seeker->asked || evtimer_pending(seeker->changed, NULL))
		return;
	engine_arm(seeker->changed,
		   seeker->taken && seeker->taken + wait > now ? seeker->taken + wait - now : 0);
}

void seek_found(struct seeker *seeker, struct search *search, struct targets *targets,
		const char *fault, usec_t again)
{
	const bool is_news = fault && (!search->fault || strcmp(search->fault, fault) != 0);

	search->is_busy = false;
	search->due = seeker->engine->is_once ? USEC_NEVER : clock_now() + again;
	if (search->is_stale)
		note_change(search);
	search->is_stale = false;
	free(search->fault);
	search->fault = fault ? memory_text(fault) : NULL;
	if (is_news && !seeker->engine->is_once)
		log_fault(search);
	if (targets) {
		const bool is_other =
			!search->targets || search->targets->digest != targets->digest;

		search->read_wall = clock_wall();
		if (search->targets)
			targets_unref(search->targets);
		search->targets = targets;
		if (is_other)
			ask_for_snapshot(seeker);
	}
	arm(seeker);
}

static void on_changed(evutil_socket_t fd, short what, void *context)
{
	struct seeker *seeker = context;

	(void)fd;
	(void)what;
	seeker->asked = clock_now();
	reload_found(seeker->engine);
}

struct find *seek_finds(const struct engine *engine, unsigned *ret_count)
{
	struct find *list = memory_new(DISCOVERIES_MAX, sizeof(*list));
	unsigned count = 0;

	list_each (link, &engine->seeker->searches) {
		const struct search *search = LIST_ENTRY(link, struct search, link);

		if (search->targets)
			list[count++] = (struct find){
				.key = memory_text(search->key),
				.targets = targets_ref(search->targets),
			};
	}
	*ret_count = count;
	return list;
}

/* Whether the running snapshot was made of what is known now. */
static bool is_up_to_date(const struct seeker *seeker)
{
	const struct snapshot *snapshot = seeker->engine->snapshot;

	for (unsigned i = 0; i < snapshot->discoveries_count; i++)
		list_each (link, &seeker->searches) {
			const struct search *search = LIST_ENTRY(link, struct search, link);
			const struct targets *used = snapshot->discoveries[i].targets;

			if (strcmp(search->key, snapshot->discoveries[i].key) == 0 &&
			    search->targets && (!used || used->digest != search->targets->digest))
				return false;
		}
	return true;
}

void seek_taken(struct engine *engine, bool is_found, const char *refused)
{
	struct seeker *seeker = engine->seeker;
	const usec_t now = clock_now();

	if (is_found) {
		seeker->took = now - seeker->asked;
		seeker->taken = now;
		seeker->asked = 0;
	}
	if (is_found || !refused) {
		free(seeker->refused);
		seeker->refused = refused ? memory_text(refused) : NULL;
	}
	/* What was refused is not tried again until something is new. */
	if (!refused && !is_up_to_date(seeker))
		ask_for_snapshot(seeker);
}

/* --- Which sources there are ------------------------------------------------------------- */

static bool is_watched(const struct seeker *seeker, int watch)
{
	list_each (link, &seeker->searches)
		if (LIST_ENTRY(link, struct search, link)->watch == watch)
			return true;
	return false;
}

static void search_free(struct seeker *seeker, struct search *search)
{
	if (seeker->busy == search)
		seeker->busy = NULL;
	list_remove(&search->link);
	list_remove(&search->job);
	if (search->watch >= 0 && !is_watched(seeker, search->watch))
		(void)inotify_rm_watch(seeker->inotify, search->watch);
	if (search->fetch) {
		fetch_cancel(search->fetch);
		seeker->fetching--;
	}
	if (search->records)
		records_cancel(search->records);
	if (search->targets)
		targets_unref(search->targets);
	text_done(&search->document);
	free(search->key);
	free(search->what);
	free(search->shown);
	free(search->fault);
	free(search);
}

static struct search *find_search(const struct seeker *seeker, const char *key)
{
	list_each (link, &seeker->searches) {
		struct search *search = LIST_ENTRY(link, struct search, link);

		if (strcmp(search->key, key) == 0)
			return search;
	}
	return NULL;
}

/* Files that were read while the snapshot was made are looked at again all the same: nobody
 * watched the folder then.
 */
static struct search *search_new(struct seeker *seeker, const struct discovery *discovery)
{
	struct search *search = MEMORY_NEW(struct search);

	search->seeker = seeker;
	search->kind = discovery->kind;
	search->key = memory_text(discovery->key);
	search->what = memory_text(discovery->what);
	search->shown = memory_text(discovery->shown);
	search->watch = -1;
	search->due = clock_now();
	if (discovery->targets) {
		search->targets = targets_ref(discovery->targets);
		/* What was kept from before this start has not been read since. */
		if (discovery->kind == DISCOVERY_FILE)
			search->read_wall = seeker->engine->snapshot->loaded_at;
	}
	if (discovery->fault)
		search->fault = memory_text(discovery->fault);
	list_init(&search->job);
	list_append(&seeker->searches, &search->link);
	return search;
}

void seek_follow(struct engine *engine)
{
	struct seeker *seeker = engine->seeker;
	const struct snapshot *snapshot = engine->snapshot;

	list_each (link, &seeker->searches)
		LIST_ENTRY(link, struct search, link)->is_wanted = false;
	for (unsigned i = 0; i < snapshot->discoveries_count; i++) {
		const struct discovery *discovery = &snapshot->discoveries[i];
		struct search *search = find_search(seeker, discovery->key);

		if (!search)
			search = search_new(seeker, discovery);
		if (search->refresh != discovery->refresh && !search->is_busy)
			search->due = clock_now();
		search->refresh = discovery->refresh;
		search->is_wanted = true;
	}
	list_each (link, &seeker->searches) {
		struct search *search = LIST_ENTRY(link, struct search, link);

		if (!search->is_wanted)
			search_free(seeker, search);
	}
	arm(seeker);
}

/* --- Folders ----------------------------------------------------------------------------- */

static void note_folder(struct seeker *seeker, const struct inotify_event *event)
{
	list_each (link, &seeker->searches) {
		struct search *search = LIST_ENTRY(link, struct search, link);

		/* The thread that looks for the first time has a watch that is not known here yet. */
		if (search->kind != DISCOVERY_FILE ||
		    (search->watch != event->wd && !(search->is_busy && search->watch < 0) &&
		     !(event->mask & IN_Q_OVERFLOW)))
			continue;
		note_change(search);
		if (event->mask & IN_IGNORED)
			search->watch = -1;
	}
}

static void on_folders(evutil_socket_t fd, short what, void *context)
{
	char data[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	const ssize_t len = read(fd, data, sizeof(data));

	(void)what;
	for (ssize_t at = 0; at < len;) {
		const struct inotify_event *event = (const void *)(data + at);

		note_folder(context, event);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	arm(context);
}

/* --- What people see --------------------------------------------------------------------- */

static const struct discovery *find_used(const struct snapshot *snapshot, const char *key)
{
	for (unsigned i = 0; i < snapshot->discoveries_count; i++)
		if (strcmp(snapshot->discoveries[i].key, key) == 0)
			return &snapshot->discoveries[i];
	return NULL;
}

void seek_show(struct engine *engine)
{
	struct seeker *seeker = engine->seeker;
	unsigned count = 0;

	list_each (link, &seeker->searches) {
		const struct search *search = LIST_ENTRY(link, struct search, link);
		const struct discovery *used = find_used(engine->snapshot, search->key);
		const char *why = used ? used->why : NULL;

		seeker->shown[count++] = (struct discovery_vital){
			.kind = discovery_kind_name(search->kind),
			.source = search->shown,
			.read_wall = search->read_wall,
			.targets = search->targets ? search->targets->count : 0,
			.endpoints = used ? used->endpoints : 0,
			.left_out = used ? used->left_out : 0,
			.fault = search->fault ? search->fault : seeker->refused,
			.why = why,
		};
	}
	engine->vitals.discoveries = seeker->shown;
	engine->vitals.discoveries_count = count;
}

/* --- Beginning and end ------------------------------------------------------------------- */

int seek_init(struct engine *engine)
{
	struct seeker *seeker = MEMORY_NEW(struct seeker);

	seeker->engine = engine;
	list_init(&seeker->searches);
	list_init(&seeker->jobs);
	seeker->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (seeker->ready_fd < 0) {
		free(seeker);
		return -errno;
	}
	seeker->inotify = engine->is_once ? -1 : inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (seeker->inotify >= 0) {
		seeker->folders = event_new(engine->base, seeker->inotify, EV_READ | EV_PERSIST,
					    on_folders, seeker);
		(void)event_add(seeker->folders, NULL);
	}
	seeker->ready = event_new(engine->base, seeker->ready_fd, EV_READ | EV_PERSIST,
				  seek_take_job, seeker);
	(void)event_add(seeker->ready, NULL);
	seeker->timer = evtimer_new(engine->base, on_timer, seeker);
	seeker->changed = evtimer_new(engine->base, on_changed, seeker);
	seeker->shown = memory_new(DISCOVERIES_MAX, sizeof(*seeker->shown));
	engine->seeker = seeker;
	seek_follow(engine);
	return 0;
}

/* A file system that does not answer takes longer than a stop may. */
static bool has_joined(const struct seeker *seeker)
{
	const usec_t until = seeker->engine->end_by;
	const struct timespec by = { (time_t)(until / USEC_PER_SEC),
				     (long)(until % USEC_PER_SEC) * 1000 };

	return pthread_clockjoin_np(seeker->thread, NULL, CLOCK_MONOTONIC, &by) == 0;
}

bool seek_done(struct engine *engine)
{
	struct seeker *seeker = TAKE(engine->seeker);

	list_each (link, &seeker->searches)
		search_free(seeker, LIST_ENTRY(link, struct search, link));
	if (seeker->job && !has_joined(seeker)) {
		(void)pthread_detach(seeker->thread);
		return false;
	}
	if (seeker->job)
		seek_job_free(TAKE(seeker->job));
	event_free(seeker->timer);
	event_free(seeker->changed);
	event_free(seeker->ready);
	if (seeker->folders)
		event_free(seeker->folders);
	if (seeker->inotify >= 0)
		(void)close(seeker->inotify);
	(void)close(seeker->ready_fd);
	free(seeker->refused);
	free(seeker->shown);
	free(seeker);
	return true;
}
