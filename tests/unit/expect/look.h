/* look.h - a line, an observation, a truth; for the tests of this folder. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "expect/expect.h"
#include "model/tls.h"

#define EVERY_SUBJECT                                                                              \
	(SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_BODY | SUBJECTS_HTTP | SUBJECTS_TLS |          \
	 SUBJECTS_EXEC | SUBJECTS_DNS | SUBJECTS_PING)

/* 2026-11-22T10:00:00Z, when every observation of these tests began. */
#define LOOK_WALL ((usec_t)1795341600 * USEC_PER_SEC)

/* What became of a line. */
struct look {
	enum truth truth;
	bool is_limit;
	bool is_cut;
	char value[300];
};

static inline struct program *look_compile(const char *line)
{
	struct program *program = NULL;
	struct expect_fault fault;

	if (program_add(&program, line, strlen(line), EVERY_SUBJECT, NULL, &fault) < 0)
		fail_msg("%s: column %zu: %s", line, fault.column, fault.message);
	return program;
}

/* Judges one line; the observation stays as it is. */
static inline struct look look(const struct observation *observation, const char *line)
{
	struct program *program = look_compile(line);
	struct expect_run *run = expect_run_new(observation, 64);
	struct text value = { .limit_bytes = 256 };
	struct look look = { 0 };

	look.truth = expect_evaluate(run, program, 0, &value, &look.is_limit, &look.is_cut);
	assert_true(value.len < sizeof(look.value));
	memcpy(look.value, text_string(&value), value.len + 1);
	text_done(&value);
	expect_run_free(run);
	program_free(program);
	return look;
}

static inline const char *look_truth_name(enum truth truth)
{
	return truth == TRUTH_TRUE ? "true" : truth == TRUTH_FALSE ? "false" : "unknown";
}

/* A line and what it comes to; a value of NULL is not looked at. */
struct look_case {
	const char *line;
	enum truth truth;
	const char *value;
};

#define T TRUTH_TRUE
#define F TRUTH_FALSE
#define U TRUTH_UNKNOWN

static inline void look_at_cases(const struct observation *observation,
				 const struct look_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct look seen = look(observation, cases[i].line);

		if (seen.truth != cases[i].truth)
			fail_msg("%s: is %s (%s), not %s", cases[i].line,
				 look_truth_name(seen.truth), seen.value,
				 look_truth_name(cases[i].truth));
		if (cases[i].value && strcmp(seen.value, cases[i].value) != 0)
			fail_msg("%s: says\n  %s\nnot\n  %s", cases[i].line, seen.value,
				 cases[i].value);
		assert_true(seen.truth == TRUTH_TRUE || seen.value[0] != '\0');
		assert_true(seen.truth != TRUTH_TRUE || seen.value[0] == '\0');
	}
}

#define LOOK_AT(observation, cases)                                                                \
	look_at_cases(observation, cases, sizeof(cases) / sizeof((cases)[0]))

/* An http answer; the caller releases it with observation_done(). */
static inline struct observation look_answer(const char *headers, const char *body)
{
	struct observation observation = { .wall = LOOK_WALL, .status = 200, .http_version = 11 };

	text_append(&observation.headers, headers);
	text_append(&observation.body, body);
	return observation;
}

static inline struct observation look_json(const char *body)
{
	return look_answer("Content-Type: application/json\n", body);
}
