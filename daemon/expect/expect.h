/* expect.h - the expectation language: from lines to a program, from a program and
 * an observation to true, false or unknown.
 *
 * The grammar and what each word means are in picket.yaml(5), "Expectations".  A
 * program is immutable and shared by threads; an evaluation keeps all it needs in
 * `struct expect_run`, one a check.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "model/observation.h"

struct program;

enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN };

/* Which subjects a probe has: bits for expect_compile(). */
enum subjects {
	SUBJECTS_ALL = 1u << 0, /* latency, class, … */
	SUBJECTS_NETWORK = 1u << 1, /* address, latency.resolve, .connect */
	SUBJECTS_BODY = 1u << 2, /* body, size, json */
	SUBJECTS_HTTP = 1u << 3, /* status, header, http.version, redirects, url */
	SUBJECTS_TLS = 1u << 4, /* tls.*, certificate.*, latency.tls */
	SUBJECTS_EXEC = 1u << 5, /* exit, signal, stderr, perf */
	SUBJECTS_DNS = 1u << 6, /* rcode, answer, ttl, … */
	SUBJECTS_PING = 1u << 7, /* loss, rtt.* */
	SUBJECTS_FILE = 1u << 8, /* modified */
};

/* A fault in a line: what is wrong and, where that helps, how it is written right. */
struct expect_fault {
	size_t column; /* from 1, in bytes of the line */
	char message[256];
};

/* Compiles one line (at most 4 KiB) and adds it to *program (NULL: a new one).
 * `each` is the value of ${each}, or NULL.  0, or -EINVAL with *ret_fault set.
 */
int program_add(struct program **program, const char *line, size_t len, unsigned subjects,
		const char *each, struct expect_fault *ret_fault);
/* Marks the last line: the probe's own, that it expects unless told otherwise. */
void program_set_own(struct program *program);
bool program_is_own(const struct program *program, size_t index);
void program_free(struct program *program);
/* NULL is a program without lines. */
size_t program_count(const struct program *program);
/* The line as it was written. */
const char *program_line(const struct program *program, size_t index);

/* Whether some line reads this: "status", "class", "exit"; a body (body, size, json). */
bool program_mentions(const struct program *program, const char *subject);
bool program_reads_body(const struct program *program);

/* One check's evaluation: the body is parsed at most once, the CPU budget is shared. */
struct expect_run;

struct expect_run *expect_run_new(const struct observation *observation, unsigned json_depth);
void expect_run_free(struct expect_run *run);
/* None of these is in what the run says; borrowed, ends with NULL, or is NULL. */
void expect_hide(struct expect_run *run, const char *const *secrets);

/* Evaluates line `index`.  Where it is not true, `value` gets what the subjects
 * were: "status is 503", "body is not JSON at 1:17: …", escaped for a
 * terminal and cut at 256 bytes.  *ret_limit: it ran out of its budget.
 * *ret_cut: unknown because the body was cut at its limit.
 */
enum truth expect_evaluate(struct expect_run *run, const struct program *program, size_t index,
			   struct text *value, bool *ret_limit, bool *ret_cut);

/* The same of the line that was evaluated last, if it was not true, with what it wanted: "status
 * is 503, expected 200".  Cut at 400 bytes.
 */
void expect_reason(const struct expect_run *run, struct text *reason);

/* What the subjects of a line are that was found to be true, in the same words; out of the
 * same budget.  Nothing is appended where that is no longer known.
 */
void expect_tell(struct expect_run *run, const struct program *program, size_t index,
		 struct text *value);

/* A line "SUBJECT exists" stands for the value of the subject: whether line `index` is one of
 * a single value; and that value as a text, false where there is none.  Out of the same budget.
 */
bool program_is_value(const struct program *program, size_t index);
bool expect_take(struct expect_run *run, const struct program *program, size_t index,
		 struct text *value);

/* Whether a line read the body's JSON, and an object in it names a member twice.  Reads it
 * once more, so it is for evidence only.
 */
bool expect_has_duplicates(const struct expect_run *run);
