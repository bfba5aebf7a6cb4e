/* assess.c - from observation to verdict.
 *
 *   the probe failed, and no expectation names `class`  -> fail, its class
 *   an `expect` line does not hold (false or unknown)   -> fail, `expectation`
 *   only the probe's own does not, and it has a word    -> fail or warn, that class
 *   a `warn` line does not hold                         -> warn, `expectation`
 *   else                                                -> pass
 *
 * `invert` turns a pass, and a failure that is known to be the endpoint's.
 * Where a probe looked more than once (`ip: both`, `ip: each`), every look is judged so
 * and the worst counts.
 *
 * Runs on a worker, and in `picketctl try`'s stead nowhere else.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mask.h"
#include "base/memory.h"
#include "expect/expect.h"
#include "judge/evidence.h"
#include "judge/judge.h"
#include "model/check.h"

enum { VALUE_BYTES = 256, CAPTURE_BYTES = 16 * 1024 };

/* How a line did not hold; of several, the last of these decides about the check. */
enum flaw {
	FLAW_NONE,
	FLAW_UNKNOWN, /* something was missing, or of another type */
	FLAW_CUT, /* it would have to see more of the body */
	FLAW_EXHAUSTED, /* it ran out of its budget */
	FLAW_FALSE,
};

/* What evaluating a program's lines came to, besides the findings. */
struct outcome {
	enum flaw flaw;
	struct text reason; /* of the first line with that flaw */
	bool is_own; /* some line that does not hold is the probe's own */
	bool is_other; /* some line that does not hold is not */
};

static void add(struct finding **findings, size_t *count, const struct program *program, size_t i,
		struct text *value, bool is_warn)
{
	*findings = memory_grow(*findings, *count + 1, sizeof(**findings));
	(*findings)[(*count)++] = (struct finding){
		.line = memory_text(program_line(program, i)),
		.value = text_take(value),
		.is_warn = is_warn,
		.place = i,
	};
}

static enum flaw flaw_of(enum truth truth, bool is_exhausted, bool is_cut)
{
	if (truth == TRUTH_TRUE)
		return FLAW_NONE;
	if (truth == TRUTH_FALSE)
		return FLAW_FALSE;
	if (is_exhausted)
		return FLAW_EXHAUSTED;
	return is_cut ? FLAW_CUT : FLAW_UNKNOWN;
}

static void note_flaw(struct outcome *outcome, enum flaw flaw, const struct expect_run *run)
{
	if (flaw <= outcome->flaw)
		return;
	outcome->flaw = flaw;
	text_clear(&outcome->reason);
	expect_reason(run, &outcome->reason);
}

/* Evaluates every line; whether all of them hold. */
static bool evaluate(struct check *check, struct expect_run *run, const struct program *program,
		     bool is_warn, struct outcome *outcome)
{
	struct text value = { .limit_bytes = VALUE_BYTES };

	for (size_t i = 0; i < program_count(program); i++) {
		bool is_exhausted = false, is_cut = false;
		enum truth truth;

		text_clear(&value);
		truth = expect_evaluate(run, program, i, &value, &is_exhausted, &is_cut);
		if (truth == TRUTH_TRUE)
			continue;
		note_flaw(outcome, flaw_of(truth, is_exhausted, is_cut), run);
		outcome->is_own |= program_is_own(program, i);
		outcome->is_other |= !program_is_own(program, i);
		add(&check->verdict.findings, &check->verdict.findings_count, program, i, &value,
		    is_warn);
	}
	text_done(&value);
	return outcome->flaw == FLAW_NONE;
}

static void settle_by_probe(struct verdict *verdict, const struct observation *observation)
{
	verdict->kind = VERDICT_FAIL;
	verdict->class = observation->class;
	verdict->phase = observation->phase;
	verdict->reason = memory_text(observation->detail ? observation->detail
							  : class_sentence(observation->class));
}

/* What is known to be false decides; only where nothing is, what kept us from knowing does. */
static void settle_by_findings(struct verdict *verdict, enum verdict_kind kind,
			       struct outcome *outcome)
{
	verdict->kind = kind;
	verdict->class = CLASS_expectation;
	verdict->phase = PHASE_JUDGE;
	if (outcome->flaw == FLAW_EXHAUSTED) {
		verdict->class = CLASS_expectation_limit;
	} else if (outcome->flaw == FLAW_CUT) {
		verdict->class = CLASS_body_too_large;
		verdict->phase = PHASE_TRANSFER;
	}
	if (verdict->findings_count > 1)
		text_print(&outcome->reason, " (and %zu more)", verdict->findings_count - 1);
	verdict->reason = text_take(&outcome->reason);
}

/* Nothing but what the probe expects by itself does not hold, and it has a word for that. */
static void settle_by_saying(struct verdict *verdict, const struct observation *observation,
			     struct outcome *outcome)
{
	verdict->kind = observation->says_warn ? VERDICT_WARN : VERDICT_FAIL;
	verdict->class = observation->says;
	verdict->phase = PHASE_TRANSFER;
	verdict->findings[0].is_warn = observation->says_warn;
	verdict->reason = observation->detail ? memory_text(observation->detail)
					      : text_take(&outcome->reason);
	text_done(&outcome->reason);
}

static bool leaves_evidence(const struct check *check)
{
	return check->verdict.kind != VERDICT_PASS || check->keeps_success;
}

static bool has_finding(const struct verdict *verdict, size_t place, bool is_warn)
{
	for (size_t i = 0; i < verdict->findings_count; i++)
		if (verdict->findings[i].place == place && verdict->findings[i].is_warn == is_warn)
			return true;
	return false;
}

/* What the other lines found, for the evidence. */
static void tell_held(struct check *check, struct expect_run *run, const struct program *program,
		      bool is_warn)
{
	struct verdict *verdict = &check->verdict;

	for (size_t i = 0; i < program_count(program); i++) {
		struct text value = { .limit_bytes = VALUE_BYTES };

		if (has_finding(verdict, i, is_warn))
			continue;
		expect_tell(run, program, i, &value);
		add(&verdict->held, &verdict->held_count, program, i, &value, is_warn);
	}
}

/* For the evidence. */
static void tell_all(struct check *check, struct expect_run *run, bool with_warn)
{
	check->verdict.has_duplicate_names = expect_has_duplicates(run);
	tell_held(check, run, check->endpoint->expect, false);
	if (with_warn)
		tell_held(check, run, check->endpoint->warn, true);
}

static void fail_expectations(struct check *check, struct outcome *outcome)
{
	struct verdict *verdict = &check->verdict;

	if (outcome->is_own && !outcome->is_other && check->observation.says)
		settle_by_saying(verdict, &check->observation, outcome);
	else
		settle_by_findings(verdict, VERDICT_FAIL, outcome);
	/* The probe's own failure says more than that an expectation about it failed. */
	if (check->observation.class) {
		verdict->class = check->observation.class;
		verdict->phase = check->observation.phase;
	}
}

/* A `warn` line is not asked where an `expect` line has failed. */
static void judge_expectations(struct check *check, struct outcome *outcome)
{
	const struct endpoint *endpoint = check->endpoint;
	struct expect_run *run = expect_run_new(&check->observation, check->limits->json_depth);
	const char **secrets = mask_list(endpoint->secrets, check->token);
	struct verdict *verdict = &check->verdict;

	expect_hide(run, secrets);
	if (!evaluate(check, run, endpoint->expect, false, outcome)) {
		tell_all(check, run, false);
		fail_expectations(check, outcome);
	} else if (endpoint->warn && !evaluate(check, run, endpoint->warn, true, outcome)) {
		tell_all(check, run, true);
		settle_by_findings(verdict, VERDICT_WARN, outcome);
	} else {
		if (check->keeps_success || endpoint->is_inverted)
			tell_all(check, run, true);
		verdict->kind = VERDICT_PASS;
		verdict->phase = PHASES;
	}
	expect_run_free(run);
	free(secrets);
}

/* Whether the endpoint is known to be as it is expected, or known not to be: what kept us from
 * knowing is no answer, whichever way round it is read.
 */
static bool is_known(const struct check *check, const struct outcome *outcome)
{
	const enum class_family family = class_family(check->observation.class);

	if (check->verdict.kind != VERDICT_FAIL)
		return true;
	if (family == FAMILY_RESOLVING || family == FAMILY_HERE ||
	    class_family(check->verdict.class) == FAMILY_RESOLVING)
		return false;
	if (program_mentions(check->endpoint->expect, "class") || !check->observation.class)
		return outcome->flaw == FLAW_FALSE;
	return family == FAMILY_CONNECTING || family == FAMILY_TLS || family == FAMILY_TALKING;
}

/* Of a warning as well, since all that is expected holds. */
static void invert(struct verdict *verdict)
{
	struct verdict before = *verdict;

	*verdict = (struct verdict){
		.kind = VERDICT_PASS,
		.phase = PHASES,
		.held = TAKE(before.held),
		.held_count = before.held_count,
		.has_duplicate_names = before.has_duplicate_names,
	};
	before.held_count = 0;
	if (before.kind != VERDICT_FAIL) {
		verdict->kind = VERDICT_FAIL;
		verdict->class = CLASS_expectation;
		verdict->phase = PHASE_JUDGE;
		verdict->reason = memory_text("it works, and 'invert' says that it must not");
	}
	verdict_done(&before);
}

static void hide_values(struct finding *findings, size_t count, const char *const *secrets)
{
	for (size_t i = 0; i < count; i++)
		findings[i].value = mask_secrets(findings[i].value, secrets);
}

static void hide_secrets(struct verdict *verdict, const char *const *secrets)
{
	verdict->reason = mask_secrets(verdict->reason, secrets);
	hide_values(verdict->findings, verdict->findings_count, secrets);
	hide_values(verdict->held, verdict->held_count, secrets);
}

/* Of one observation, into an empty verdict. */
static void judge_one(struct check *check)
{
	const struct observation *observation = &check->observation;
	struct outcome outcome = { 0 };

	/* Of what this host lacks no expectation can make an answer. */
	if (observation->class == CLASS_local ||
	    (observation->class && !program_mentions(check->endpoint->expect, "class")))
		settle_by_probe(&check->verdict, observation);
	else
		judge_expectations(check, &outcome);
	if (check->endpoint->is_inverted && is_known(check, &outcome))
		invert(&check->verdict);
}

/* How bad it is; not knowing is worse than a warning and better than a failure. */
static unsigned weight(const struct verdict *verdict)
{
	if (verdict->kind != VERDICT_FAIL)
		return verdict->kind == VERDICT_WARN;
	return verdict->class == CLASS_local ? 2 : 3;
}

static void turn(struct check *check, struct look *other)
{
	const struct look look = { check->observation, check->verdict };

	check->observation = other->observation;
	check->verdict = other->verdict;
	*other = look;
}

static bool is_worse(const struct look *look, const struct check *check)
{
	const unsigned a = weight(&look->verdict), b = weight(&check->verdict);

	return a > b || (a == b && look->observation.latency > check->observation.latency);
}

/* Of several looks the worst one, or of equal ones the slowest, is the check's; the
 * others stay beside it in their order.
 */
static void judge_others(struct check *check)
{
	for (unsigned i = 0; i < check->others_count; i++) {
		turn(check, &check->others[i]);
		judge_one(check);
		turn(check, &check->others[i]);
	}
	for (unsigned i = 0; i < check->others_count; i++)
		if (is_worse(&check->others[i], check))
			turn(check, &check->others[i]);
}

/* Of several looks each says which address it was at. */
static void name_address(const struct observation *seen, struct verdict *verdict)
{
	cleanup(text)
	struct text address = { 0 };
	char *reason = verdict->reason;

	if (!reason || seen->address.family == 0)
		return;
	address_print(&address, &seen->address);
	if (strstr(reason, address.data))
		return;
	verdict->reason = memory_print("at %s: %s", address.data, reason);
	free(reason);
}

static void name_addresses(struct check *check)
{
	name_address(&check->observation, &check->verdict);
	for (unsigned i = 0; i < check->others_count; i++)
		name_address(&check->others[i].observation, &check->others[i].verdict);
}

/* What is shown of a check: all that is known but its secrets. */
static void show(struct check *check)
{
	const char **secrets = mask_list(check->endpoint->secrets, check->token);

	hide_secrets(&check->verdict, secrets);
	for (unsigned i = 0; i < check->others_count; i++)
		hide_secrets(&check->others[i].verdict, secrets);
	check->evidence = evidence_new(check, secrets);
	free(secrets);
}

static void fail_capture(struct verdict *verdict, const char *line)
{
	const size_t len = strlen(line) - strlen(" exists");

	free(verdict->reason);
	verdict->kind = VERDICT_FAIL;
	verdict->class = CLASS_expectation;
	verdict->phase = PHASE_JUDGE;
	verdict->reason = memory_print("there is no value to capture from '%.*s'", (int)len, line);
}

/* What the next probing of a chain is to have of this one. */
static void capture(struct check *check)
{
	const struct program *captures = check->chain ? check->chain->captures : NULL;
	const size_t count = program_count(captures);
	struct expect_run *run;

	if (count == 0 || check->verdict.kind == VERDICT_FAIL)
		return;
	run = expect_run_new(&check->observation, check->limits->json_depth);
	check->chain->captured = memory_new(count + 1, sizeof(char *));
	for (size_t i = 0; i < count && check->verdict.kind != VERDICT_FAIL; i++) {
		struct text value = { .limit_bytes = CAPTURE_BYTES };

		if (!expect_take(run, captures, i, &value) || value.is_cut)
			fail_capture(&check->verdict, program_line(captures, i));
		check->chain->captured[i] = text_take(&value);
	}
	expect_run_free(run);
}

/* Of several probings each says which one it was. */
static void name_probing(struct check *check)
{
	char *reason = check->verdict.reason;

	if (!check->chain || !*check->chain->label || !reason)
		return;
	check->verdict.reason = memory_print("%s: %s", check->chain->label, reason);
	free(reason);
}

void assess(struct check *check)
{
	judge_one(check);
	capture(check);
	judge_others(check);
	if (check->others_count > 0)
		name_addresses(check);
	name_probing(check);
	if (leaves_evidence(check))
		show(check);
}
