/* judging.c - what a judge can be made to do, and what a regular expression costs beside PCRE2.
 *
 *   judging [ROUNDS]
 *
 * The first table is of lines that would take minutes: each is judged ROUNDS times over a
 * megabyte, and the longest time counts.  The second is of patterns that do no harm: over the
 * same megabyte the least time of ROUNDS of ours and of plain pcre2_match() with the same
 * options, taking turns.  It prints and never fails.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "expect/expect.h"
#include "expect/regex.h"

#define MEGABYTE ((size_t)1 << 20)

enum { SUBJECTS = SUBJECTS_ALL | SUBJECTS_HTTP | SUBJECTS_BODY };

static void fill(struct text *body, const char *unit)
{
	while (body->len < MEGABYTE)
		text_append(body, unit);
	text_append(body, "!");
}

/* [{"id":0,"name":"..."},...] */
static void fill_json(struct text *body)
{
	text_append(body, "[");
	for (unsigned i = 0; body->len < MEGABYTE; i++)
		text_print(body, "%s{\"id\":%u,\"name\":\"%026u\"}", i ? "," : "", i, i);
	text_append(body, "]");
}

struct held {
	usec_t cpu, wall; /* the longest */
	usec_t reading; /* the body as JSON; not charged to the budget */
	bool is_limit;
	char *value; /* owned */
};

static struct program *compile(const char *line)
{
	struct program *program = NULL;
	struct expect_fault fault;

	if (program_add(&program, line, strlen(line), SUBJECTS, NULL, &fault) < 0) {
		(void)fprintf(stderr, "%s: column %zu: %s\n", line, fault.column, fault.message);
		exit(1);
	}
	return program;
}

/* The time of one evaluation; the first line of a run reads the body. */
static usec_t evaluate(struct expect_run *run, const struct program *program, struct held *held)
{
	struct text value = { .limit_bytes = 256 };
	const usec_t before = clock_thread_cpu();
	bool is_cut;
	usec_t took;

	(void)expect_evaluate(run, program, 0, &value, &held->is_limit, &is_cut);
	took = clock_thread_cpu() - before;
	free(held->value);
	held->value = text_take(&value);
	return took;
}

static void hold(const struct observation *observation, const char *line, unsigned rounds)
{
	struct program *program = compile(line), *reader = compile("json $ exists");
	struct held held = { 0 };

	for (unsigned i = 0; i < rounds; i++) {
		struct expect_run *run = expect_run_new(observation, 64);
		usec_t began, cpu, reading = 0;

		if (strstr(line, "json "))
			reading = evaluate(run, reader, &held);
		began = clock_now();
		cpu = evaluate(run, program, &held);
		held.wall = clock_now() - began > held.wall ? clock_now() - began : held.wall;
		held.cpu = cpu > held.cpu ? cpu : held.cpu;
		held.reading = reading > held.reading ? reading : held.reading;
		expect_run_free(run);
	}
	(void)printf("%8.1f %8.1f %8.1f  %-5s  %.60s\n", (double)held.cpu / 1000,
		     (double)held.reading / 1000, (double)held.wall / 1000,
		     held.is_limit ? "yes" : "no", line);
	free(held.value);
	program_free(program);
	program_free(reader);
}

static void print_held(unsigned rounds)
{
	static const struct {
		const char *unit, *line;
	} all[] = {
		{ "a", "body matches /^(a+)+$/" },
		{ "a", "body matches /[ab]+[cd]/" },
		{ "a", "body not matches /(?:a|aa)+[cd]/" },
		{ "7", "body matches /\\d+x/" },
		{ "x", "body matches /(.*)(.*)(.*)(.*)[0-9]/" },
		{ "ab", "body matches /(a|b|ab)*[cd]/" },
		{ "a", "body like '*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab*'" },
		{ NULL, "json $[?count($[?@.id == 1]) == 2] is empty" },
		{ NULL, "json $[?@.id == value($..name)] is empty" },
		{ NULL, "json $[?$..[?@.none]] is empty" },
		{ NULL, "json $[?search(@.name, '(0|0*)*x')] is empty" },
		{ NULL, "none json $[*].id in json $[*].name" },
		{ NULL, "json $..*..*..* is empty" },
	};

	(void)printf("%8s %8s %8s  %-5s  %s\n", "cpu ms", "reading", "wall ms", "limit",
		     "over 1 MB");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct observation observation = { .status = 200 };

		if (all[i].unit)
			fill(&observation.body, all[i].unit);
		else
			fill_json(&observation.body);
		hold(&observation, all[i].line, rounds);
		observation_done(&observation);
	}
}

static usec_t match_plainly(const pcre2_code *code, const struct text *body)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	usec_t took = clock_thread_cpu();

	(void)pcre2_match(code, (PCRE2_SPTR)body->data, body->len, 0, 0, data, NULL);
	took = clock_thread_cpu() - took;
	pcre2_match_data_free(data);
	return took;
}

static usec_t match_ours(const struct regex *regex, const struct text *body)
{
	struct budget budget;
	usec_t took = clock_thread_cpu();

	budget_init(&budget, USEC_PER_SEC, UINT64_MAX);
	(void)regex_match(regex, body->data, body->len, &budget);
	return clock_thread_cpu() - took;
}

static double compare_one(const char *pattern, const struct text *body, unsigned rounds)
{
	struct regex_fault fault;
	struct regex *regex = NULL;
	int error;
	PCRE2_SIZE offset;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF,
					 &error, &offset, NULL);
	usec_t plain = USEC_NEVER, ours = USEC_NEVER;

	if (!code || regex_compile(pattern, strlen(pattern), 0, &regex, &fault) < 0)
		exit(1);
	for (unsigned i = 0; i < rounds; i++) {
		const usec_t one = match_plainly(code, body), other = match_ours(regex, body);

		plain = one < plain ? one : plain;
		ours = other < ours ? other : ours;
	}
	(void)printf("%8u %8u %8.2f  %s\n", (unsigned)plain, (unsigned)ours,
		     (double)ours / (double)plain, pattern);
	pcre2_code_free(code);
	regex_free(regex);
	return (double)ours / (double)plain;
}

static void print_compared(unsigned rounds)
{
	static const char *const patterns[] = {
		"xyzzy",
		"\"status\":\\s*\"ok\"",
		"\\berror\\b(?!-)",
		"[0-9]+ items",
		".*foo",
		"(?i)zfoo|zbar",
		"(?i)healthy",
		"class=\"[^\"]*foo\"",
		"(?:text|words)[0-9]",
		"\\w+@\\w+",
		"^\\s*<title>",
		"(?m)^ERROR",
		"(?m)^Some rare",
		"(?m)status: 5\\d\\d$",
		"(?im)^error",
		"(?s)<body>.*ready",
		"version \\d+\\.\\d+",
		"\\d{4}-\\d{2}-\\d{2}",
		"[A-Z][a-z]+ [A-Z][a-z]+son",
		"</html>\\s*$",
		"(foo|bar|baz)qux",
		"\\p{Lu}{4}",
		"ok$",
	};
	struct text body = { 0 };
	double worst = 0;

	fill(&body, "<div class=\"item status\">Some harmless text, 123 and 4567 numbers; "
		    "error-free lines of words.</div>\n");
	(void)printf("\n%8s %8s %8s  %s\n", "plain us", "ours us", "ratio",
		     "pattern that fits nowhere in 1 MB of HTML");
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		const double ratio = compare_one(patterns[i], &body, rounds);

		worst = ratio > worst ? ratio : worst;
	}
	(void)printf("%8s %8s %8.2f  the worst of them\n", "", "", worst);
	text_done(&body);
}

int main(int argc, char **argv)
{
	const unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 9;

	print_held(rounds);
	print_compared(rounds);
	return 0;
}
