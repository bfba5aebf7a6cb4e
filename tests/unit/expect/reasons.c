/* reasons.c - what people read of a line that does not hold: what was found, and what was wanted. */
#include "look.h"

struct reason_case {
	const char *line, *reason;
};

/* Of a line that is not true. */
static void check_reason(const struct observation *answer, const struct reason_case *wanted)
{
	struct program *program = NULL;
	struct expect_fault fault;
	struct expect_run *run = expect_run_new(answer, 64);
	struct text value = { 0 }, reason = { 0 };
	bool is_limit, is_cut;

	if (program_add(&program, wanted->line, strlen(wanted->line), EVERY_SUBJECT, "b.example",
			&fault) < 0)
		fail_msg("%s: column %zu: %s", wanted->line, fault.column, fault.message);
	assert_int_not_equal(expect_evaluate(run, program, 0, &value, &is_limit, &is_cut), T);
	expect_reason(run, &reason);
	if (strcmp(reason.data, wanted->reason) != 0)
		fail_msg("%s: says\n  %s\nnot\n  %s", wanted->line, reason.data, wanted->reason);
	assert_true(value.len <= 256 && reason.len <= 400);
	text_done(&reason);
	text_done(&value);
	expect_run_free(run);
	program_free(program);
}

#define CHECK_ALL(answer, cases)                                                                   \
	for (size_t i = 0; i < sizeof(cases) / sizeof((cases)[0]); i++)                            \
	check_reason(answer, &(cases)[i])

static void every_operator_says_what_it_found_and_wanted(void **state)
{
	struct observation answer = look_answer("Server: nginx\nVia: a\nVia: b\n", "Hello");
	static const struct reason_case cases[] = {
		{ "status == 200", "status is 503, expected 200" },
		{ "status==200", "status is 503, expected 200" },
		{ "status != 503", "status is 503, expected != 503" },
		{ "status < 500", "status is 503, expected < 500" },
		{ "status <= 500", "status is 503, expected <= 500" },
		{ "status > 600", "status is 503, expected > 600" },
		{ "status >= 600", "status is 503, expected >= 600" },
		{ "status in 200..299", "status is 503, expected in 200..299" },
		{ "status in [200..299, 304]", "status is 503, expected in [200..299, 304]" },
		{ "status not in [503]", "status is 503, expected not in [503]" },
		{ "not status == 503", "status is 503, expected not == 503" },
		{ "not status in 500..599", "status is 503, expected not in 500..599" },
		{ "latency < 800ms", "latency is 2.00s, expected < 800ms" },
		{ "size > 1KiB", "size is 5B, expected > 1KiB" },
		{ "body == 'Bye'", "body is \"Hello\", expected 'Bye'" },
		{ "body contains \"Welcome\"", "body is \"Hello\", expected contains \"Welcome\"" },
		{ "body not contains 'ell'", "body is \"Hello\", expected not contains 'ell'" },
		{ "body matches /^W/i", "body is \"Hello\", expected matches /^W/i" },
		{ "body like 'W*'", "body is \"Hello\", expected like 'W*'" },
		{ "body is empty", "body is \"Hello\", expected empty" },
		{ "header Server is empty", "header Server is \"nginx\", expected empty" },
		{ "trim(body) is empty", "trim(body) is \"Hello\", expected empty" },
		{ "length(body) < 3", "length(body) is 5, expected < 3" },
		{ "number(body) == 3", "number(body): \"Hello\" is not a number, expected 3" },
		{ "header Age exists", "header Age does not exist" },
		{ "not header Server exists", "header Server is \"nginx\", expected not to exist" },
		{ "none header Via exists",
		  "header Via: element 1 is \"a\", expected not to exist" },
		{ "header Age == '5'", "header Age does not exist, expected '5'" },
		{ "header Via == 'a'", "header Via is \"a, b\", expected 'a'" },
		{ "any header Via == 'c'",
		  "header Via has 2 elements, the first of which is \"a\", expected any == 'c'" },
		{ "all header Via == 'a'", "header Via: element 2 is \"b\", expected all == 'a'" },
		{ "none header Via == 'b'",
		  "header Via: element 2 is \"b\", expected none == 'b'" },
		{ "not any header Via == 'b'",
		  "header Via: element 2 is \"b\", expected not any == 'b'" },
		{ "latency.connect < latency",
		  "latency.connect does not exist: the check never got that far or did not need it" },
		{ "body == header Server",
		  "body is \"Hello\", header Server is \"nginx\", expected header Server" },
		{ "status == 200 or latency < 1s",
		  "status is 503, expected 200; latency is 2.00s, expected < 1s" },
		{ "status in [200] or status == 304",
		  "status is 503, expected in [200]; status is 503, expected 304" },
		{ "not (status == 503 or latency < 1s)", "status is 503, expected not == 503" },
		{ "body == '${each}'", "body is \"Hello\", expected 'b.example'" },
	};

	answer.status = 503;
	answer.latency = 2 * USEC_PER_SEC;
	CHECK_ALL(&answer, cases);
	observation_done(&answer);
}

static void paths_stand_without_their_word(void **state)
{
	struct observation answer = look_json("{\"queue\": {\"depth\": 4711}, \"n\": [1, 2, 3],"
					      " \"none\": [], \"s\": \"UP\", \"z\": null,"
					      " \"t\": true}");
	static const struct reason_case cases[] = {
		{ "json $.queue.depth < 1000", "$.queue.depth is 4711, expected < 1000" },
		{ "json $.s == 5", "$.s is \"UP\", which is not a number, expected 5" },
		{ "json $.s is null", "$.s is \"UP\", expected null" },
		{ "json $.t is false", "$.t is true, expected false" },
		{ "json $.t is not true", "$.t is true, expected not true" },
		{ "json $.z is not null", "$.z is null, expected not null" },
		{ "json $.z == 'x'", "$.z is null, which is not a text, expected 'x'" },
		{ "json $.queue == 5", "$.queue is {\"depth\":4711}, which is not a number, "
				       "expected 5" },
		{ "json $.none is not empty", "$.none is [], expected not empty" },
		{ "json $.gone == 1", "$.gone does not exist, expected 1" },
		{ "json $.gone exists", "$.gone does not exist" },
		{ "not json $.s exists", "$.s is \"UP\", expected not to exist" },
		{ "json $.n[*] < 3", "$.n[*]: element 3 of 3 is 3, expected all < 3" },
		{ "json $.n[*] == 1", "$.n[*]: element 2 of 3 is 2, expected all == 1" },
		{ "any json $.n[*] > 3",
		  "$.n[*] has 3 elements, the first of which is 1, expected any > 3" },
		{ "none json $.n[*] == 2", "$.n[*]: element 2 of 3 is 2, expected none == 2" },
		{ "json $.n[*] contains 4",
		  "$.n[*] has 3 elements, the first of which is 1, expected contains 4" },
		{ "json $.n[*] is empty",
		  "$.n[*] has 3 elements, the first of which is 1, expected empty" },
		{ "json $.n[*] not in [2, 5]",
		  "$.n[*]: element 2 of 3 is 2, expected all not in [2, 5]" },
		{ "any json $.none[*] == 1", "$.none[*] selects nothing, expected any == 1" },
		{ "json $.none[*] is not empty", "$.none[*] selects nothing, expected not empty" },
		{ "count(json $.n[*]) >= 5", "count(json $.n[*]) is 3, expected >= 5" },
		{ "json $.n[0] == json $.n[1]", "$.n[0] is 1, $.n[1] is 2, expected json $.n[1]" },
	};

	CHECK_ALL(&answer, cases);
	observation_done(&answer);
}

static void what_is_not_known_says_why(void **state)
{
	static const struct reason_case not_json[] = {
		{ "json $.a == 1",
		  "body is not JSON at 1:17: a name in double quotes was expected, "
		  "not '}'" },
		{ "none json $.a[*] == 1", "body is not JSON at 1:17: a name in double quotes was "
					   "expected, not '}'" },
		{ "json $.a == 1 or json $.b == 2", "body is not JSON at 1:17: a name in double "
						    "quotes was expected, not '}'" },
		{ "status == json $.a", "body is not JSON at 1:17: a name in double quotes was "
					"expected, not '}'" },
	};
	static const struct reason_case cut[] = {
		{ "body contains 'x'",
		  "body: the body was cut at its limit of 17B, and the answer may lie beyond" },
	};
	static const struct reason_case limit[] = {
		{ "body matches /^(a+)+$/",
		  "body: judging it took more time or memory than one check may have" },
	};
	struct observation answer = look_json("{\"status\": \"UP\",}");
	struct observation endless = look_answer("", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");

	CHECK_ALL(&answer, not_json);
	answer.body_is_cut = true;
	CHECK_ALL(&answer, cut);
	CHECK_ALL(&endless, limit);
	observation_done(&endless);
	observation_done(&answer);
}

static void both_sides_are_escaped_and_cut(void **state)
{
	struct observation answer = look_answer("", "a\x1b[31m\xff\xe2\x80\xae\n");
	static const struct reason_case escaped[] = {
		{ "body == 'b'", "body is \"a\\x1b[31m\\xff\\u{202e}\\n\", expected 'b'" },
		{ "body == '\t'", "body is \"a\\x1b[31m\\xff\\u{202e}\\n\", expected '\\t'" },
	};
	struct text line = { 0 }, reason = { 0 };

	CHECK_ALL(&answer, escaped);
	text_clear(&answer.body);
	text_append(&line, "body == '");
	text_append(&reason, "body is \"");
	for (unsigned i = 0; i < 100; i++) {
		text_append(&answer.body, "\xc3\xa4");
		text_append(&line, "\xc3\xb6");
		if (i < 50)
			text_append(&reason, "\xc3\xa4");
	}
	text_append(&line, "'");
	text_append(&reason, "…\", expected '");
	for (unsigned i = 0; i < 48; i++)
		text_append(&reason, "\xc3\xb6");
	text_append(&reason, "…");
	check_reason(&answer, &(struct reason_case){ line.data, reason.data });
	text_done(&reason);
	text_done(&line);
	observation_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operator_says_what_it_found_and_wanted),
		cmocka_unit_test(paths_stand_without_their_word),
		cmocka_unit_test(what_is_not_known_says_why),
		cmocka_unit_test(both_sides_are_escaped_and_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
