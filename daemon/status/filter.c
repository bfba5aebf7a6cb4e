/* filter.c - which endpoints a request is about. */
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "base/memory.h"
#include "status/filter.h"

void filter_done(struct filter *filter)
{
	free(filter->group);
	free(filter->glob);
	for (unsigned i = 0; i < filter->labels_count; i++) {
		free(filter->labels[i].key);
		free(filter->labels[i].value);
	}
	filter->labels_count = 0;
}

static bool has_label(const struct endpoint *endpoint, const struct parameter *wanted)
{
	for (unsigned i = 0; i < endpoint->labels_count; i++)
		if (strcmp(endpoint->labels[i].key, wanted->key) == 0 &&
		    strcmp(endpoint->labels[i].value, wanted->value) == 0)
			return true;
	return false;
}

bool filter_matches(const struct filter *filter, const struct watch *watch)
{
	const struct endpoint *endpoint = watch->endpoint;

	if (!filter->sees_all && !endpoint->is_public)
		return false;
	if (filter->state != STATES && watch->standing.state != filter->state)
		return false;
	if (filter->group &&
	    (!endpoint->group || strcmp(endpoint->group->name, filter->group) != 0))
		return false;
	if (filter->glob && !glob_matches_name(filter->glob, endpoint->name))
		return false;
	for (unsigned i = 0; i < filter->labels_count; i++)
		if (!has_label(endpoint, &filter->labels[i]))
			return false;
	return true;
}

const char *filter_parse(const struct query *query, struct filter *ret_filter)
{
	const char *state = query_find(query, "state"), *group = query_find(query, "group");
	const char *glob = query_find(query, "name");
	struct filter filter = { .state = state ? state_find(state) : STATES };

	if (state && filter.state == STATES)
		return "state";
	for (unsigned i = 0; i < query->count; i++)
		if (strcmp(query->parameters[i].key, "label") == 0 &&
		    !strchr(query->parameters[i].value, ':'))
			return "label";

	filter.group = group ? memory_text(group) : NULL;
	filter.glob = glob ? memory_text(glob) : NULL;
	for (unsigned i = 0; i < query->count; i++) {
		const char *value = query->parameters[i].value, *colon = strchr(value, ':');

		if (strcmp(query->parameters[i].key, "label") != 0)
			continue;
		filter.labels[filter.labels_count++] = (struct parameter){
			.key = memory_text_len(value, (size_t)(colon - value)),
			.value = memory_text(colon + 1),
		};
	}
	*ret_filter = filter;
	return NULL;
}
