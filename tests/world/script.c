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

/* Rules that hold.  One without * and ? is found by its name, however many there are. */
struct rules {
	struct map *exact;
	struct rule **patterns; /* owned array, borrowed rules */
	size_t count, room;
};

struct script {
	struct rule **rules; /* owned; in the order of arrival */
	size_t count, room;
	struct rules file; /* what the file said; patterns in its order */
	struct rules set; /* and what was said since, until it is restored */
	unsigned generation;
};

struct script *script_new(void)
{
	struct script *script = MEMORY_NEW(struct script);

	script->generation = 1;
	script->file.exact = map_new();
	script->set.exact = map_new();
	return script;
}

static void rules_done(struct rules *rules)
{
	map_free(rules->exact);
	free(rules->patterns);
}

void script_free(struct script *script)
{
	for (size_t i = 0; i < script->count; i++) {
		steps_free(script->rules[i]->steps, script->rules[i]->count);
		free(script->rules[i]->pattern);
		free(script->rules[i]);
	}
	rules_done(&script->file);
	rules_done(&script->set);
	free(script->rules);
	free(script);
}

unsigned script_generation(const struct script *script)
{
	return script->generation;
}

static bool is_pattern(const struct rule *rule)
{
	return strpbrk(rule->pattern, "*?") != NULL;
}

static void rules_add_pattern(struct rules *rules, struct rule *rule)
{
	if (rules->count == rules->room) {
		rules->room = memory_next_room(rules->room, rules->count + 1);
		rules->patterns =
			memory_grow(rules->patterns, rules->room, sizeof(*rules->patterns));
	}
	rules->patterns[rules->count++] = rule;
}

static int add(struct script *script, const char *pattern, const char *steps,
	       struct rule **ret_rule, char **ret_fault)
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
	rule->order = script->count;
	script->rules[script->count++] = rule;
	script->generation++;
	*ret_rule = rule;
	return 0;
}

int script_add(struct script *script, const char *pattern, const char *steps, char **ret_fault)
{
	struct rule *rule;
	int r = add(script, pattern, steps, &rule, ret_fault);

	if (r < 0)
		return r;
	if (is_pattern(rule))
		rules_add_pattern(&script->set, rule);
	else
		(void)map_set(script->set.exact, rule->pattern, rule);
	return 0;
}

void script_restore(struct script *script)
{
	rules_done(&script->set);
	script->set = (struct rules){ .exact = map_new() };
	script->generation++;
}

/* "NAME: what", or "dns NAME: what". */
static int script_line(struct script *script, struct zone *zone, char *line, char **ret_fault)
{
	const bool is_dns = strncmp(line, "dns ", 4) == 0;
	char *pattern = is_dns ? words_trimmed(line + 4) : line;
	char *what = strstr(pattern, ": ");
	struct rule *rule;

	if (!what) {
		*ret_fault = memory_text("wanted 'NAME: STEP, STEP…'");
		return -EINVAL;
	}
	*what = '\0';
	what += 2;
	return is_dns ? zone_add(zone, pattern, what, ret_fault)
		      : add(script, pattern, what, &rule, ret_fault);
}

/* The file's rules: of those for one name the first counts. */
static void script_sort(struct script *script)
{
	for (size_t i = 0; i < script->count; i++) {
		struct rule *rule = script->rules[i];

		if (is_pattern(rule))
			rules_add_pattern(&script->file, rule);
		else if (!map_find(script->file.exact, rule->pattern))
			(void)map_set(script->file.exact, rule->pattern, rule);
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
	script_sort(script);
	return 0;
}

static bool rule_matches(const struct rule *rule, const char *path, const char *host)
{
	return glob_matches_name(rule->pattern, rule->pattern[0] == '/' ? path : host);
}

/* What was set last counts. */
static const struct rule *find_set(const struct rules *set, const char *path, const char *host)
{
	const struct rule *by_path = map_find(set->exact, path);
	const struct rule *by_host = map_find(set->exact, host);
	const struct rule *exact =
		!by_host || (by_path && by_path->order > by_host->order) ? by_path : by_host;

	for (size_t i = set->count; i-- > 0;) {
		const struct rule *rule = set->patterns[i];

		if (exact && rule->order < exact->order)
			break;
		if (rule_matches(rule, path, host))
			return rule;
	}
	return exact;
}

const struct rule *script_find(const struct script *script, const char *path, const char *host)
{
	const struct rules *file = &script->file;
	const struct rule *rule = find_set(&script->set, path, host);

	if (rule || (rule = map_find(file->exact, path)) || (rule = map_find(file->exact, host)))
		return rule;
	for (size_t i = 0; i < file->count; i++)
		if (rule_matches(file->patterns[i], path, host))
			return file->patterns[i];
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
