/* process.c - how a program ended, and what a plugin said of itself. */
#include <stdlib.h>

#include "model/process.h"

const char *perf_level_name(enum perf_level level)
{
	static const char *const names[] = { NULL, "ok", "warning", "critical" };

	return names[level];
}

void process_facts_free(struct process_facts *facts)
{
	for (size_t i = 0; i < facts->perf_count; i++) {
		free(facts->perf[i].label);
		free(facts->perf[i].warn);
		free(facts->perf[i].crit);
		free(facts->perf[i].min);
		free(facts->perf[i].max);
	}
	free(facts->perf);
	text_done(&facts->errors);
	free(facts->said);
	free(facts->more);
	free(facts);
}
