/* quorums.c - who counts whom: names and globs become the endpoints that they stand for.
 *
 * Both directions are kept: a quorum has its members, and each member the quorums that it
 * counts for, so that its change is theirs at once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/glob.h"
#include "base/memory.h"
#include "config/discover.h"
#include "config/loader.h"
#include "probe/probe.h"
#include "probe/quorum.h"

enum {
	MEMBERS_MAX = 1000, /* of one: they are counted in one turn of the loop */
	MEMBERSHIPS_MAX = 200000, /* of all */
	CHAIN_TOLD_MAX = 8,
};

/* One quorum in the making. */
struct quorum {
	uint32_t number; /* in loader->made */
	uint32_t *members; /* owned; numbers in loader->made, sorted, each once */
	uint32_t count, room;
	uint32_t open; /* members that are quorums and not known to end */
	bool is_refused;
	bool is_seen; /* on the way round */
};

struct quorums {
	struct loader *loader;
	struct quorum *list; /* owned; in the order of the names */
	uint32_t count;
	size_t memberships;
	uint32_t *from, *users; /* owned; turn_round() */
	bool is_circular;
};

static struct place place_of(const struct loader *loader, const struct quorum *quorum)
{
	return value_place(loader->made[quorum->number].place);
}

static const struct endpoint *endpoint_of(const struct loader *loader, uint32_t number)
{
	return loader->made[number].endpoint;
}

static bool is_quorum(const struct endpoint *endpoint)
{
	return endpoint && endpoint->type->has_members;
}

static void collect(struct quorums *quorums)
{
	const struct loader *loader = quorums->loader;

	for (uint32_t i = 0; i < loader->made_count; i++) {
		if (!is_quorum(endpoint_of(loader, i)))
			continue;
		quorums->list =
			memory_grow(quorums->list, quorums->count + 1, sizeof(*quorums->list));
		quorums->list[quorums->count++] = (struct quorum){ .number = i };
	}
}

static void add(struct quorums *quorums, struct quorum *quorum, uint32_t number)
{
	if (quorum->is_refused)
		return;
	if (quorum->count == quorum->room) {
		quorum->room = (uint32_t)memory_next_room(quorum->room, quorum->count + 1u);
		quorum->members =
			memory_grow(quorum->members, quorum->room, sizeof(*quorum->members));
	}
	quorum->members[quorum->count++] = number;
	quorums->memberships++;
}

static bool is_glob(const char *text)
{
	return strpbrk(text, "*?") != NULL;
}

/* The first endpoint that is not before `text`, of which `len` bytes count. */
static uint32_t first_from(const struct loader *loader, const char *text, size_t len)
{
	size_t low = 0, high = loader->made_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strncmp(loader->made[middle].name, text, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (uint32_t)low;
}

/* All that it matches but the quorum itself; whether there is any. */
static bool add_glob(struct quorums *quorums, struct quorum *quorum, const char *glob)
{
	const struct loader *loader = quorums->loader;
	const size_t fixed = strcspn(glob, "*?");
	bool is_found = false;

	for (uint32_t i = first_from(loader, glob, fixed);
	     i < loader->made_count && strncmp(loader->made[i].name, glob, fixed) == 0; i++) {
		if (i == quorum->number || !glob_matches_name(glob, loader->made[i].name))
			continue;
		is_found = true;
		if (quorum->count <= MEMBERS_MAX)
			add(quorums, quorum, i);
	}
	return is_found;
}

static bool add_name(struct quorums *quorums, struct quorum *quorum, const char *name)
{
	const struct loader *loader = quorums->loader;
	const uint32_t number = first_from(loader, name, strlen(name) + 1);

	if (number == loader->made_count || strcmp(loader->made[number].name, name) != 0)
		return false;
	add(quorums, quorum, number);
	return true;
}

static void refuse_member(const struct quorums *quorums, struct quorum *quorum, unsigned number,
			  const char *text)
{
	const struct mention mention =
		mention_by(quorums->loader, &quorums->loader->made[quorum->number],
			   "quorum.members", number, text);

	quorum->is_refused = true;
	if (is_glob(text) && !quorums->loader->files.is_broken)
		complain(quorums->loader->complaints, &mention.place,
			 "'quorum.members' has '%.130s', which no endpoint's name matches",
			 mention.name);
	else
		relations_refuse_name(quorums->loader, &mention, text);
}

static int compare_number(const void *a_, const void *b_)
{
	const uint32_t a = *(const uint32_t *)a_, b = *(const uint32_t *)b_;

	return (a > b) - (a < b);
}

/* In the order of names, each once. */
static void sort_members(struct quorum *quorum)
{
	uint32_t kept = 0;

	if (quorum->count)
		qsort(quorum->members, quorum->count, sizeof(*quorum->members), compare_number);
	for (uint32_t i = 0; i < quorum->count; i++)
		if (i == 0 || quorum->members[i] != quorum->members[kept - 1])
			quorum->members[kept++] = quorum->members[i];
	quorum->count = kept;
}

/* Whether what is not there may be found some day. */
static bool may_come(const struct loader *loader, const char *text)
{
	return is_glob(text) ? loader->snapshot->discoveries_count > 0
			     : discovery_may_name(loader, text);
}

static void find_members(struct quorums *quorums, struct quorum *quorum)
{
	const struct endpoint *endpoint = endpoint_of(quorums->loader, quorum->number);
	const struct quorum_options *options = endpoint->options;
	const struct place place = place_of(quorums->loader, quorum);
	bool may_grow = false;

	for (unsigned i = 0; options->members[i]; i++) {
		const char *text = options->members[i];
		const bool is_there = is_glob(text) ? add_glob(quorums, quorum, text)
						    : add_name(quorums, quorum, text);
		const bool is_open =
			(is_glob(text) || !is_there) && may_come(quorums->loader, text);

		may_grow = may_grow || is_open;
		if (!is_there && !is_open)
			refuse_member(quorums, quorum, i, text);
	}
	sort_members(quorum);
	if (quorum->is_refused)
		return;
	if (quorum->count > MEMBERS_MAX || quorums->memberships > MEMBERSHIPS_MAX)
		complain(quorums->loader->complaints, &place,
			 "a quorum has at most %u members, and all together have at most %u",
			 MEMBERS_MAX, MEMBERSHIPS_MAX);
	else if (options->need > quorum->count && !may_grow)
		complain(quorums->loader->complaints, &place,
			 "'quorum.need' is %u, and of the %u member%s never more can be up",
			 options->need, quorum->count, quorum->count == 1 ? "" : "s");
	else
		return;
	quorum->is_refused = true;
}

static int compare_quorum(const void *number_, const void *quorum_)
{
	const uint32_t number = *(const uint32_t *)number_;
	const struct quorum *quorum = quorum_;

	return (number > quorum->number) - (number < quorum->number);
}

static struct quorum *find_quorum(const struct quorums *quorums, uint32_t number)
{
	return bsearch(&number, quorums->list, quorums->count, sizeof(*quorums->list),
		       compare_quorum);
}

/* Its first member that goes round. */
static struct quorum *next_open(const struct quorums *quorums, const struct quorum *quorum)
{
	for (uint32_t i = 0; i < quorum->count; i++) {
		struct quorum *member = find_quorum(quorums, quorum->members[i]);

		if (member && member->open)
			return member;
	}
	return NULL;
}

/* From one that goes round, or only leads there, on to where it does. */
static void refuse_circle(const struct quorums *quorums, struct quorum *quorum)
{
	const struct made *made = quorums->loader->made;
	const struct quorum *first;
	struct text chain = { 0 };
	struct place place;

	for (; !quorum->is_seen; quorum = next_open(quorums, quorum))
		quorum->is_seen = true;
	first = quorum;
	place = place_of(quorums->loader, first);
	for (unsigned i = 0; i < CHAIN_TOLD_MAX && (i == 0 || quorum != first); i++) {
		text_print(&chain, "'%s' counts ", made[quorum->number].name);
		quorum = next_open(quorums, quorum);
	}
	text_print(&chain, "%s'%s'", quorum == first ? "" : "… counts ", made[first->number].name);
	complain(quorums->loader->complaints, &place, "'quorum.members' goes round in a circle: %s",
		 text_string(&chain));
	text_done(&chain);
}

/* Sets `from`: the quorums that each endpoint counts for are users[from[i]] to [from[i + 1]]. */
static void turn_round(struct quorums *quorums)
{
	const size_t count = quorums->loader->made_count;
	uint32_t *at;

	quorums->from = memory_new(count + 2, sizeof(*quorums->from));
	quorums->users = memory_new(quorums->memberships + 1, sizeof(*quorums->users));
	for (uint32_t i = 0; i < quorums->count; i++)
		for (uint32_t k = 0; k < quorums->list[i].count; k++)
			quorums->from[quorums->list[i].members[k] + 1]++;
	for (size_t i = 0; i < count; i++)
		quorums->from[i + 1] += quorums->from[i];
	at = memory_new(count + 1, sizeof(*at));
	memcpy(at, quorums->from, (count + 1) * sizeof(*at));
	for (uint32_t i = 0; i < quorums->count; i++)
		for (uint32_t k = 0; k < quorums->list[i].count; k++)
			quorums->users[at[quorums->list[i].members[k]]++] = i;
	free(at);
}

/* One whose members all end does so itself: who counts it has one less to wait for. */
static void find_circles(struct quorums *quorums)
{
	uint32_t *ready = memory_new(quorums->count + 1u, sizeof(*ready)), ready_count = 0;

	for (uint32_t i = 0; i < quorums->count; i++) {
		struct quorum *quorum = &quorums->list[i];

		for (uint32_t k = 0; k < quorum->count; k++)
			quorum->open += find_quorum(quorums, quorum->members[k]) != NULL;
		if (!quorum->open)
			ready[ready_count++] = i;
	}
	for (uint32_t i = 0; i < ready_count; i++) {
		const uint32_t number = quorums->list[ready[i]].number;

		for (uint32_t k = quorums->from[number]; k < quorums->from[number + 1]; k++)
			if (--quorums->list[quorums->users[k]].open == 0)
				ready[ready_count++] = quorums->users[k];
	}
	for (uint32_t i = 0; i < quorums->count; i++)
		if (quorums->list[i].open && !quorums->is_circular) {
			quorums->is_circular = true;
			refuse_circle(quorums, &quorums->list[i]);
		}
	free(ready);
}

/* --- What the endpoints are to know ------------------------------------------------------ */

static const char **make_names(const struct loader *loader, const uint32_t *numbers, uint32_t count)
{
	const char **names = arena_take(loader->arena, (count + 1u) * sizeof(*names));

	for (uint32_t i = 0; i < count; i++)
		names[i] = loader->made[numbers[i]].name;
	return names;
}

/* It is still in the making. */
static struct endpoint *open_endpoint(const struct loader *loader, uint32_t number)
{
	return (struct endpoint *)(uintptr_t)loader->made[number].endpoint;
}

static void tell_endpoints(const struct quorums *quorums)
{
	const struct loader *loader = quorums->loader;
	uint32_t *numbers = memory_new(quorums->count + 1u, sizeof(*numbers));

	for (uint32_t i = 0; i < quorums->count; i++) {
		const struct quorum *quorum = &quorums->list[i];

		numbers[i] = quorum->number;
		open_endpoint(loader, quorum->number)->members =
			make_names(loader, quorum->members, quorum->count);
	}
	loader->snapshot->quorums = make_names(loader, numbers, quorums->count);
	for (uint32_t i = 0; i < loader->made_count; i++) {
		const uint32_t count = quorums->from[i + 1] - quorums->from[i];

		for (uint32_t k = 0; k < count; k++)
			numbers[k] = quorums->list[quorums->users[quorums->from[i] + k]].number;
		if (count && loader->made[i].endpoint)
			open_endpoint(loader, i)->quorums = make_names(loader, numbers, count);
	}
	free(numbers);
}

void examine_quorums(struct loader *loader)
{
	struct quorums quorums = { .loader = loader };

	collect(&quorums);
	for (uint32_t i = 0; i < quorums.count; i++)
		find_members(&quorums, &quorums.list[i]);
	if (quorums.count) {
		turn_round(&quorums);
		find_circles(&quorums);
		tell_endpoints(&quorums);
	}
	for (uint32_t i = 0; i < quorums.count; i++)
		free(quorums.list[i].members);
	free(quorums.from);
	free(quorums.users);
	free(quorums.list);
}
