/* input.h - what a command judges: a file, or standard input. */
#pragma once

#include "base/text.h"

enum { INPUT_BYTES = 64 << 20 };

/* Reads `path`, or standard input where it is NULL or "-"; pipes too.  CTL_OK, or
 * CTL_USAGE after saying what is wrong.
 */
int input_read(const char *command, const char *path, struct text *ret);

/* For messages: the path, or what standard input is called. */
const char *input_name(const char *path);

/* "picketctl COMMAND: COLUMN: message", and `line` with a caret below that byte, from 1. */
void input_complain(const char *command, const char *line, size_t column, const char *message);
