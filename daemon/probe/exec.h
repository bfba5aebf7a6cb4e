/* exec.h - the keys of `exec:`. */
#pragma once

#include "option/option.h"

enum exec_style { EXEC_PLAIN, EXEC_NAGIOS };

struct exec_options {
	const char *const *command; /* NULL-terminated */
	enum exec_style style;
	struct option_pairs env;
	const char *cwd; /* NULL: / */
	size_t output_limit; /* 0: that of all checks */
};
