/* watch_list.c - the endpoints that picketctl watch shows. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/memory.h"
#include "base/units.h"
#include "ctl/board.h"
#include "ctl/document.h"
#include "ctl/watch_list.h"

static void seen_free(struct seen *seen)
{
	free(seen->name);
	free(seen->target);
	free(seen->flags);
	free(seen->leaning);
	free(seen->reason);
	free(seen);
}

void watch_list_done(struct watch_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		seen_free(list->all[i]);
	for (size_t i = 0; i < list->bunches_count; i++) {
		free(list->bunches[i]->name);
		free(list->bunches[i]);
	}
	free(list->all);
	free(list->bunches);
	free(list->lines);
	text_done(&list->filter);
}

/* --- What comes in ------------------------------------------------------------------------ */

static void replace(char **text, char *by)
{
	free(*text);
	*text = by;
}

struct seen *watch_list_find(const struct watch_list *list, const char *name)
{
	size_t low = 0, high = list->sorted;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int order = strcmp(list->all[middle]->name, name);

		if (order == 0)
			return list->all[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static struct bunch *find_bunch(struct watch_list *list, const char *name)
{
	size_t low = 0, high = list->bunches_count;
	struct bunch *bunch;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int order = strcmp(list->bunches[middle]->name, name);

		if (order == 0)
			return list->bunches[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (list->bunches_count == list->bunches_room) {
		list->bunches_room = memory_next_room(list->bunches_room, list->bunches_count + 1);
		list->bunches =
			memory_grow(list->bunches, list->bunches_room, sizeof(struct bunch *));
	}
	memmove(&list->bunches[low + 1], &list->bunches[low],
		(list->bunches_count++ - low) * sizeof(struct bunch *));
	bunch = MEMORY_NEW(struct bunch);
	bunch->name = memory_text(name);
	list->bunches[low] = bunch;
	return bunch;
}

static void add_spark(struct seen *seen, const json_t *check)
{
	const double latency = json_number_value(json_object_get(check, "latency")) * 1e6;
	const char *word = document_text(check, "verdict");
	struct spark spark = { .kind = VERDICT_NONE };

	for (enum verdict_kind kind = VERDICT_PASS; kind <= VERDICT_FAIL; kind++)
		if (strcmp(verdict_name(kind), word) == 0)
			spark.kind = (uint8_t)kind;
	if (latency > 0)
		spark.latency = latency < UINT32_MAX ? (uint32_t)latency : UINT32_MAX;
	if (seen->sparks_count == SPARKS_KEPT)
		memmove(seen->sparks, seen->sparks + 1, --seen->sparks_count * sizeof(spark));
	seen->sparks[seen->sparks_count++] = spark;
}

static void set_since(struct seen *seen, const json_t *object)
{
	const char *since = document_text(object, "since");

	if (units_time_parse(since, strlen(since), &seen->since) < 0)
		seen->since = 0;
}

/* What the last check says: of an endpoint, or of a verdict. */
static void set_check(struct seen *seen, const json_t *check)
{
	const json_t *latency = json_object_get(check, "latency");
	struct text reason = { 0 };

	seen->latency = json_is_number(latency) ? json_number_value(latency) : -1;
	document_reason(&reason, check);
	replace(&seen->reason, text_take(&reason));
}

static void set_flags(struct seen *seen, const json_t *flags)
{
	struct text text = { 0 };
	json_t *flag;
	size_t i;

	json_array_foreach(flags, i, flag)
	{
		text_append(&text, text.len ? ", " : "");
		text_append_len(&text, json_string_value(flag), json_string_length(flag));
	}
	replace(&seen->flags, text_take(&text));
}

static void set_leaning(struct seen *seen, const json_t *confirming)
{
	struct text text = { 0 };

	if (confirming)
		text_print(&text, "%s %lld of %lld", document_text(confirming, "to"),
			   (long long)json_integer_value(json_object_get(confirming, "seen")),
			   (long long)json_integer_value(json_object_get(confirming, "needed")));
	replace(&seen->leaning, text_take(&text));
}

static struct seen *add(struct watch_list *list, const char *name)
{
	struct seen *seen = MEMORY_NEW(struct seen);

	if (list->count == list->room) {
		list->room = memory_next_room(list->room, list->count + 1);
		list->all = memory_grow(list->all, list->room, sizeof(*list->all));
	}
	list->all[list->count++] = seen;
	seen->name = memory_text(name);
	seen->wants_look = true;
	return seen;
}

void watch_list_take(struct watch_list *list, const json_t *endpoint)
{
	const json_t *recent = json_object_get(endpoint, "recent");
	const char *name = document_text(endpoint, "name");
	struct seen *seen = watch_list_find(list, name);
	json_t *check;
	size_t i;

	if (!seen)
		seen = add(list, name);
	seen->is_found = true;
	seen->bunch = find_bunch(list, document_text(endpoint, "group"));
	seen->state = state_find(document_text(endpoint, "state"));
	replace(&seen->target, memory_text(document_text(endpoint, "target")));
	set_since(seen, endpoint);
	set_flags(seen, json_object_get(endpoint, "flags"));
	set_leaning(seen, json_object_get(endpoint, "confirming"));
	set_check(seen, json_object_get(endpoint, "last_check"));
	if (!recent)
		return;
	seen->wants_look = false;
	seen->sparks_count = 0;
	json_array_foreach(recent, i, check) add_spark(seen, check);
}

void watch_list_begin(struct watch_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		list->all[i]->is_found = false;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp((*(struct seen *const *)a)->name, (*(struct seen *const *)b)->name);
}

void watch_list_settle(struct watch_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct seen *seen = list->all[i];

		if (seen->is_found) {
			list->all[kept++] = seen;
			continue;
		}
		if (list->chosen.seen == seen)
			list->chosen = (struct watch_line){ 0 };
		seen_free(seen);
	}
	list->count = list->sorted = kept;
	/* They point to what may be gone. */
	list->lines_count = 0;
	if (kept > 0)
		qsort(list->all, kept, sizeof(*list->all), compare_names);
}

/* Is this what its state is made of?  Else something is being confirmed. */
static bool is_settled(enum state state, const char *verdict)
{
	switch (state) {
	case STATE_UP:
		return strcmp(verdict, verdict_name(VERDICT_PASS)) == 0;
	case STATE_DEGRADED:
		return strcmp(verdict, verdict_name(VERDICT_WARN)) == 0;
	case STATE_DOWN:
		return strcmp(verdict, verdict_name(VERDICT_FAIL)) == 0;
	case STATE_PENDING:
	case STATE_UNKNOWN:
	case STATE_PAUSED:
	case STATES:
		break;
	}
	return false;
}

static bool take_verdict(struct seen *seen, const json_t *event)
{
	const enum state before = seen->state;

	seen->state = state_find(document_text(event, "state"));
	set_check(seen, event);
	add_spark(seen, event);
	set_flags(seen, json_object_get(event, "flags"));
	if (!is_settled(seen->state, document_text(event, "verdict")))
		seen->wants_look = true;
	else
		replace(&seen->leaning, memory_text(""));
	return seen->state != before;
}

static bool take_state(struct seen *seen, const json_t *event)
{
	seen->state = state_find(document_text(event, "to"));
	seen->wants_look = true;
	set_since(seen, event);
	return true;
}

bool watch_list_event(struct watch_list *list, const json_t *event)
{
	const char *type = document_text(event, "type");
	struct seen *seen = watch_list_find(list, document_text(event, "endpoint"));

	if (!seen)
		return false;
	if (strcmp(type, "verdict") == 0)
		return take_verdict(seen, event);
	if (strcmp(type, "state") == 0)
		return take_state(seen, event);
	/* Acknowledged, or not any more: flags are in no event of incidents. */
	if (strcmp(type, "incident") == 0)
		seen->wants_look = true;
	return false;
}

/* --- What is shown ------------------------------------------------------------------------ */

bool watch_list_wants(const struct watch_list *list, const char *name, const char *group,
		      enum state state)
{
	bool is_named = list->patterns_count == 0;

	for (size_t i = 0; !is_named && i < list->patterns_count; i++)
		is_named = glob_matches_name(list->patterns[i], name);
	return is_named && (!list->group || strcmp(list->group, group) == 0) &&
	       (list->state == STATES || list->state == state);
}

static bool has_word(const struct seen *seen, const char *word)
{
	return strcasestr(seen->name, word) || strcasestr(seen->bunch->name, word) ||
	       strcasestr(seen->target, word) ||
	       (seen->state < STATES && strcasestr(state_name(seen->state), word));
}

static bool passes_filter(const struct watch_list *list, const struct seen *seen)
{
	const char *rest = text_string(&list->filter);

	for (;;) {
		cleanup(free)
		char *word = NULL;
		size_t len;

		rest += strspn(rest, " ");
		len = strcspn(rest, " ");
		if (len == 0)
			return true;
		word = memory_text_len(rest, len);
		if (!has_word(seen, word))
			return false;
		rest += len;
	}
}

static int compare_lines(const void *a, const void *b)
{
	const struct seen *one = ((const struct watch_line *)a)->seen;
	const struct seen *other = ((const struct watch_line *)b)->seen;
	const unsigned rank = board_rank(one->state), other_rank = board_rank(other->state);

	if (rank != other_rank)
		return rank < other_rank ? -1 : 1;
	return strcmp(one->name, other->name);
}

static int compare_grouped(const void *a, const void *b)
{
	const struct bunch *one = ((const struct watch_line *)a)->bunch;
	const struct bunch *other = ((const struct watch_line *)b)->bunch;

	if (one == other)
		return compare_lines(a, b);
	if (one->rank != other->rank)
		return one->rank < other->rank ? -1 : 1;
	return strcmp(one->name, other->name);
}

/* Every one that is wanted, in no order; bunches are counted. */
static void collect(struct watch_list *list)
{
	const size_t most = list->count + list->bunches_count;

	if (most > list->lines_room) {
		list->lines_room = memory_next_room(list->lines_room, most);
		list->lines = memory_grow(list->lines, list->lines_room, sizeof(*list->lines));
	}
	for (size_t i = 0; i < list->bunches_count; i++) {
		struct bunch *bunch = list->bunches[i];

		bunch->count = 0;
		bunch->rank = board_rank(STATE_UP);
		memset(bunch->in_state, 0, sizeof(bunch->in_state));
	}
	list->lines_count = 0;
	for (size_t i = 0; i < list->count; i++) {
		struct seen *seen = list->all[i];
		struct bunch *bunch = seen->bunch;

		if (!watch_list_wants(list, seen->name, bunch->name, seen->state) ||
		    !passes_filter(list, seen))
			continue;
		list->lines[list->lines_count++] = (struct watch_line){ seen, bunch };
		bunch->count++;
		bunch->in_state[seen->state < STATES ? seen->state : STATE_UNKNOWN]++;
		if (board_rank(seen->state) < bunch->rank)
			bunch->rank = board_rank(seen->state);
	}
	list->shown = list->lines_count;
}

/* Puts a head before each bunch, and leaves out what is folded; from behind, in place. */
static void add_heads(struct watch_list *list)
{
	const size_t most = list->count + list->bunches_count;
	size_t from = list->lines_count, to = most;

	while (from > 0) {
		struct bunch *bunch = list->lines[from - 1].bunch;

		for (; from > 0 && list->lines[from - 1].bunch == bunch; from--)
			if (!bunch->is_folded)
				list->lines[--to] = list->lines[from - 1];
		list->lines[--to] = (struct watch_line){ NULL, bunch };
	}
	list->lines_count = most - to;
	memmove(list->lines, list->lines + to, list->lines_count * sizeof(*list->lines));
}

/* The line of what was chosen, or as near to it as there is. */
static void find_chosen(struct watch_list *list)
{
	if (!list->is_moved)
		list->at = 0;
	for (size_t i = 0; list->is_moved && i < list->lines_count; i++) {
		const struct watch_line *line = &list->lines[i];

		if (line->seen == list->chosen.seen &&
		    (line->seen || line->bunch == list->chosen.bunch)) {
			list->at = i;
			return;
		}
	}
	if (list->at >= list->lines_count)
		list->at = list->lines_count ? list->lines_count - 1 : 0;
}

void watch_list_arrange(struct watch_list *list)
{
	collect(list);
	if (list->lines_count > 0)
		qsort(list->lines, list->lines_count, sizeof(*list->lines),
		      list->is_grouped ? compare_grouped : compare_lines);
	if (list->is_grouped && list->lines_count > 0)
		add_heads(list);
	find_chosen(list);
}

void watch_list_move(struct watch_list *list, long by)
{
	const size_t step = (size_t)(by < 0 ? -by : by);

	if (list->lines_count == 0)
		return;
	if (by < 0)
		list->at = step < list->at ? list->at - step : 0;
	else
		list->at = step < list->lines_count - 1 - list->at ? list->at + step
								   : list->lines_count - 1;
	list->chosen = list->lines[list->at];
	list->is_moved = list->at > 0;
}

void watch_list_scroll(struct watch_list *list, size_t rows)
{
	if (list->at < list->top)
		list->top = list->at;
	if (rows > 0 && list->at >= list->top + rows)
		list->top = list->at - rows + 1;
	/* No empty lines below while there are some above. */
	if (list->top + rows > list->lines_count)
		list->top = list->lines_count > rows ? list->lines_count - rows : 0;
}

const struct watch_line *watch_list_chosen(const struct watch_list *list)
{
	return list->at < list->lines_count ? &list->lines[list->at] : NULL;
}
