/* command.h - what everybody wants of a key that names a program and its arguments. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct complaints;
struct option_places;
struct text;

/* option.check of the names in its environment. */
bool command_check_variable(const char *name, size_t len, struct text *wanted);

/* Complains where the `command` of a mapping, which may be NULL, names nothing that can be found. */
void command_examine(const char *const *command, struct complaints *complaints,
		     const struct option_places *places);
