/* evaluate.c - lines: three-valued logic on a stack, and what to say of what is not true. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "expect/run.h"

enum {
	/* Two a level: the left sides of an `or` and of an `and` inside of it. */
	STACK = 2 * LINE_LEVELS + 4,
	VALUE_BYTES = 256,
	REASON_BYTES = 400,
};

/* A truth value, and where in run->phrases what there is to say about it starts. */
struct level {
	enum truth truth;
	size_t phrases;
	bool is_limit; /* unknown, because a budget ran out */
	bool is_cut; /* unknown, because the body was cut */
};

struct stack {
	struct level level[STACK];
	size_t depth;
};

struct expect_run *expect_run_new(const struct observation *observation, unsigned json_depth)
{
	struct expect_run *run = MEMORY_NEW(struct expect_run);

	run->observation = observation;
	run->json_depth = json_depth;
	return run;
}

void expect_run_free(struct expect_run *run)
{
	for (unsigned i = 0; i < run->picked_count; i++)
		json_decref(run->picked[i]);
	json_decref(run->document);
	text_done(&run->phrases);
	free(run);
}

void expect_hide(struct expect_run *run, const char *const *secrets)
{
	run->secrets = secrets;
}

static bool has_doubt(const struct asked *asked, enum doubt doubt)
{
	const struct answer *unknown = &asked->answers[TRUTH_UNKNOWN];

	return asked->truth == TRUTH_UNKNOWN &&
	       (asked->doubt == doubt || (unknown->is_set && unknown->doubt == doubt));
}

static void push_test(struct expect_run *run, const struct test *test, struct stack *stack)
{
	struct level *level = &stack->level[stack->depth++];
	struct asked asked;

	ask(run, test, &asked);
	*level = (struct level){
		.truth = asked.truth,
		.phrases = run->phrases.len,
		.is_limit = has_doubt(&asked, DOUBT_LIMIT),
		.is_cut = has_doubt(&asked, DOUBT_CUT) && run->observation->body_is_cut,
	};
	if (asked.truth != TRUTH_TRUE || run->tells_all)
		explain(run, test, &asked);
	asked_done(&asked);
}

static void drop_phrases(struct expect_run *run, size_t from, size_t to)
{
	struct text *phrases = &run->phrases;

	if (from == to)
		return;
	memmove(phrases->data + from, phrases->data + to, phrases->len - to);
	phrases->len -= to - from;
	phrases->data[phrases->len] = '\0';
}

/* What both say, of what is not known: a false side of `and` decides alone. */
static void pop_and(struct expect_run *run, struct stack *stack)
{
	const struct level right = stack->level[--stack->depth];
	struct level *left = &stack->level[stack->depth - 1];

	if (right.truth == TRUTH_FALSE) {
		drop_phrases(run, left->phrases, right.phrases);
		*left = (struct level){ .truth = TRUTH_FALSE, .phrases = left->phrases };
	} else if (right.truth == TRUTH_UNKNOWN) {
		left->truth = TRUTH_UNKNOWN;
		left->is_limit |= right.is_limit;
		left->is_cut |= right.is_cut;
	}
}

/* Of what is true nothing is said, unless all is to be told. */
static void pop_or(struct expect_run *run, struct stack *stack)
{
	const struct level right = stack->level[--stack->depth];
	struct level *left = &stack->level[stack->depth - 1];

	if (right.truth == TRUTH_TRUE) {
		/* What the left side said explains nothing any more. */
		drop_phrases(run, left->phrases, right.phrases);
		*left = (struct level){ .truth = TRUTH_TRUE, .phrases = left->phrases };
	} else if (right.truth == TRUTH_UNKNOWN) {
		left->truth = TRUTH_UNKNOWN;
		left->is_limit |= right.is_limit;
		left->is_cut |= right.is_cut;
	}
}

/* One phrase, of which what was wanted begins with a tab. */
static void append_phrase(struct text *line, const char *phrase, size_t len, bool is_reason)
{
	const char *wanted = memchr(phrase, '\t', len);
	const size_t found_len = wanted ? (size_t)(wanted - phrase) : len;

	text_append_len(line, phrase, found_len);
	if (!wanted || !is_reason)
		return;
	text_append(line, ", expected ");
	text_append_len(line, wanted + 1, len - found_len - 1);
}

/* Phrases as one line, which says so where it had to be cut.  One that says what the one before
 * it said is left out: several tests of the same subject.
 */
static void join_phrases(const struct expect_run *run, bool is_reason, size_t max, struct text *ret)
{
	static const char more[] = "…", between[] = "; ";
	struct text line = { 0 };
	const char *at = text_string(&run->phrases), *end;
	size_t last = 0, last_len = 0;

	for (; (end = strchr(at, '\n')); at = end + 1) {
		const size_t from = line.len + (line.len > 0 ? strlen(between) : 0);

		text_append(&line, line.len > 0 ? between : "");
		append_phrase(&line, at, (size_t)(end - at), is_reason);
		if (last_len > 0 && line.len - from == last_len &&
		    memcmp(line.data + from, line.data + last, last_len) == 0) {
			line.len = last + last_len;
			line.data[line.len] = '\0';
		} else {
			last = from;
			last_len = line.len - from;
		}
	}
	if (line.len <= max) {
		text_append_len(ret, text_string(&line), line.len);
	} else {
		text_append_len(ret, line.data, utf8_cut(line.data, line.len, max - strlen(more)));
		text_append(ret, more);
	}
	text_done(&line);
}

static size_t step(struct expect_run *run, const struct line *line, size_t at, struct stack *stack)
{
	const struct instruction *instruction = &line->code[at];
	const struct level *top = &stack->level[stack->depth ? stack->depth - 1 : 0];

	switch (instruction->code) {
	case CODE_TEST:
		push_test(run, instruction->test, stack);
		break;
	case CODE_SKIP_IF_TRUE:
		return top->truth == TRUTH_TRUE ? instruction->target : at + 1;
	case CODE_SKIP_IF_FALSE:
		return top->truth == TRUTH_FALSE ? instruction->target : at + 1;
	case CODE_AND:
		pop_and(run, stack);
		break;
	case CODE_OR:
		pop_or(run, stack);
		break;
	default:
		break;
	}
	return at + 1;
}

/* The stack's last level. */
static struct level run_line(struct expect_run *run, const struct line *line)
{
	struct stack stack = { .depth = 0 };

	if (!run->has_begun)
		budget_init(&run->budget, RUN_CPU, UINT64_MAX);
	run->has_begun = true;
	text_clear(&run->phrases);
	for (size_t at = 0; at < line->count;)
		at = step(run, line, at, &stack);
	return stack.level[0];
}

enum truth expect_evaluate(struct expect_run *run, const struct program *program, size_t index,
			   struct text *value, bool *ret_limit, bool *ret_cut)
{
	const struct level level = run_line(run, &program->lines[index]);

	*ret_limit = level.is_limit;
	*ret_cut = level.is_cut;
	if (level.truth != TRUTH_TRUE)
		join_phrases(run, false, VALUE_BYTES, value);
	return level.truth;
}

void expect_reason(const struct expect_run *run, struct text *reason)
{
	join_phrases(run, true, REASON_BYTES, reason);
}

void expect_tell(struct expect_run *run, const struct program *program, size_t index,
		 struct text *value)
{
	run->tells_all = true;
	if (run_line(run, &program->lines[index]).truth == TRUTH_TRUE)
		join_phrases(run, false, VALUE_BYTES, value);
	run->tells_all = false;
}

static bool print_value(struct text *text, const struct value *value)
{
	switch ((int)value->type) {
	case TYPE_TEXT:
		text_append_len(text, value->as.text.data, value->as.text.len);
		return !value->is_cut;
	case TYPE_BOOL:
		text_append(text, value->as.integer ? "true" : "false");
		return true;
	case TYPE_NUMBER:
	case TYPE_DURATION:
	case TYPE_SIZE:
		if (value->is_real)
			text_print(text, "%.17g", value->as.real);
		else
			text_print(text, "%lld", (long long)value->as.integer);
		return true;
	default:
		return false;
	}
}

bool expect_take(struct expect_run *run, const struct program *program, size_t index,
		 struct text *value)
{
	const struct test *test = program->lines[index].code[0].test;
	const struct function *function;
	struct value found = { .type = TYPE_NULL };
	bool is_found;

	if (!run->has_begun)
		budget_init(&run->budget, RUN_CPU, UINT64_MAX);
	run->has_begun = true;
	is_found = operand_value(run, &test->left, &found, &function) == DOUBT_NONE &&
		   print_value(value, &found);
	value_done(&found);
	return is_found;
}

bool expect_has_duplicates(const struct expect_run *run)
{
	const struct text *body = &run->observation->body;

	return run->is_json && json_has_duplicates(text_string(body), body->len);
}
