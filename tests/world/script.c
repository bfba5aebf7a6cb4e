/* script.c - rules in the order in which they are tried. */
#include "script.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/glob.h"
#include "base/map.h"
#include "base/memory.h"
#include "words.h"
#include "zone.h"

#define LARGEST_FILE (4u << 20)

struct script {
	struct rule **rules; /* owned; in the order of arrival */
	size_t count, room;
	size_t from_file; /* the first so many are the file's */
	size_t restored; /* those between from_file and here no longer hold */
	struct map *exact; /* of the file's rules without * and ? */
	struct rule **patterns; /* owned array, borrowed rules: the file's others */
	size_t pattern_count;
	unsigned generation;
};

struct script *script_new(void)
{
	struct script *script = MEMORY_NEW(struct script);

	script->generation = 1;
	script->exact = map_new();
	return script;
}

void script_free(struct script *script)
{
	for (size_t i = 0; i < script->count; i++) {
		steps_free(script->rules[i]->steps, script->rules[i]->count);
		free(script->rules[i]->pattern);
		free(script->rules[i]);
	}
	map_free(script->exact);
	free(script->patterns);
	free(script->rules);
	free(script);
}

unsigned script_generation(const struct script *script)
{
	return script->generation;
}

int script_add(struct script *script, const char *pattern, const char *steps, char **ret_fault)
{
	struct rule *rule = MEMORY_NEW(struct rule);
	int r = steps_parse(steps, &rule->steps, &rule->count, &rule->starts_over, ret_fault);

	if (r < 0) {
		free(rule);
		return r;
	}
	rule->pattern = memory_text(pattern);
	rule->since = clock_now();
	if (script->count == script->room) {
		script->room = memory_next_room(script->room, script->count + 1);
		script->rules = memory_grow(script->rules, script->room, sizeof(*script->rules));
	}
	script->rules[script->count++] = rule;
	script->generation++;
	return 0;
}

void script_restore(struct script *script)
{
	script->restored = script->count;
	script->generation++;
}

/* "NAME: what", or "dns NAME: what". */
static int script_line(struct script *script, struct zone *zone, char *line, char **ret_fault)
{
	const bool is_dns = strncmp(line, "dns ", 4) == 0;
	char *pattern = is_dns ? words_trimmed(line + 4) : line;
	char *what = strstr(pattern, ": ");

	if (!what) {
		*ret_fault = memory_text("wanted 'NAME: STEP, STEP…'");
		return -EINVAL;
	}
	*what = '\0';
	what += 2;
	return is_dns ? zone_add(zone, pattern, what, ret_fault)
		      : script_add(script, pattern, what, ret_fault);
}

/* The file's rules: those for one name by name, the others in their order. */
static void script_sort(struct script *script)
{
	script->patterns = memory_new(script->from_file, sizeof(*script->patterns));
	for (size_t i = 0; i < script->from_file; i++) {
		struct rule *rule = script->rules[i];

		if (strpbrk(rule->pattern, "*?"))
			script->patterns[script->pattern_count++] = rule;
		else if (!map_find(script->exact, rule->pattern))
			(void)map_set(script->exact, rule->pattern, rule);
	}
}

int script_read(struct script *script, struct zone *zone, const char *path, char **ret_fault)
{
	cleanup(free)
	char *text = NULL;
	char *rest, *line;
	size_t len, number = 0;
	int r = file_read(path, LARGEST_FILE, &text, &len);

	if (r < 0) {
		*ret_fault = memory_print("%s: %s", path, strerror(-r));
		return r;
	}
	for (rest = text; (line = strsep(&rest, "\n"));) {
		cleanup(free)
		char *fault = NULL;

		number++;
		line = words_trimmed(line);
		if (!*line || *line == '#')
			continue;
		r = script_line(script, zone, line, &fault);
		if (r < 0) {
			*ret_fault = memory_print("%s:%zu: %s", path, number, fault);
			return r;
		}
	}
	script->from_file = script->restored = script->count;
	script_sort(script);
	return 0;
}

static bool rule_matches(const struct rule *rule, const char *path, const char *host)
{
	return glob_matches_name(rule->pattern, rule->pattern[0] == '/' ? path : host);
}

const struct rule *script_find(const struct script *script, const char *path, const char *host)
{
	const struct rule *rule;

	for (size_t i = script->count; i > script->restored; i--)
		if (rule_matches(script->rules[i - 1], path, host))
			return script->rules[i - 1];
	if ((rule = map_find(script->exact, path)) || (rule = map_find(script->exact, host)))
		return rule;
	for (size_t i = 0; i < script->pattern_count; i++)
		if (rule_matches(script->patterns[i], path, host))
			return script->patterns[i];
	return NULL;
}

void script_follow(const struct script *script, struct progress *progress, const char *path,
		   const char *host)
{
	const struct rule *rule;

	if (progress->generation == script->generation)
		return;
	progress->generation = script->generation;
	rule = script_find(script, path, host);
	if (rule == progress->rule)
		return;
	*progress = (struct progress){ .rule = rule,
				       .generation = script->generation,
				       .since = rule ? rule->since : 0 };
}

static bool progress_is_over(const struct progress *progress, usec_t now)
{
	const struct step *step = &progress->rule->steps[progress->at];

	if (step->lasts)
		return now >= progress->since + step->lasts;
	return progress->used >= (step->count ? step->count : 1);
}

const struct step *progress_step(struct progress *progress, usec_t now, bool take)
{
	const struct rule *rule = progress->rule;

	/* Whoever was not asked for long has many timed steps to pass: a bound, then go on. */
	for (unsigned moves = 0; moves < 100000 && progress_is_over(progress, now); moves++) {
		const struct step *step = &rule->steps[progress->at];

		if (progress->at + 1 == rule->count && !rule->starts_over)
			break;
		progress->since = step->lasts ? progress->since + step->lasts : now;
		progress->used = 0;
		progress->at = (progress->at + 1) % rule->count;
	}
	if (take)
		progress->used++;
	return &rule->steps[progress->at];
}
