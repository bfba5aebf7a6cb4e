/* expect.c - a line of expectations is refused with a reason, or judges whatever was seen.
 *
 * The line; headers up to an empty line; the body.
 *
 * Over: expect/lexer.c expect/parser.c expect/parse_operand.c expect/parse_right.c
 * expect/parse_test.c expect/literal.c expect/literal_text.c expect/types.c expect/mistakes.c
 * expect/slips.c expect/program.c expect/evaluate.c expect/operand.c expect/hold.c expect/ask.c
 * expect/explain.c expect/function.c expect/subject.c expect/value.c expect/times.c expect/like.c
 * expect/json.c expect/regex.c expect/regex_match.c expect/process.c expect/dns.c
 * expect/certificate.c expect/file.c expect/echo.c
 */
#include "expect/expect.h"
#include "base/memory.h"
#include "fuzz.h"
#include "model/dns.h"
#include "model/echo.h"
#include "model/file.h"
#include "model/process.h"
#include "model/tls.h"

enum { VALUE_BYTES = 256, REASON_BYTES = 400, JSON_DEPTH = 64 };

static const unsigned subjects = SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_BODY | SUBJECTS_HTTP |
				 SUBJECTS_TLS | SUBJECTS_EXEC | SUBJECTS_DNS | SUBJECTS_PING |
				 SUBJECTS_FILE;

/* Something for every subject. */
static char name[] = "www.example.net", answer[] = "192.0.2.7", label[] = "load", warn[] = "1:5";
static char *names[] = { name }, *answers[] = { answer, name };
static struct certificate leaf = {
	.subject = name,
	.issuer = name,
	.serial = label,
	.fingerprint = label,
	.spki = label,
	.names = names,
	.names_count = 1,
	.not_before = 1700000000,
	.not_after = 1900000000,
};
static struct tls_facts tls = { .version = 13, .cipher = name, .chain = &leaf, .chain_count = 1 };
static struct perf perf = { .label = label, .has_value = true, .value = 2.5, .warn = warn };
static struct process_facts process = {
	.has_exited = true, .said = name, .perf = &perf, .perf_count = 1
};
static struct dns_facts dns = { .records = { [DNS_ANSWER] = answers },
				.counts = { [DNS_ANSWER] = 2 },
				.ttl = 60 };
static struct echo_facts echo = { .sent = 5, .back = 4, .min = 1, .avg = 20, .max = 300 };
static struct file_facts file = { .size_bytes = 5, .modified = 1700000000 };

static void see(struct fuzz *input, struct observation *seen)
{
	size_t len;
	char *line;

	*seen = (struct observation){
		.wall = 1795341600 * USEC_PER_SEC,
		.latency = 42 * USEC_PER_MS,
		.status = 200,
		.http_version = 11,
		.tls = &tls,
		.process = &process,
		.dns = &dns,
		.echo = &echo,
		.file = &file,
	};
	do {
		line = fuzz_line(input, &len);
		text_append_len(&seen->headers, line, len);
		text_append(&seen->headers, len ? "\n" : "");
		free(line);
	} while (len > 0);
	line = fuzz_rest(input, &len);
	text_append_len(&seen->body, line, len);
	free(line);
}

static void judge(const struct observation *seen, const struct program *program)
{
	struct text value = { .limit_bytes = VALUE_BYTES }, reason = { 0 }, told = { 0 };
	struct expect_run *run = expect_run_new(seen, JSON_DEPTH);
	bool is_limit = false, is_cut = false;
	const enum truth truth = expect_evaluate(run, program, 0, &value, &is_limit, &is_cut);

	/* What is not true has something to say, and what is true has not. */
	assert((truth == TRUTH_TRUE) == (value.len == 0));
	assert(!is_limit || truth == TRUTH_UNKNOWN);
	expect_reason(run, &reason);
	assert(reason.len <= REASON_BYTES);
	assert(truth == TRUTH_TRUE || reason.len > 0);
	for (size_t i = 0; i < reason.len; i++)
		assert((unsigned char)reason.data[i] >= ' ');
	expect_tell(run, program, 0, &told);
	(void)expect_has_duplicates(run);
	text_clear(&told);
	if (program_is_value(program, 0))
		(void)expect_take(run, program, 0, &told);
	expect_run_free(run);
	text_done(&value);
	text_done(&reason);
	text_done(&told);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	struct expect_fault fault = { 0 };
	struct program *program = NULL;
	struct observation seen;
	size_t line_len;
	char *line = fuzz_line(&input, &line_len);

	if (program_add(&program, line, line_len, subjects, "each", &fault) < 0) {
		assert(fault.column >= 1 && fault.column <= line_len + 1);
		assert(fault.message[0] && !program);
		free(line);
		return 0;
	}
	assert(program_count(program) == 1);
	see(&input, &seen);
	judge(&seen, program);
	/* An endpoint that nothing is known of. */
	text_done(&seen.headers);
	text_done(&seen.body);
	seen = (struct observation){ .class = CLASS_timeout, .latency = USEC_NEVER };
	judge(&seen, program);
	program_free(program);
	free(line);
	return 0;
}
