/* false_green.c - what is not known never passes, however the line turns it, and not under
 * `invert` either.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "expect/expect.h"
#include "judge/judge.h"
#include "model/check.h"

static const struct check_limits limits = {
	.body_bytes = 1024,
	.evidence_bytes = 4096,
	.json_depth = 64,
};

/* What happened to the endpoint. */
enum situation {
	NOT_JSON, /* <html> */
	NOTHING, /* the body is empty */
	CUT, /* at the limit, in the middle of JSON */
	NO_HEADER,
	REFUSED, /* the probe failed before there was an answer */
	PARTIAL, /* and in the middle of one */
	LOST, /* the name could not be resolved */
	LOCAL, /* this host lacked something */
	ENDLESS, /* the pattern has no end within the budget */
	OTHER_TYPE, /* "5" where 5 was meant */
	SITUATIONS,
};

static void arrange(enum situation situation, struct observation *seen)
{
	static const char *const bodies[SITUATIONS] = {
		[NOT_JSON] = "<html>",
		[NOTHING] = "",
		[CUT] = "{\"a\": \"",
		[NO_HEADER] = "{\"a\": 1, \"n\": [1]}",
		[REFUSED] = "",
		[PARTIAL] = "{\"a\": \"",
		[LOST] = "",
		[LOCAL] = "",
		[ENDLESS] = "{\"a\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}",
		[OTHER_TYPE] = "{\"a\": \"5\", \"n\": [\"5\"]}",
	};

	text_append(&seen->body, bodies[situation]);
	seen->status = 200;
	seen->body_is_cut = situation == CUT;
	if (situation == REFUSED)
		observation_fail(seen, CLASS_connect_refused, PHASE_CONNECT, "refused");
	if (situation == PARTIAL)
		observation_fail(seen, CLASS_partial_body, PHASE_TRANSFER, "cut off");
	if (situation == LOST)
		observation_fail(seen, CLASS_dns_timeout, PHASE_RESOLVE, "no answer");
	if (situation == LOCAL)
		observation_fail(seen, CLASS_local, PHASE_CONNECT, "no descriptors");
}

/* What a line comes to; the classes say why nothing is known. */
struct cell {
	enum situation situation;
	const char *line;
	enum verdict_kind plain, inverted;
	enum failure_class class; /* of both, where they fail */
	const char *reason; /* the same; of a verdict that invert turned it is another */
};

#define UNKNOWN VERDICT_FAIL, VERDICT_FAIL
#define FALSE	VERDICT_FAIL, VERDICT_PASS
#define TRUE	VERDICT_PASS, VERDICT_FAIL

static const char turned[] = "it works, and 'invert' says that it must not";

static void check_one(const struct cell *cell, bool is_inverted)
{
	const enum verdict_kind wanted = is_inverted ? cell->inverted : cell->plain;
	const char *reason = cell->plain == VERDICT_PASS ? turned : cell->reason;
	struct program *program = NULL;
	struct expect_fault fault;
	struct endpoint endpoint = { .name = "shop", .is_inverted = is_inverted };
	const struct verdict *verdict;
	struct check *check;

	if (program_add(&program, cell->line, strlen(cell->line),
			SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_BODY | SUBJECTS_HTTP, NULL,
			&fault) < 0)
		fail_msg("%s: column %zu: %s", cell->line, fault.column, fault.message);
	endpoint.expect = program;
	check = check_new(&endpoint, &limits);
	arrange(cell->situation, &check->observation);
	assess(check);
	verdict = &check->verdict;
	if (verdict->kind != wanted ||
	    verdict->class != (wanted == VERDICT_PASS ? CLASS_NONE : cell->class))
		fail_msg("%s in situation %d%s: is %s of class %s: %s", cell->line, cell->situation,
			 is_inverted ? ", inverted" : "", verdict_name(verdict->kind),
			 class_name(verdict->class), verdict->reason);
	if (wanted == VERDICT_PASS)
		assert_true(!verdict->reason && verdict->findings_count == 0);
	else if (strcmp(verdict->reason, reason) != 0)
		fail_msg("%s in situation %d: says\n  %s\nnot\n  %s", cell->line, cell->situation,
			 verdict->reason, reason);
	check_free(check);
	program_free(program);
}

static void check_cells(const struct cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		check_one(&cells[i], false);
		check_one(&cells[i], true);
	}
}

#define CHECK_CELLS(cells) check_cells(cells, sizeof(cells) / sizeof((cells)[0]))

/* Every way to turn a test round, of a path that selects one node and of one that selects many. */
static const char *const json_lines[] = {
	"json $.a is empty",
	"json $.a is not empty",
	"not json $.a is empty",
	"json $.a is null",
	"json $.a is not null",
	"json $.a == 1",
	"json $.a != 1",
	"not json $.a == 1",
	"not not json $.a == 1",
	"json $.a in [1, 2]",
	"json $.a not in [1, 2]",
	"none json $.a == 1",
	"not any json $.a == 1",
	"json $.a exists",
	"not json $.a exists",
	"none json $.a exists",
	"json $.n[*] is empty",
	"json $.n[*] is not empty",
	"not json $.n[*] is empty",
	"any json $.n[*] == 1",
	"all json $.n[*] == 1",
	"none json $.n[*] == 1",
	"not any json $.n[*] == 1",
	"not all json $.n[*] == 1",
	"not none json $.n[*] == 1",
	"none json $.n[*] != 1",
	"json $.n[*] not contains 1",
	"none json $.n[*] exists",
	"count(json $.n[*]) == 0",
	"not count(json $.n[*]) > 0",
	"length(json $.a) == 0",
	"json $.n[?@.state != 'ready'] is empty",
	"status not in json $.n",
	"not status == json $.a",
	"json $.a == 1 or json $.n[*] is empty",
	"not (json $.a == 1 and json $.n[*] is empty)",
};

static void check_all_json_lines(enum situation situation, enum failure_class class,
				 const char *reason)
{
	for (size_t i = 0; i < sizeof(json_lines) / sizeof(json_lines[0]); i++) {
		const struct cell cell = { situation, json_lines[i], UNKNOWN, class, reason };

		check_one(&cell, false);
		check_one(&cell, true);
	}
}

static void a_body_that_is_not_json_proves_nothing(void **state)
{
	check_all_json_lines(NOT_JSON, CLASS_expectation,
			     "body is not JSON at 1:1: a value was expected, not '<'");
	check_all_json_lines(NOTHING, CLASS_expectation, "body is not JSON: it is empty");
}

static void a_body_that_was_cut_proves_nothing_beyond(void **state)
{
#define BEYOND ": the body was cut at its limit of 7B, and the answer may lie beyond"
	static const struct cell cells[] = {
		{ CUT, "json $.a is empty", UNKNOWN, CLASS_body_too_large, "$.a" BEYOND },
		{ CUT, "json $.n[*] is empty", UNKNOWN, CLASS_body_too_large, "$.n[*]" BEYOND },
		{ CUT, "none json $.n[*] == 1", UNKNOWN, CLASS_body_too_large, "$.n[*]" BEYOND },
		{ CUT, "any json $.n[*] == 1", UNKNOWN, CLASS_body_too_large, "$.n[*]" BEYOND },
		{ CUT, "all json $.n[*] == 1", UNKNOWN, CLASS_body_too_large, "$.n[*]" BEYOND },
		{ CUT, "not json $.a == 1", UNKNOWN, CLASS_body_too_large, "$.a" BEYOND },
		{ CUT, "json $.a != 1", UNKNOWN, CLASS_body_too_large, "$.a" BEYOND },
		{ CUT, "not json $.a exists", UNKNOWN, CLASS_body_too_large, "$.a" BEYOND },
		{ CUT, "body not contains 'x'", UNKNOWN, CLASS_body_too_large, "body" BEYOND },
		{ CUT, "not body contains 'x'", UNKNOWN, CLASS_body_too_large, "body" BEYOND },
		{ CUT, "none body contains 'x'", UNKNOWN, CLASS_body_too_large, "body" BEYOND },
		{ CUT, "body is empty", UNKNOWN, CLASS_body_too_large, "body" BEYOND },
		{ CUT, "body not matches /x/", UNKNOWN, CLASS_body_too_large, "body" BEYOND },
		{ CUT, "size < 1KiB", UNKNOWN, CLASS_body_too_large, "size" BEYOND },
		{ CUT, "not size > 1KiB", UNKNOWN, CLASS_body_too_large, "size" BEYOND },
		/* What was found before the cut is known. */
		{ CUT, "body contains 'a'", TRUE, CLASS_expectation, NULL },
		{ CUT, "body not contains 'a'", FALSE, CLASS_expectation,
		  "body is \"{\"a\": \"\", expected not contains 'a'" },
		{ CUT, "size > 5B", TRUE, CLASS_expectation, NULL },
		{ CUT, "size < 5B", FALSE, CLASS_expectation,
		  "size is at least 7B, expected < 5B" },
	};

	CHECK_CELLS(cells);
}

static void a_header_that_is_not_there_proves_nothing(void **state)
{
	static const struct cell cells[] = {
		{ NO_HEADER, "header A == 'x'", UNKNOWN, CLASS_expectation,
		  "header A does not exist, expected 'x'" },
		{ NO_HEADER, "header A != 'x'", UNKNOWN, CLASS_expectation,
		  "header A does not exist, expected != 'x'" },
		{ NO_HEADER, "not header A == 'x'", UNKNOWN, CLASS_expectation,
		  "header A does not exist, expected not == 'x'" },
		{ NO_HEADER, "header A is empty", UNKNOWN, CLASS_expectation,
		  "header A does not exist, expected empty" },
		{ NO_HEADER, "header A is not empty", UNKNOWN, CLASS_expectation,
		  "header A does not exist, expected not empty" },
		{ NO_HEADER, "header A not in ['x']", UNKNOWN, CLASS_expectation,
		  "header A does not exist, expected not in ['x']" },
		{ NO_HEADER, "header A not matches /x/", UNKNOWN, CLASS_expectation,
		  "header A does not exist, expected not matches /x/" },
		{ NO_HEADER, "any header A == 'x'", UNKNOWN, CLASS_expectation,
		  "header A does not exist, expected any == 'x'" },
		{ NO_HEADER, "all header A == 'x'", UNKNOWN, CLASS_expectation,
		  "header A does not exist, expected all == 'x'" },
		{ NO_HEADER, "none header A == 'x'", UNKNOWN, CLASS_expectation,
		  "header A does not exist, expected none == 'x'" },
		{ NO_HEADER, "count(header A) == 0", UNKNOWN, CLASS_expectation,
		  "count(header A) does not exist, expected 0" },
		{ NO_HEADER, "header A exists", FALSE, CLASS_expectation,
		  "header A does not exist" },
		/* This is what asks for a header that must not be there. */
		{ NO_HEADER, "not header A exists", TRUE, CLASS_expectation, NULL },
		{ NO_HEADER, "none header A exists", TRUE, CLASS_expectation, NULL },
		/* A member that is not there is no different, but a list of none is known. */
		{ NO_HEADER, "json $.gone != 1", UNKNOWN, CLASS_expectation,
		  "$.gone does not exist, expected != 1" },
		{ NO_HEADER, "json $.gone is empty", UNKNOWN, CLASS_expectation,
		  "$.gone does not exist, expected empty" },
		{ NO_HEADER, "json $.gone[*] is empty", TRUE, CLASS_expectation, NULL },
		{ NO_HEADER, "none json $.gone[*] == 1", TRUE, CLASS_expectation, NULL },
		{ NO_HEADER, "all json $.gone[*] == 1", FALSE, CLASS_expectation,
		  "$.gone[*] selects nothing, expected all == 1" },
	};

	CHECK_CELLS(cells);
}

/* Whatever is expected, but for what names the class: the probe's own verdict stands, and what
 * `invert` makes of it depends on whose failure it is.
 */
static void a_probe_that_failed_proves_what_its_class_says(void **state)
{
	static const char *const lines[] = {
		"json $.a is empty",	"not json $.a == 1",   "none json $.n[*] == 1",
		"any json $.n[*] == 1", "body is empty",       "not body contains 'x'",
		"header A is empty",	"not header A exists", "status == 200",
		"not status == 500",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct cell cells[] = {
			{ REFUSED, lines[i], FALSE, CLASS_connect_refused, "refused" },
			{ PARTIAL, lines[i], FALSE, CLASS_partial_body, "cut off" },
			{ LOST, lines[i], UNKNOWN, CLASS_dns_timeout, "no answer" },
			{ LOCAL, lines[i], UNKNOWN, CLASS_local, "no descriptors" },
		};

		CHECK_CELLS(cells);
	}
}

static void naming_the_class_does_not_make_the_rest_known(void **state)
{
	static const struct cell cells[] = {
		{ REFUSED, "class == 'connect_refused'", TRUE, CLASS_expectation, NULL },
		{ REFUSED, "class == 'timeout'", FALSE, CLASS_connect_refused,
		  "class is \"connect_refused\", expected 'timeout'" },
		{ REFUSED, "class == 'timeout' or json $.n[*] is empty", UNKNOWN,
		  CLASS_connect_refused,
		  "class is \"connect_refused\", expected 'timeout'; body is not JSON: there was "
		  "no answer" },
		{ REFUSED, "class exists and not json $.a == 1", UNKNOWN, CLASS_connect_refused,
		  "body is not JSON: there was no answer" },
		{ PARTIAL, "class exists and none json $.n[*] == 1", UNKNOWN, CLASS_partial_body,
		  "$.n[*]: the body is not complete, and the answer may lie in what is missing" },
		{ LOST, "class == 'timeout'", UNKNOWN, CLASS_dns_timeout,
		  "class is \"dns_timeout\", expected 'timeout'" },
		{ LOST, "class == 'dns_timeout'", TRUE, CLASS_expectation, NULL },
		{ LOCAL, "class == 'local'", UNKNOWN, CLASS_local, "no descriptors" },
	};

	CHECK_CELLS(cells);
}

static void a_budget_that_ran_out_proves_nothing(void **state)
{
#define OUT ": judging it took more time or memory than one check may have"
	static const struct cell cells[] = {
		{ ENDLESS, "json $.a matches /^(a+)+$/", UNKNOWN, CLASS_expectation_limit,
		  "$.a" OUT },
		{ ENDLESS, "json $.a not matches /^(a+)+$/", UNKNOWN, CLASS_expectation_limit,
		  "$.a" OUT },
		{ ENDLESS, "not json $.a matches /^(a+)+$/", UNKNOWN, CLASS_expectation_limit,
		  "$.a" OUT },
		{ ENDLESS, "none json $.* matches /^(a+)+$/", UNKNOWN, CLASS_expectation_limit,
		  "$.*: element 1 of 1" OUT },
		{ ENDLESS, "any json $.* matches /^(a+)+$/", UNKNOWN, CLASS_expectation_limit,
		  "$.*: element 1 of 1" OUT },
		{ ENDLESS, "json $[?match(@, '(a+)+')] is empty", UNKNOWN, CLASS_expectation_limit,
		  "$[?match(@, '(a+)+')]" OUT },
		{ ENDLESS, "not json $[?match(@, '(a+)+')] exists", UNKNOWN,
		  CLASS_expectation_limit, "$[?match(@, '(a+)+')]" OUT },
		{ ENDLESS, "count(json $[?match(@, '(a+)+')]) == 0", UNKNOWN,
		  CLASS_expectation_limit, "count(json $[?match(@, '(a+)+')])" OUT },
		{ ENDLESS, "status == 500 or not json $.a matches /^(a+)+$/", UNKNOWN,
		  CLASS_expectation_limit, "status is 200, expected 500; $.a" OUT },
		/* Known without the pattern. */
		{ ENDLESS, "status == 500 and json $.a matches /^(a+)+$/", FALSE, CLASS_expectation,
		  "status is 200, expected 500" },
	};

	CHECK_CELLS(cells);
}

static void another_type_proves_nothing(void **state)
{
	static const struct cell cells[] = {
		{ OTHER_TYPE, "json $.a == 5", UNKNOWN, CLASS_expectation,
		  "$.a is \"5\", which is not a number, expected 5" },
		{ OTHER_TYPE, "json $.a != 5", UNKNOWN, CLASS_expectation,
		  "$.a is \"5\", which is not a number, expected != 5" },
		{ OTHER_TYPE, "not json $.a == 5", UNKNOWN, CLASS_expectation,
		  "$.a is \"5\", which is not a number, expected not == 5" },
		{ OTHER_TYPE, "not json $.a > 100", UNKNOWN, CLASS_expectation,
		  "$.a is \"5\", which is not a number, expected not > 100" },
		{ OTHER_TYPE, "json $.a not in [6, 7]", UNKNOWN, CLASS_expectation,
		  "$.a is \"5\", which is not of a type in the list, expected not in [6, 7]" },
		{ OTHER_TYPE, "none json $.n[*] == 5", UNKNOWN, CLASS_expectation,
		  "$.n[*]: element 1 of 1 is \"5\", which is not a number, expected none == 5" },
		{ OTHER_TYPE, "any json $.n[*] == 5", UNKNOWN, CLASS_expectation,
		  "$.n[*]: element 1 of 1 is \"5\", which is not a number, expected any == 5" },
		{ OTHER_TYPE, "all json $.n[*] != 5", UNKNOWN, CLASS_expectation,
		  "$.n[*]: element 1 of 1 is \"5\", which is not a number, expected all != 5" },
		{ OTHER_TYPE, "json $.n not contains 5", UNKNOWN, CLASS_expectation,
		  "$.n is [\"5\"], in which nothing is a number, expected not contains 5" },
		{ OTHER_TYPE, "number(json $.a) == 5", TRUE, CLASS_expectation, NULL },
	};

	CHECK_CELLS(cells);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_that_is_not_json_proves_nothing),
		cmocka_unit_test(a_body_that_was_cut_proves_nothing_beyond),
		cmocka_unit_test(a_header_that_is_not_there_proves_nothing),
		cmocka_unit_test(a_probe_that_failed_proves_what_its_class_says),
		cmocka_unit_test(naming_the_class_does_not_make_the_rest_known),
		cmocka_unit_test(a_budget_that_ran_out_proves_nothing),
		cmocka_unit_test(another_type_proves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
