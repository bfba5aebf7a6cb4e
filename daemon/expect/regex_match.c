/* regex_match.c - PCRE2 held to a budget.
 *
 * PCRE2's match limit counts backtracking at one start position.  It bounds
 * neither the number of start positions nor what one repeat may read before
 * anything is counted: "\d+x" over a megabyte of digits costs minutes without
 * a single count.  PCRE2 cannot be interrupted either, so it is called often
 * instead, and a call may cost no more than
 *
 *	start positions * match limit * bytes in view  <=  CALL_COST
 *
 *   slice    start positions a call may try (its offset limit); smaller ones
 *            leave more of the product to the match limit
 *   window   bytes after the slice that it may see.  Hard partial matching says
 *            when it wanted to look further, and then that start position is
 *            tried again with a larger window
 *
 * Only a start position that exceeds even its own share is allowed more, step by
 * step, as long as there is time for the next step.
 *
 * What decides by itself where matching goes on, as (*SKIP) does, cannot be cut
 * into slices; regex_compile() refuses it.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/utf8.h"
#include "expect/regex_form.h"

#define MATCH_LIMIT    100000u
#define HEAP_LIMIT_KIB 8192u

#define CALL_COST      ((size_t)1 << 22)
#define WINDOW	       ((size_t)1024)
#define SLICE_MAX      ((size_t)256)
#define STEP_UP	       8u
#define PIECE	       ((size_t)4096)
#define CALM_CALLS     16u /* calls without trouble before slices grow again */

/* One search under way. */
struct search {
	const struct form *form;
	const char *subject; /* borrowed */
	size_t len;
	bool is_utf;
	bool is_whole;
	bool is_open; /* more may come behind the subject */

	size_t start; /* all positions before it are done with */
	size_t slice;
	size_t window;
	uint32_t raised; /* match limit for this one position, or 0 */
	unsigned calm; /* calls since the last trouble */
	size_t needed; /* where form->last is next, if not before start */

	unsigned pairs; /* of offsets that the match has set */
	pcre2_match_data *data; /* owned */
	pcre2_match_context *context; /* owned */
};

/* The next place of `byte`, or len; in either case where that may be the same, as PCRE2 does
 * not tell of which bytes it is.  A piece at a time, or a rare letter would be looked for
 * to the end for each of a common one.
 */
static size_t find_byte(const struct search *search, size_t from, unsigned char byte)
{
	const bool is_either = search->form->may_mind_no_case;
	const int lower = is_either ? tolower(byte) : byte;
	const int upper = is_either ? toupper(byte) : byte;
	size_t piece = PIECE;

	for (size_t i = from; i < search->len; i += piece) {
		const char *start = search->subject + i, *found, *other;

		piece = search->len - i < PIECE ? search->len - i : PIECE;
		found = memchr(start, lower, piece);
		other = upper == lower
				? NULL
				: memchr(start, upper, found ? (size_t)(found - start) : piece);
		found = other ? other : found;
		if (found)
			return (size_t)(found - search->subject);
	}
	return search->len;
}

static bool skip_to_byte(struct search *search)
{
	search->start = find_byte(search, search->start, search->form->first);
	return search->start < search->len;
}

static bool skip_to_set(struct search *search)
{
	const unsigned char *subject = (const unsigned char *)search->subject;
	const uint8_t *starts = search->form->starts;
	size_t i = search->start;

	while (i < search->len && !(starts[subject[i] / 8] & 1u << subject[i] % 8))
		i++;
	search->start = i;
	return i < search->len;
}

static bool skip_to_line(struct search *search)
{
	const char *from, *found;

	if (search->start == 0)
		return true;
	from = search->subject + search->start - 1;
	found = memchr(from, '\n', (size_t)(search->subject + search->len - from));
	if (!found)
		return false;
	search->start = (size_t)(found + 1 - search->subject);
	return true;
}

static bool has_needed(struct search *search)
{
	if (!search->form->needs_last || search->is_open)
		return true;
	if (search->needed < search->start || search->start == 0)
		search->needed = find_byte(search, search->start, search->form->last);
	return search->needed < search->len;
}

/* Moves on to where a match can start; false if there is no such place.  PCRE2
 * looks by itself, but only as far as its window, and for every call again.
 */
static bool skip_to_start(struct search *search)
{
	if (search->start > search->len || !has_needed(search))
		return false;
	if (search->form->is_anchored)
		return search->start == 0;
	if (search->form->start_kind == 1)
		return skip_to_byte(search);
	if (search->form->start_kind == 2)
		return skip_to_line(search);
	if (search->form->starts)
		return skip_to_set(search);
	return true;
}

static size_t character_from(const struct search *search, size_t i)
{
	while (search->is_utf && i < search->len && (search->subject[i] & 0xc0) == 0x80)
		i++;
	return i;
}

/* There was trouble at `position`: go on from there, one position at a time. */
static void narrow(struct search *search, size_t position)
{
	search->start = position;
	search->slice = 1;
	search->raised = 0;
	search->calm = 0;
}

static void advance(struct search *search, size_t positions)
{
	search->start = character_from(search, search->start + positions);
	search->window = WINDOW;
	search->raised = 0;
	if (++search->calm % CALM_CALLS == 0 && search->slice < SLICE_MAX)
		search->slice *= 2;
}

/* The match limit was not enough.  `left` is the time there was before the call; what
 * is allowed more may take longer in proportion.  A call with the usual share is not
 * timed, as asking for CPU time would cost more than most calls.
 */
static int raise_limit(struct search *search, uint32_t limit, usec_t left, struct budget *budget)
{
	const uint32_t raised = limit < MATCH_LIMIT / STEP_UP ? limit * STEP_UP : MATCH_LIMIT;
	const usec_t left_now = budget_left(budget);

	if (limit >= MATCH_LIMIT)
		return -E2BIG;
	if (search->raised && (left - left_now) * raised / limit > left_now)
		return budget->error = -ETIMEDOUT;
	search->raised = raised;
	return 0;
}

/* How far a call may see that tries so many positions. */
static size_t end_of_view(const struct search *search, size_t positions)
{
	const size_t left = search->len - search->start;

	if (search->is_whole || left <= positions + search->window)
		return search->len;
	return character_from(search, search->start + positions + search->window);
}

/* What is left of CALL_COST for backtracking. */
static uint32_t limit_of(const struct search *search, size_t positions, size_t bytes)
{
	const size_t share = CALL_COST / positions / (bytes + 1);

	if (search->raised)
		return search->raised;
	return share > MATCH_LIMIT ? MATCH_LIMIT : share > 0 ? (uint32_t)share : 1;
}

/* One call.  1: match; 0: go on; negative: give up. */
static int search_slice(struct search *search, struct budget *budget)
{
	const size_t left = search->len - search->start;
	const size_t positions = left < search->slice ? left + 1 : search->slice;
	const size_t end = end_of_view(search, positions);
	const uint32_t limit = limit_of(search, positions, end - search->start);
	const usec_t time_left = search->raised ? budget_left(budget) : 0;
	int r;

	(void)pcre2_set_match_limit(search->context, limit);
	(void)pcre2_set_offset_limit(search->context, search->start + positions - 1);
	r = pcre2_match(search->form->code, (PCRE2_SPTR)search->subject, end, search->start,
			PCRE2_NO_UTF_CHECK |
				(end < search->len || search->is_open ? PCRE2_PARTIAL_HARD : 0),
			search->data, search->context);
	if (r >= 0) {
		search->pairs = r > 0 ? (unsigned)r : UINT_MAX;
		return 1;
	}
	if (r == PCRE2_ERROR_NOMATCH) {
		advance(search, positions);
	} else if (r == PCRE2_ERROR_PARTIAL && end == search->len) {
		return -EAGAIN;
	} else if (r == PCRE2_ERROR_PARTIAL) {
		narrow(search, pcre2_get_ovector_pointer(search->data)[0]);
		search->window *= STEP_UP;
	} else if (r == PCRE2_ERROR_MATCHLIMIT && positions > 1) {
		search->slice = (positions + STEP_UP - 1) / STEP_UP;
		search->calm = 0;
	} else if (r == PCRE2_ERROR_MATCHLIMIT) {
		return raise_limit(search, limit, time_left, budget);
	} else {
		return -E2BIG; /* depth or heap */
	}
	return 0;
}

static void note_parts(const struct search *search, struct regex_part *parts, unsigned max)
{
	const PCRE2_SIZE *pairs = pcre2_get_ovector_pointer(search->data);

	for (unsigned i = 0; i < max; i++) {
		const bool took_part = i < search->pairs && pairs[2 * i] != PCRE2_UNSET;

		parts[i].from = took_part ? pairs[2 * i] : 1;
		parts[i].to = took_part ? pairs[2 * i + 1] : 0;
	}
}

int regex_find(const struct regex *regex, const char *subject, size_t len, bool is_open,
	       struct budget *budget, struct regex_part *parts, unsigned max)
{
	const bool is_utf = !regex->bytes.code || utf8_is_valid(subject, len);
	struct search search = {
		.form = is_utf ? &regex->characters : &regex->bytes,
		.subject = subject,
		.len = len,
		.is_utf = is_utf,
		.is_whole = regex->is_whole,
		.is_open = is_open,
		.slice = regex->characters.is_anchored ? 1 : SLICE_MAX,
		.window = WINDOW,
	};
	int r = budget_look(budget);

	search.data = regex_must(pcre2_match_data_create(max ? max : 1, NULL));
	search.context = regex_must(pcre2_match_context_create(NULL));
	(void)pcre2_set_heap_limit(search.context, HEAP_LIMIT_KIB);
	(void)pcre2_set_depth_limit(search.context, MATCH_LIMIT);
	while (r == 0 && skip_to_start(&search)) {
		r = search_slice(&search, budget);
		if (r == 0)
			r = budget_spend(budget, 1);
		if (r == 0)
			r = budget_look(budget);
	}
	if (r == 1)
		note_parts(&search, parts, max);
	pcre2_match_context_free(search.context);
	pcre2_match_data_free(search.data);
	return r;
}

int regex_match(const struct regex *regex, const char *subject, size_t len, struct budget *budget)
{
	return regex_find(regex, subject, len, false, budget, NULL, 0);
}

bool regex_is_anchored(const struct regex *regex)
{
	return regex->characters.is_anchored;
}
