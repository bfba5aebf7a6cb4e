/* process.c - how a program ended and what a plugin said, for the table in subject.c. */
#include <math.h>
#include <string.h>

#include "expect/process.h"
#include "model/process.h"

enum subject_found process_exit(const struct observation *observation, const char *name,
				size_t *cursor, struct value *ret)
{
	if (!observation->process || !observation->process->has_exited)
		return SUBJECT_ABSENT;
	*ret = value_integer(TYPE_NUMBER, observation->process->exit);
	return SUBJECT_FOUND;
}

enum subject_found process_signal(const struct observation *observation, const char *name,
				  size_t *cursor, struct value *ret)
{
	if (!observation->process || !observation->process->signal)
		return SUBJECT_ABSENT;
	*ret = value_integer(TYPE_NUMBER, observation->process->signal);
	return SUBJECT_FOUND;
}

enum subject_found process_errors(const struct observation *observation, const char *name,
				  size_t *cursor, struct value *ret)
{
	const struct process_facts *process = observation->process;

	if (!process)
		return SUBJECT_ABSENT;
	*ret = value_text(text_string(&process->errors), process->errors.len);
	ret->is_cut = process->errors.is_cut;
	return SUBJECT_FOUND;
}

static const struct perf *find_perf(const struct observation *observation, const char *label)
{
	const struct process_facts *process = observation->process;

	for (size_t i = 0; process && i < process->perf_count; i++)
		if (strcmp(process->perf[i].label, label) == 0)
			return &process->perf[i];
	return NULL;
}

/* What a unit stands for.  Sizes count in 1024 as check_disk and its like do. */
static const struct {
	const char *unit;
	enum type type;
	double factor;
} units[] = {
	{ "s", TYPE_DURATION, 1e6 },
	{ "ms", TYPE_DURATION, 1e3 },
	{ "us", TYPE_DURATION, 1 },
	{ "B", TYPE_SIZE, 1 },
	{ "KB", TYPE_SIZE, 1024.0 },
	{ "MB", TYPE_SIZE, 1024.0 * 1024 },
	{ "GB", TYPE_SIZE, 1024.0 * 1024 * 1024 },
	{ "TB", TYPE_SIZE, 1024.0 * 1024 * 1024 * 1024 },
	{ "%", TYPE_RATIO, 0.01 },
};

enum subject_found process_perf(const struct observation *observation, const char *name,
				size_t *cursor, struct value *ret)
{
	const struct perf *perf = find_perf(observation, name);

	if (!perf || !perf->has_value)
		return SUBJECT_ABSENT;
	*ret = value_real(TYPE_NUMBER, perf->value);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const double value = perf->value * units[i].factor;

		if (strcmp(units[i].unit, perf->unit) != 0)
			continue;
		if (units[i].type == TYPE_RATIO)
			*ret = value_real(TYPE_RATIO, value);
		else if (fabs(value) < 9e18)
			*ret = value_integer(units[i].type, (int64_t)llround(value));
	}
	return SUBJECT_FOUND;
}

enum subject_found process_perf_level(const struct observation *observation, const char *name,
				      size_t *cursor, struct value *ret)
{
	const struct perf *perf = find_perf(observation, name);
	const char *level = perf ? perf_level_name(perf->level) : NULL;

	if (!level)
		return SUBJECT_ABSENT;
	*ret = value_string(level);
	return SUBJECT_FOUND;
}
