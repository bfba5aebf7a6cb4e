/* process.h - how a program ended, and what a plugin said of itself. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum perf_level { PERF_NO_LEVEL, PERF_OK, PERF_WARNING, PERF_CRITICAL };

/* One value of a plugin's performance data. */
struct perf {
	char *label; /* owned */
	bool has_value; /* false: "U", which the plugin could not find out */
	double value; /* in its unit */
	char unit[8]; /* as it was written: "ms", "KB", "%", "" */
	char *warn, *crit; /* owned; the ranges as they were written; or NULL */
	char *min, *max; /* owned; numbers as they were written; or NULL */
	enum perf_level level; /* by these ranges; PERF_NO_LEVEL without any, or without a value */
};

struct process_facts {
	bool has_exited;
	int exit; /* where it has */
	int signal; /* that ended it, or 0 */
	struct text errors; /* what it wrote to standard error */
	char *said; /* owned; a plugin's line for people; or NULL */
	char *more; /* owned; its further lines; or NULL */
	struct perf *perf; /* owned array */
	size_t perf_count;
};

/* "ok", "warning", "critical"; NULL without one. */
const char *perf_level_name(enum perf_level level);
void process_facts_free(struct process_facts *facts);
