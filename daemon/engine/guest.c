/* guest.c - looks that /probe asks for: endpoints for one check, made of a module and a target.
 *
 * A guest has a watch of its own, so it takes its turn under all limits like everybody, but no
 * name leads to it, nothing is counted or kept, and it is gone when it was looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/glob.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/modules.h"
#include "config/snapshot.h"
#include "engine/house.h"
#include "status/families.h"

/* At one time; whoever asks and leaves does not make room at once. */
enum { GUESTS_MAX = 256 };

/* Beside its timeout, how long a look may wait for a permit. */
static const usec_t patience_for_permit = 5 * USEC_PER_SEC;

struct guest {
	struct list link; /* in engine->guests */
	struct engine *engine; /* borrowed */
	struct arena *arena; /* owned; of the endpoint */
	struct watch *watch; /* borrowed from the roster */
	struct event *timer; /* owned */
	void (*seen)(const struct probed *probed, void *context); /* NULL: nobody waits any more */
	void *context;
};

static void tell(struct guest *guest, const struct probed *probed)
{
	void (*seen)(const struct probed *, void *) = guest->seen;

	guest->seen = NULL;
	if (seen)
		seen(probed, guest->context);
}

void guest_free(struct guest *guest)
{
	tell(guest, NULL);
	list_remove(&guest->link);
	event_free(guest->timer);
	arena_free(guest->arena);
	free(guest);
}

/* Where its check is in flight, that is left to end. */
static void give_up(struct guest *guest)
{
	if (guest->watch->is_in_flight) {
		tell(guest, NULL);
		return;
	}
	roll_strike(guest->engine, guest->watch);
	guest_free(guest);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	give_up(context);
}

void guest_settled(struct guest *guest, const struct check *check)
{
	const struct probed probed = {
		.last = &guest->watch->last,
		.state = STATES,
		.shows_detail = true,
	};
	struct probed seen = probed;

	roster_note(guest->watch, check);
	status_note(guest->watch, check);
	seen.figures = guest->watch->figures;
	tell(guest, &seen);
}

/* Where the host ends: at a path, a query or a fragment. */
static size_t host_end(const char *target)
{
	const char *scheme = strstr(target, "://");
	const char *host = scheme ? scheme + 3 : target;

	return (size_t)(host - target) + strcspn(host, "/?#\\");
}

/* A star for a part of the host stays in the host, so that https://evil.test/a.example.com/ is not
 * allowed by a star before .example.com/.  A pattern without a path allows every path.
 */
static bool allows(const char *pattern, const char *target)
{
	const size_t pattern_host = host_end(pattern), host = host_end(target);

	if (strcmp(pattern, "*") == 0)
		return true;
	return glob_matches(pattern, pattern_host, target, host) &&
	       (!pattern[pattern_host] || glob_matches_name(pattern + pattern_host, target + host));
}

static bool is_allowed(const struct settings *settings, const char *target)
{
	for (const char *const *glob = settings->probe_allow; glob && *glob; glob++)
		if (allows(*glob, target))
			return true;
	return false;
}

static unsigned count_guests(const struct engine *engine)
{
	const struct list *head = &engine->guests;
	unsigned count = 0;

	for (const struct list *link = head->after; link != head; link = link->after)
		count++;
	return count;
}

/* NULL, or why not; *ret_code is then the status of HTTP. */
static char *refuse(const struct engine *engine, const struct probe_wish *wish, int *ret_code)
{
	*ret_code = 400;
	if (!module_find(engine->snapshot, wish->module))
		return memory_print("No module is called '%.128s'.", wish->module);
	*ret_code = 403;
	if (!is_allowed(&engine->snapshot->settings, wish->target))
		return memory_print("The target '%.256s' is none of an endpoint, and no pattern of "
				    "'probe_allow' of 'picket:' matches it.",
				    wish->target);
	*ret_code = 503;
	if (engine->is_ending)
		return memory_text("picketd is stopping.");
	if (count_guests(engine) >= GUESTS_MAX)
		return memory_text("Too many targets are being looked at; try later.");
	return NULL;
}

void *guest_probe(const struct probe_wish *wish, int *ret_code, char **ret_fault, void *engine_)
{
	struct engine *engine = engine_;
	char *fault = refuse(engine, wish, ret_code);
	struct arena *arena;
	struct endpoint *endpoint;
	struct guest *guest;
	cleanup(text)
	struct text sentence = { 0 };

	if (fault) {
		*ret_fault = fault;
		return NULL;
	}
	arena = arena_new();
	endpoint = module_aim(module_find(engine->snapshot, wish->module), wish->target,
			      wish->timeout, arena, &sentence);
	if (!endpoint) {
		arena_free(arena);
		*ret_code = 400;
		*ret_fault = text_take(&sentence);
		return NULL;
	}
	guest = MEMORY_NEW(struct guest);
	guest->engine = engine;
	guest->arena = arena;
	guest->seen = wish->seen;
	guest->context = wish->context;
	guest->timer = evtimer_new(engine->base, on_timer, guest);
	list_append(&engine->guests, &guest->link);
	engine_arm(guest->timer, endpoint->timeout + patience_for_permit);
	guest->watch = roll_enter_guest(engine, endpoint, engine->snapshot, guest);
	return guest;
}

void guest_forget(void *handle, void *engine)
{
	struct guest *guest = handle;

	(void)engine;
	guest->seen = NULL;
	give_up(guest);
}

void guests_end(struct engine *engine)
{
	list_each (link, &engine->guests)
		give_up(LIST_ENTRY(link, struct guest, link));
}

static int compare_target(const void *key, const void *element)
{
	const struct endpoint *const *endpoint = element;

	return strcmp(key, (*endpoint)->target);
}

struct watch *guest_find_target(const char *target, const char *module_name, bool sees_all,
				void *engine_)
{
	const struct engine *engine = engine_;
	const struct snapshot *snapshot = engine->snapshot;
	const struct module *module = module_find(snapshot, module_name);
	const struct endpoint *const *end = snapshot->by_target + snapshot->endpoints_count;
	const struct endpoint *const *found = NULL;
	struct watch *paused = NULL;

	if (snapshot->endpoints_count)
		found = bsearch(target, snapshot->by_target, snapshot->endpoints_count,
				sizeof(*found), compare_target);
	if (!found)
		return NULL;
	/* The first of those that are equal. */
	while (found > snapshot->by_target && strcmp(found[-1]->target, target) == 0)
		found--;
	for (; found < end && strcmp((*found)->target, target) == 0; found++) {
		const bool is_meant = !module || (*found)->type == module->endpoint.type;
		struct watch *watch = NULL;

		if (is_meant && (sees_all || (*found)->is_public))
			watch = roster_find(&engine->roster, (*found)->name);
		if (watch && !watch->is_paused)
			return watch;
		if (watch && !paused)
			paused = watch;
	}
	return paused;
}
