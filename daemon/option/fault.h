/* fault.h - within option/: the sentences about values that will not do. */
#pragma once

#include "option/option.h"
#include "option/value.h"

/* What one row is given. */
struct setting {
	const struct option *option;
	const struct option_reader *reader;
	const struct value *value;
	const char *text; /* of a scalar, its references resolved */
	bool is_secret; /* must not be shown, not even in a complaint */
};

/* "'port' must be a number from 1 to 65535, not 'many'": `wanted` is what stands after
 * the key.  What was written follows by itself.
 */
void fault_value(const struct setting *setting, const char *wanted, ...)
	__attribute__((format(printf, 2, 3)));
/* The same about a value that is a list, a mapping or nothing where it may not be. */
void fault_shape(const struct setting *setting, const char *wanted);

/* A list or mapping within a list or mapping of texts. */
void fault_element(const struct setting *setting);
/* A number, true or false in quotes. */
void fault_quotes(const struct setting *setting);
/* A unit that is missing, misspelt or has a fraction gets the right spelling back. */
void fault_duration(const struct setting *setting);
void fault_size(const struct setting *setting);
void fault_choice(const struct setting *setting);
void fault_unknown_key(const struct option_table *table, const struct value *key,
		       const struct option_reader *reader);

/* "a number from 1 to 65535", "a duration from 1s to 30d, such as 30s", "one of any, 4, 6". */
void fault_describe(const struct option *option, struct text *text);
