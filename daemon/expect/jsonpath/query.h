/* query.h - a compiled query as a tree; for the files of this folder only.
 *
 * Names of things are those of RFC 9535.  All of it lives in the arena of its
 * struct jsonpath, but for what `owned` lists.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "expect/jsonpath/jsonpath.h"
#include "expect/regex.h"

/* Nesting of filters, parentheses and arguments; recursion ends there. */
#define QUERY_DEPTH_MAX	  64

/* 2.1: what every implementation can count exactly. */
#define QUERY_INTEGER_MAX ((int64_t)9007199254740991)

enum selector_kind {
	SELECTOR_NAME,
	SELECTOR_WILDCARD,
	SELECTOR_INDEX,
	SELECTOR_SLICE,
	SELECTOR_FILTER,
};

struct logical;

struct selector {
	enum selector_kind kind;
	const char *name;
	size_t name_len;
	int64_t start; /* or the index */
	int64_t end;
	int64_t step;
	bool has_start;
	bool has_end;
	const struct logical *filter;
	struct selector *next;
};

struct segment {
	bool is_descendant;
	struct selector *selectors;
	struct segment *next;
};

struct query {
	bool is_relative; /* begins with @ */
	bool is_singular;
	bool has_blanks; /* in brackets, where a singular query may have none */
	struct segment *segments;
};

enum function_id {
	FUNCTION_LENGTH,
	FUNCTION_COUNT,
	FUNCTION_MATCH,
	FUNCTION_SEARCH,
	FUNCTION_VALUE,
};

enum operand_kind { OPERAND_LITERAL, OPERAND_QUERY, OPERAND_CALL };

/* What is compared, tested or handed to a function. */
struct operand {
	enum operand_kind kind;
	size_t at; /* in the text, for messages */
	json_t *literal;
	const struct query *query;
	enum function_id function;
	const struct operand *arguments[2];
	const struct regex *regex; /* of match() and search() with a literal; NULL: none */
};

enum comparison { COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };

enum logical_kind { LOGICAL_OR, LOGICAL_AND, LOGICAL_NOT, LOGICAL_COMPARE, LOGICAL_TEST };

struct logical {
	enum logical_kind kind;
	struct logical *parts; /* of OR and AND any number, of NOT one */
	struct logical *next; /* among the parts of another */
	enum comparison comparison;
	const struct operand *left; /* or what is tested */
	const struct operand *right;
};

/* What an arena cannot free. */
struct owned {
	json_t *literal;
	struct regex *regex;
	struct owned *next;
};

struct jsonpath {
	struct arena *arena; /* owned; this struct is in it as well */
	struct owned *owned;
	const struct jsonpath_fault *hopeless; /* a pattern that is no I-Regexp; NULL: none */
	struct query query;
	const struct jsonpath_step *steps; /* as jsonpath_steps() has them */
	size_t steps_count;
};
