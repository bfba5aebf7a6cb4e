/* program.c - lines, and what they are made of. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "expect/parser.h"
#include "expect/program.h"

void operand_done(struct operand *operand)
{
	free(operand->name);
	if (operand->path)
		jsonpath_free(operand->path);
	free(operand->functions);
	free(operand->shown);
	*operand = (struct operand){ 0 };
}

void test_free(struct test *test)
{
	operand_done(&test->left);
	operand_done(&test->right);
	for (size_t i = 0; i < test->items_count; i++) {
		value_done(&test->items[i].value);
		value_done(&test->items[i].last);
	}
	free(test->items);
	if (test->regex)
		regex_free(test->regex);
	free(test->wanted);
	free(test);
}

void line_done(struct line *line)
{
	for (size_t i = 0; i < line->count; i++)
		if (line->code[i].test)
			test_free(line->code[i].test);
	free(line->code);
	free(line->text);
	*line = (struct line){ 0 };
}

int program_add(struct program **program, const char *line, size_t len, unsigned subjects,
		const char *each, struct expect_fault *ret_fault)
{
	struct line compiled = { 0 };
	const int r = parser_read(line, len, subjects, each, &compiled, ret_fault);

	if (r < 0)
		return r;
	if (!*program)
		*program = MEMORY_NEW(struct program);
	(*program)->lines =
		memory_grow((*program)->lines, (*program)->count + 1, sizeof((*program)->lines[0]));
	(*program)->lines[(*program)->count++] = compiled;
	return 0;
}

void program_set_own(struct program *program)
{
	program->has_own = true;
}

bool program_is_own(const struct program *program, size_t index)
{
	return program->has_own && index + 1 == program->count;
}

void program_free(struct program *program)
{
	for (size_t i = 0; i < program->count; i++)
		line_done(&program->lines[i]);
	free(program->lines);
	free(program);
}

size_t program_count(const struct program *program)
{
	return program ? program->count : 0;
}

const char *program_line(const struct program *program, size_t index)
{
	return program->lines[index].text;
}

bool program_is_value(const struct program *program, size_t index)
{
	const struct line *line = &program->lines[index];
	const struct test *test = line->code[0].test;

	return line->count == 1 && test && test->compare == COMPARE_EXISTS && !test->is_negated &&
	       !test->quantifier && !test->left.is_list;
}

typedef bool subject_test(const struct subject *subject, const char *name);

static bool is_called(const struct subject *subject, const char *name)
{
	return strcmp(subject->name, name) == 0;
}

static bool is_of_body(const struct subject *subject, const char *name)
{
	return subject->reads_body;
}

static bool some_operand(const struct program *program, subject_test *is_wanted, const char *name)
{
	for (size_t i = 0; i < program_count(program); i++) {
		for (size_t j = 0; j < program->lines[i].count; j++) {
			const struct test *test = program->lines[i].code[j].test;

			if (test && (is_wanted(test->left.subject, name) ||
				     (test->right.subject && is_wanted(test->right.subject, name))))
				return true;
		}
	}
	return false;
}

bool program_mentions(const struct program *program, const char *subject)
{
	return some_operand(program, is_called, subject);
}

bool program_reads_body(const struct program *program)
{
	return some_operand(program, is_of_body, NULL);
}
