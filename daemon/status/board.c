/* board.c - GET /: all endpoints on one page, those first that are worst.
 *
 * The roster is gone through in slices of a turn, and of each state the first so many are
 * remembered by number; then these are ordered by group and printed, a slice whenever the
 * kernel has taken the one before.  Endpoints may come and go meanwhile: a number with another
 * generation is left out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/roster.h"
#include "status/board.h"
#include "status/events.h"
#include "status/inside.h"
#include "status/page.h"

enum {
	SHOWN_MAX = 5000,
	GROUPS_MAX = 1000, /* the others are one more */
};

static void board_free(struct board *board)
{
	filter_done(&board->filter);
	free(board->search);
	free(board->after);
	for (unsigned i = 0; i < STATES; i++)
		free(board->by_state[i].list);
	for (unsigned i = 0; i < board->sections_count; i++) {
		free(board->sections[i]->name);
		free(board->sections[i]);
	}
	free(board->sections);
	map_free(board->by_name);
	free(board->shown);
	free(board);
}

static void lost(struct answer *answer)
{
	board_free(answer->work);
}

static struct section *section_new(struct board *board, const char *name)
{
	struct section *section = MEMORY_NEW(struct section);

	section->name = memory_text(name);
	section->place = board->sections_count;
	board->sections[board->sections_count++] = section;
	return section;
}

static struct section *section_of(struct board *board, const struct watch *watch)
{
	const struct group *group = watch->endpoint->group;
	const char *name = group ? group->name : "";
	struct section *section = map_find(board->by_name, name);

	if (section)
		return section;
	if (board->sections_count < GROUPS_MAX) {
		section = section_new(board, name);
		(void)map_set(board->by_name, section->name, section);
		return section;
	}
	if (!board->rest)
		board->rest = section_new(board, "");
	return board->rest;
}

static bool is_found(const struct board *board, const struct watch *watch)
{
	const struct endpoint *endpoint = watch->endpoint;

	if (!filter_matches(&board->filter, watch))
		return false;
	return !board->search || strcasestr(endpoint->name, board->search) ||
	       (endpoint->group && strcasestr(endpoint->group->name, board->search));
}

static void take(struct board *board, const struct watch *watch)
{
	const enum state state = watch->standing.state;
	struct seats *seats = &board->by_state[state];
	struct section *section;

	board->counts[state]++;
	if (board->only != STATES && board->only != state)
		return;
	board->matching++;
	section = section_of(board, watch);
	section->counts[state]++;
	if (seats->count == SHOWN_MAX)
		return;
	if (!seats->list)
		seats->list = memory_new(SHOWN_MAX, sizeof(*seats->list));
	seats->list[seats->count++] = (struct seat){
		.id = watch->id,
		.generation = watch->generation,
		.section = section->place,
	};
}

/* One slice in name order; true where it was the last. */
static bool collect(struct board *board)
{
	const struct roster *roster = board->status->roster;
	uint32_t place = board->after ? roster_behind(roster, board->after) : 0;
	struct slice slice = slice_begin();
	const struct text nothing = { 0 };

	while (place < roster->count && !slice_is_full(&slice, &nothing)) {
		const struct watch *watch = roster->by_name[place++];

		if (is_found(board, watch))
			take(board, watch);
	}
	if (place == roster->count)
		return true;
	free(board->after);
	board->after = memory_text(roster->by_name[place - 1]->endpoint->name);
	return false;
}

static int compare_sections(const void *a, const void *b)
{
	const struct section *const *one = a, *const *other = b;
	const unsigned mine = board_worst((*one)->counts), its = board_worst((*other)->counts);

	if (mine != its)
		return mine < its ? -1 : 1;
	return strcmp((*one)->name, (*other)->name);
}

/* Groups by their worst, and in each the worst first: counted out, so that it costs no compares. */
static void arrange(struct board *board)
{
	cleanup(free)
	unsigned *starts = memory_new(board->sections_count + 2, sizeof(*starts));
	cleanup(free)
	unsigned *places = memory_new(board->sections_count + 1, sizeof(*places));
	unsigned left = SHOWN_MAX;

	qsort(board->sections, board->sections_count, sizeof(struct section *), compare_sections);
	for (unsigned i = 0; i < board->sections_count; i++)
		places[board->sections[i]->place] = i;
	for (unsigned i = 0; i < STATES; i++) {
		struct seats *seats = &board->by_state[page_order[i]];

		if (seats->count > left)
			seats->count = left;
		left -= seats->count;
		for (unsigned k = 0; k < seats->count; k++) {
			seats->list[k].section = places[seats->list[k].section];
			starts[seats->list[k].section + 1]++;
		}
	}
	for (unsigned i = 1; i <= board->sections_count; i++)
		starts[i] += starts[i - 1];
	board->shown_count = SHOWN_MAX - left;
	board->shown = memory_new(board->shown_count + 1, sizeof(*board->shown));
	for (unsigned i = 0; i < STATES; i++) {
		const struct seats *seats = &board->by_state[page_order[i]];

		for (unsigned k = 0; k < seats->count; k++)
			board->shown[starts[seats->list[k].section]++] = seats->list[k];
	}
}

static void next_slice(struct answer *answer)
{
	struct board *board = answer->work;
	cleanup(text)
	struct text html = { 0 };

	if (!board->shown) {
		if (collect(board)) {
			arrange(board);
			board_print_top(board, &html);
		}
		answer_write_slice(answer, &html);
		return;
	}
	if (!board_print_rows(board, &html)) {
		answer_write_slice(answer, &html);
		return;
	}
	board_print_bottom(board, &html);
	board_free(board);
	answer_write(answer, &html);
	answer_end(answer);
}

/* A form sends its empty fields too. */
static const char *find_filled(const struct query *query, const char *key)
{
	const char *value = query_find(query, key);

	return value && *value ? value : NULL;
}

void board_answer(struct call *call)
{
	static const char *const known[] = { "state", "group", "name", "label", "q", NULL };
	const char *search = find_filled(call->query, "q");
	struct filter filter = { 0 };
	const char *fault;
	struct board *board;

	if (!call_check_query(call, known, "label"))
		return;
	fault = filter_parse(call->query, &filter);
	if (fault) {
		answer_error(call->answer, 400, "bad_request",
			     "The value of '%s' makes no sense; see picket-api(7).", fault);
		return;
	}
	board = MEMORY_NEW(struct board);
	board->status = call->status;
	board->answer = call->answer;
	board->only = filter.state;
	board->filter = filter;
	board->filter.state = STATES;
	board->filter.sees_all = call->shows_detail;
	board->sees_all = call->shows_detail;
	board->search = search ? memory_text(search) : NULL;
	board->seq = events_last(call->status->events);
	board->sections = memory_new(GROUPS_MAX + 1, sizeof(struct section *));
	board->by_name = map_new();
	call->answer->work = board;
	call->answer->lost = lost;
	page_set_headers(call->answer, true);
	answer_begin(call->answer, "text/html; charset=utf-8");
	answer_slices(call->answer, next_slice);
}
