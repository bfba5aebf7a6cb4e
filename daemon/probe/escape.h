/* escape.h - texts of the configuration that stand for bytes: \r \n \t \0 \xHH \\ and what a
 * regular expression caught.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text;

/* `captured`: texts by number, ${1} to ${9}; NULL: there are none, and what looks so is itself.
 * False where an escape is none; `bytes` NULL: only looks.
 */
bool escape_print(const char *text, const struct text *captured, struct text *bytes);

/* The option_check of such a text, and of a regular expression. */
bool escape_check(const char *text, size_t len, struct text *wanted);
bool escape_check_regex(const char *text, size_t len, struct text *wanted);
