/* steps.c - probe steps: several requests, of which each may use what those before it got.
 *
 *   start -> http's own probing of the first -> judged -> next() -> of the second -> ...
 *
 * While a step is looked at, the check is one of an endpoint that lives here: with the
 * step's request, its expectations, and what was captured among its secrets.  So all that
 * http can do is there, and a judge reads the reply.  After the first that fails only those
 * that are `always` asked for follow; its verdict is the check's.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/mask.h"
#include "base/member.h"
#include "base/memory.h"
#include "expect/expect.h"
#include "model/evidence.h"
#include "option/complaint.h"
#include "probe/steps.h"

extern const struct probe_type probe_http;

/* What cleans up has so long at least, where a step has used up the check's time. */
static const usec_t least = USEC_PER_SEC;

struct captured {
	const char *name; /* borrowed */
	char *value; /* owned */
};

struct run {
	struct check_chain chain; /* the first member */
	const struct endpoint *whole; /* borrowed; what the check is of */
	const struct step *steps; /* borrowed */
	unsigned count, at;
	struct endpoint step; /* what the check is of meanwhile */
	struct arena *arena; /* owned; of the request in hand */
	struct captured *captured; /* owned */
	unsigned captured_count;
	bool is_judged; /* as a whole */

	bool has_failed; /* then these are of the first that has: */
	struct look failed;
	struct evidence *evidence; /* owned; or NULL */

	/* Of all steps. */
	usec_t wall, latency;
	usec_t phases[PHASES];
	uint8_t phases_seen;
};

static struct run *run_of(struct check *check)
{
	return (struct run *)check->chain;
}

/* --- Names ----------------------------------------------------------------------------- */

static const char *find(const struct run *run, const char *name, size_t len)
{
	/* The last counts. */
	for (unsigned i = run->captured_count; i-- > 0;)
		if (strlen(run->captured[i].name) == len &&
		    memcmp(run->captured[i].name, name, len) == 0)
			return run->captured[i].value;
	return NULL;
}

/* Into the arena; *is_missing where a name was not captured. */
static const char *fill_in(const struct run *run, const char *text, bool *is_missing)
{
	cleanup(text)
	struct text filled = { 0 };

	if (!text)
		return NULL;
	while (*text) {
		const size_t len = steps_name_len(text);
		const char *value = len ? find(run, text + 2, len) : NULL;

		*is_missing |= len && !value;
		if (value)
			text_append(&filled, value);
		else
			text_append_char(&filled, *text);
		text += value ? len + 3 : 1;
	}
	return arena_text(run->arena, text_string(&filled));
}

static bool is_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' && *text != '\t')
			return false;
	return true;
}

/* NULL, or why it cannot be asked for. */
static const char *fill_in_all(const struct run *run, struct http_options *http)
{
	struct option_pair *pairs =
		arena_take(run->arena, (http->headers.count + 1) * sizeof(*pairs));
	bool is_missing = false, is_fine = true;

	http->url_text = fill_in(run, http->url_text, &is_missing);
	http->body_text = fill_in(run, http->body_text, &is_missing);
	for (unsigned i = 0; i < http->headers.count; i++) {
		pairs[i] = http->headers.pairs[i];
		pairs[i].value = fill_in(run, pairs[i].value, &is_missing);
		is_fine = is_fine && is_line(pairs[i].value);
	}
	http->headers.pairs = pairs;
	if (is_missing)
		return "what it asks for was not captured";
	return is_fine ? NULL : "what was captured does not fit into a header";
}

/* The request anew, of texts that are whole now. */
static const char *prepare_again(const struct run *run, struct http_options *http)
{
	struct complaints *complaints = complaints_new();
	const struct option_places places = { 0 };
	const size_t body_len = http->body_len;
	const bool has_file = http->body_file != NULL;
	bool is_fine;

	/* It was read at load. */
	if (has_file)
		http->body_text = http->body;
	http->body_file = NULL;
	http->url = (struct http_url){ 0 };
	http_options_prepare(http, run->arena, complaints, &places);
	is_fine = complaints_faults(complaints) == 0 && http->url.text;
	complaints_free(complaints);
	if (has_file)
		http->body_len = body_len;
	return is_fine ? NULL : "with what was captured its URL is none";
}

static const char *const *make_secrets(const struct run *run)
{
	const char *const *own = run->whole->secrets;
	size_t count = 0;
	const char **list;

	while (own && own[count])
		count++;
	list = arena_take(run->arena, (count + run->captured_count + 1) * sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = own[i];
	for (unsigned i = 0; i < run->captured_count; i++)
		if (*run->captured[i].value)
			list[count++] = run->captured[i].value;
	return list;
}

/* --- One step -------------------------------------------------------------------------- */

/* NULL, or why it cannot be asked for. */
static const char *begin(struct run *run, struct check *check)
{
	const struct step *step = &run->steps[run->at];
	struct http_options *http;
	const char *fault = NULL;

	if (run->arena)
		arena_free(run->arena);
	run->arena = arena_new();
	http = arena_take(run->arena, sizeof(*http));
	*http = step->http;
	if (step->has_names)
		fault = fill_in_all(run, http);
	if (step->has_names && !fault)
		fault = prepare_again(run, http);
	run->step = *run->whole;
	run->step.type = &probe_http;
	run->step.options = http;
	run->step.expect = step->program;
	run->step.warn = NULL;
	run->step.is_inverted = false;
	run->step.secrets = make_secrets(run);
	/* What tells kept connections and tokens of one from those of another. */
	run->step.digest += run->at + 1;
	run->chain.captures = step->captures;
	(void)snprintf(run->chain.label, sizeof(run->chain.label), "step %u of %u", run->at + 1,
		       run->count);
	check->endpoint = &run->step;
	return fault;
}

static void forget_captures(struct run *run)
{
	for (size_t i = 0; run->chain.captured && i < program_count(run->chain.captures); i++)
		free(run->chain.captured[i]);
	free(TAKE(run->chain.captured));
}

static void keep_captures(struct run *run)
{
	const struct option_pairs *wanted = &run->steps[run->at].capture;

	if (!run->chain.captured)
		return;
	run->captured = memory_grow(run->captured, run->captured_count + wanted->count,
				    sizeof(*run->captured));
	for (unsigned i = 0; i < wanted->count; i++)
		run->captured[run->captured_count++] = (struct captured){
			.name = wanted->pairs[i].key,
			.value = TAKE(run->chain.captured[i]),
		};
	free(TAKE(run->chain.captured));
}

static void sum_up(struct run *run, const struct observation *seen)
{
	if (run->at == 0)
		run->wall = seen->wall;
	run->latency += seen->latency;
	for (unsigned phase = 0; phase < PHASES; phase++)
		run->phases[phase] += seen->phases[phase];
	run->phases_seen = (uint8_t)(run->phases_seen | seen->phases_seen);
}

static void tell_phases(struct text *json, const struct observation *seen)
{
	member(json, "phases");
	text_append_char(json, '{');
	for (enum phase phase = 0; phase < PHASE_JUDGE; phase++)
		if (observation_has_phase(seen, phase))
			member_seconds(json, phase_name(phase), seen->phases[phase]);
	text_append_char(json, '}');
}

/* For the evidence of those that follow, without secrets. */
static void tell(struct run *run, const struct check *check)
{
	const struct observation *seen = &check->observation;
	struct text *json = &run->chain.told;
	struct text url = { 0 };
	char *masked;

	http_url_show(&url, ((const struct http_options *)run->step.options)->url_text);
	masked = mask_secrets(text_take(&url), run->step.secrets);
	text_append(json, json->len ? ",{" : "{");
	member_uint(json, "step", run->at + 1);
	member_text(json, "url", masked ? masked : "");
	free(masked);
	member_text(json, "verdict", verdict_name(check->verdict.kind));
	if (check->verdict.class)
		member_text(json, "class", class_name(check->verdict.class));
	if (check->verdict.reason)
		member_text(json, "reason", check->verdict.reason);
	if (seen->status)
		member_uint(json, "status", seen->status);
	member_seconds(json, "latency", seen->latency);
	tell_phases(json, seen);
	text_append_char(json, '}');
}

/* --- From one to the next -------------------------------------------------------------- */

static void note_failure(struct run *run, struct check *check)
{
	run->has_failed = true;
	run->failed = (struct look){ check->observation, check->verdict };
	run->evidence = TAKE(check->evidence);
	check->observation = (struct observation){ 0 };
	check->verdict = (struct verdict){ 0 };
}

static void forget(struct check *check)
{
	observation_done(&check->observation);
	verdict_done(&check->verdict);
	for (unsigned i = 0; i < check->others_count; i++) {
		observation_done(&check->others[i].observation);
		verdict_done(&check->others[i].verdict);
	}
	free(TAKE(check->others));
	check->others_count = 0;
	if (check->evidence)
		evidence_free(TAKE(check->evidence));
	check->observation = (struct observation){ 0 };
	check->verdict = (struct verdict){ 0 };
}

static void fail_at_once(const struct run *run, struct check *check, const char *fault)
{
	check->observation.wall = clock_wall();
	check->verdict.kind = VERDICT_FAIL;
	check->verdict.class = CLASS_expectation;
	check->verdict.phase = PHASE_JUDGE;
	check->verdict.reason = memory_print("%s: %s", run->chain.label, fault);
}

static void set_sum(const struct run *run, struct observation *seen)
{
	seen->wall = run->wall;
	seen->latency = run->latency;
	memcpy(seen->phases, run->phases, sizeof(seen->phases));
	seen->phases_seen = run->phases_seen;
}

static enum check_turn finish(struct run *run, struct check *check)
{
	check->endpoint = run->whole;
	run->chain.captures = NULL;
	run->chain.label[0] = '\0';
	if (run->has_failed) {
		forget(check);
		check->observation = run->failed.observation;
		check->verdict = run->failed.verdict;
		check->evidence = TAKE(run->evidence);
		run->failed = (struct look){ 0 };
		set_sum(run, &check->observation);
		return CHECK_IS_OVER;
	}
	/* What is expected of all of it; the reply is that of the last step. */
	run->is_judged = true;
	set_sum(run, &check->observation);
	verdict_done(&check->verdict);
	check->verdict = (struct verdict){ 0 };
	if (check->evidence)
		evidence_free(TAKE(check->evidence));
	return CHECK_IS_JUDGED;
}

/* Takes in what the step in hand came to. */
static void end_step(struct run *run, struct check *check)
{
	sum_up(run, &check->observation);
	tell(run, check);
	if (check->verdict.kind == VERDICT_FAIL) {
		forget_captures(run);
		if (!run->has_failed)
			note_failure(run, check);
	} else {
		keep_captures(run);
	}
}

static enum check_turn next(struct check *check)
{
	struct run *run = run_of(check);
	const usec_t now = clock_now();

	if (run->is_judged)
		return CHECK_IS_OVER;
	end_step(run, check);
	while (++run->at < run->count) {
		const char *fault;

		if (run->has_failed && !run->steps[run->at].always)
			continue;
		fault = begin(run, check);
		/* There is nothing to clean up where nothing was captured. */
		if (fault && run->has_failed)
			continue;
		forget(check);
		if (!fault) {
			if (run->has_failed && check->deadline < now + least)
				check->deadline = now + least;
			return CHECK_PROBES;
		}
		fail_at_once(run, check, fault);
		end_step(run, check);
	}
	return finish(run, check);
}

static void run_free(struct check_chain *chain)
{
	struct run *run = (struct run *)chain;

	forget_captures(run);
	for (unsigned i = 0; i < run->captured_count; i++)
		free(run->captured[i].value);
	free(run->captured);
	curl_slist_free_all(chain->cookies);
	text_done(&chain->told);
	observation_done(&run->failed.observation);
	verdict_done(&run->failed.verdict);
	if (run->evidence)
		evidence_free(run->evidence);
	if (run->arena)
		arena_free(run->arena);
	free(run);
}

/* --- The probe ------------------------------------------------------------------------- */

static void steps_start(struct check *check, struct probe_tools *tools, probe_done *done,
			void *context)
{
	const struct steps_options *options = check->endpoint->options;
	struct run *run = MEMORY_NEW(struct run);

	run->chain.next = next;
	run->chain.free = run_free;
	run->whole = check->endpoint;
	run->steps = options->requests.items;
	run->count = options->requests.count;
	check->chain = &run->chain;
	/* The first has no names that could be missing (steps_options.c). */
	(void)begin(run, check);
	probe_http.start(check, tools, done, context);
}

/* Only the probing of a step is ever cancelled: the check is one of http meanwhile. */
static void steps_cancel(struct check *check)
{
	probe_http.cancel(check);
}

static const struct http_options *first_of(const void *options)
{
	const struct steps_options *steps = options;
	const struct step *first = steps->requests.items;

	return &first->http;
}

static char *steps_target(const void *options)
{
	return probe_http.target(first_of(options));
}

static char *steps_host(const void *options)
{
	return probe_http.host(first_of(options));
}

/* As far as is known before the first answer. */
static bool steps_shakes_hands(const struct endpoint *endpoint)
{
	const struct steps_options *options = endpoint->options;
	const struct step *steps = options->requests.items;

	for (unsigned i = 0; i < options->requests.count; i++)
		if (strncasecmp(steps[i].http.url_text, "https:", 6) == 0)
			return true;
	return false;
}

const struct probe_type probe_steps = {
	.name = "steps",
	.about = "Asks web servers for several things, one after the other, as a login does.",
	.table = &steps_table,
	.short_key = "requests",
	.subjects = SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_BODY | SUBJECTS_HTTP | SUBJECTS_TLS,
	.prepare = steps_options_prepare,
	.compile = steps_options_compile,
	.target = steps_target,
	.host = steps_host,
	.shakes_hands = steps_shakes_hands,
	.start = steps_start,
	.cancel = steps_cancel,
};
