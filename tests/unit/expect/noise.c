/* noise.c - lines that nobody would write are refused or judged, and break nothing. */
#include "look.h"

enum { ROUNDS = 60000, LONGEST = 200 };

/* Numbers that look random and are the same in every run (xorshift64*). */
static uint64_t seed = 0x9e3779b97f4a7c15;

static size_t below(size_t bound)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (size_t)(seed * 0x2545f4914f6cdd1dull >> 33) % bound;
}

static const char *const words[] = {
	"status",
	"latency",
	"json $.a",
	"json $.list[*]",
	"header Via",
	"header A",
	"body",
	"size",
	"address",
	"certificate.names",
	"class",
	"url",
	"any",
	"all",
	"none",
	"not",
	"and",
	"or",
	"(",
	")",
	"[",
	"]",
	",",
	"..",
	"==",
	"!=",
	"<",
	">=",
	"in",
	"contains",
	"matches",
	"like",
	"exists",
	"is",
	"empty",
	"null",
	"true",
	"200",
	"5s",
	"64KiB",
	"20%",
	"\"text\"",
	"'it''s'",
	"/x/i",
	"length(",
	"count(",
	"lower(",
	"number(",
	"age(",
	"sha256(",
	"=",
	"&&",
	"||",
	"!",
	"-",
	"json $[?@.a",
	"\"",
	"'",
	"/",
	"$",
	"json",
	"header",
	"\xff",
	"\xf0\x9f\x98\x80",
	".",
	"AND",
	"statsu",
	"1.5s",
	"1 < latency < 5s",
	"exists",
};

static const char *const lefts[] = {
	"status",
	"latency",
	"any json $.list[*]",
	"header Via",
	"lower(header A)",
	"count(header Via)",
	"certificate.names",
	"body",
	"json $.a",
	"size",
	"number(header A)",
	"age(json $.a)",
	"none header Via",
	"address",
	"class",
	"length(json $.list)",
};

static const char *const predicates[] = {
	"== 200",	   "!= 'x'",	   "< 5s",	   "exists",	 "is empty",
	"is not null",	   "in [1, 2..3]", "contains 'x'", "like '*x'",	 "matches /x/i",
	"not in ['x', 1]", "> json $.a",   "== null",	   "contains 1", "< 64KiB",
};

static const char *const joints[] = { "and", "or", "and not", "or not" };

#define ONE_OF(list) (list)[below(sizeof(list) / sizeof((list)[0]))]

/* A line of words, or of something like tests, some of whose bytes are others. */
static size_t make_line(char line[LONGEST + 1])
{
	const bool is_wild = below(2);
	size_t len = 0;

	line[0] = '\0';
	for (size_t i = 0, count = below(is_wild ? 12 : 4); i < count && len < LONGEST - 60; i++) {
		if (is_wild)
			len += (size_t)snprintf(line + len, LONGEST + 1 - len, "%s%s",
						ONE_OF(words), below(8) ? " " : "");
		else
			len += (size_t)snprintf(line + len, LONGEST + 1 - len, "%s %s %s ",
						i > 0 ? ONE_OF(joints) : "", ONE_OF(lefts),
						ONE_OF(predicates));
	}
	if (len > 0 && below(3) == 0)
		line[below(len)] = (char)below(256);
	return len;
}

static void judge_noise(const struct observation *observation, const char *line, size_t len,
			unsigned *taken)
{
	struct program *program = NULL;
	struct expect_fault fault = { 0 };
	struct text value = { .limit_bytes = 256 };
	struct expect_run *run;
	bool is_limit, is_cut;
	enum truth truth;

	if (program_add(&program, line, len, EVERY_SUBJECT, "each", &fault) < 0) {
		assert_in_range(fault.column, 1, len + 1);
		assert_true(fault.message[0] != '\0');
		return;
	}
	++*taken;
	run = expect_run_new(observation, 64);
	truth = expect_evaluate(run, program, 0, &value, &is_limit, &is_cut);
	assert_true((truth == TRUTH_TRUE) == (value.len == 0));
	text_done(&value);
	expect_run_free(run);
	program_free(program);
}

static void noise_is_refused_or_judged(void **state)
{
	struct observation answer =
		look_answer("A: x\nVia: a\nVia: b\n", "{\"a\": \"x\", \"list\": [1, \"x\", null]}");
	unsigned taken = 0;
	char line[LONGEST + 1];

	for (unsigned i = 0; i < ROUNDS; i++) {
		const size_t len = make_line(line);

		judge_noise(&answer, line, len, &taken);
	}
	/* Else the words say nothing about judging. */
	assert_true(taken > ROUNDS / 1000);
	observation_done(&answer);
}

/* Valid lines, shortened, doubled and with single bytes changed. */
static void lines_that_are_nearly_right_break_nothing(void **state)
{
	static const char *const lines[] = {
		"status in [200, 204, 300..302] and latency < 1h30m",
		"any json $.list[?@.a == 'x)'].b not in [1, 2.5, -3e2, null, \"\\ud83d\\ude00\"]",
		"not (lower(trim(header Via)) like 'a*' or body matches /a\\/(b|c)+/imsx)",
		"count(json $.list[*]) == length(json $['list']) or address in '10.0.0.0/8'",
		"1 < latency < 5s && status = 200 || json $.content-type == UP",
	};
	struct observation answer = look_answer("Via: a\n", "{\"list\": [{\"a\": 1}]}");
	unsigned taken = 0;

	for (unsigned i = 0; i < ROUNDS / 4; i++) {
		const char *from = lines[below(sizeof(lines) / sizeof(lines[0]))];
		char line[LONGEST + 1];
		size_t len = strlen(from);

		memcpy(line, from, len + 1);
		for (size_t change = below(3) + 1; change > 0; change--)
			line[below(len)] =
				below(2) ? "()[]'\"/$.,=!<>-0 "[below(17)] : (char)below(256);
		if (below(4) == 0)
			len = below(len);
		judge_noise(&answer, line, len, &taken);
	}
	assert_true(taken > 0);
	observation_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(noise_is_refused_or_judged),
		cmocka_unit_test(lines_that_are_nearly_right_break_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
