/* evaluate.c - segments and selectors at work (RFC 9535, 2.3 and 2.5). */
#include <errno.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "expect/jsonpath/evaluate.h"

/* The way from where a descendant segment began to where it is. */
struct descent {
	struct level {
		json_t *container; /* borrowed */
		size_t index; /* of the next child of an array */
		void *member; /* the next child of an object */
	} * levels; /* owned */
	size_t count;
	size_t room;
};

static void descent_done(struct descent *descent)
{
	free(descent->levels);
}

#define cleanup_descent descent_done

static int push(struct evaluation *evaluation, struct jsonpath_nodes *nodes, json_t *node)
{
	if (evaluation->in_hand >= JSONPATH_NODES_MAX)
		return -E2BIG;
	if (nodes->count == nodes->room) {
		nodes->room = memory_next_room(nodes->room, nodes->count + 1);
		nodes->node = memory_grow(nodes->node, nodes->room, sizeof(json_t *));
	}
	nodes->node[nodes->count++] = node;
	evaluation->in_hand++;
	return 0;
}

void evaluate_done(struct evaluation *evaluation, struct jsonpath_nodes *nodes)
{
	evaluation->in_hand -= nodes->count;
	jsonpath_nodes_done(nodes);
}

/* 2.3.3: a negative index counts from the end. */
static json_t *element(const json_t *array, int64_t index)
{
	const int64_t size = (int64_t)json_array_size(array);
	const int64_t at = index < 0 ? index + size : index;

	return at >= 0 && at < size ? json_array_get(array, (size_t)at) : NULL;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

/* 2.3.4.2.2, with bounds beyond the array moved to its ends. */
static int select_slice(struct evaluation *evaluation, const struct selector *selector,
			json_t *array, struct jsonpath_nodes *nodes)
{
	const int64_t size = (int64_t)json_array_size(array);
	const int64_t step = selector->step;
	const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
	int64_t start = step > 0 ? low : high, end = step > 0 ? high : low;
	int r = 0;

	if (step == 0)
		return 0;
	if (selector->has_start)
		start = clamp(selector->start < 0 ? selector->start + size : selector->start, low,
			      high);
	if (selector->has_end)
		end = clamp(selector->end < 0 ? selector->end + size : selector->end, low, high);
	for (int64_t i = start; r == 0 && (step > 0 ? i < end : i > end); i += step) {
		r = budget_spend(evaluation->budget, 1);
		if (r == 0)
			r = push(evaluation, nodes, json_array_get(array, (size_t)i));
	}
	return r;
}

/* A wildcard's or filter's view of one child. */
static int select_child(struct evaluation *evaluation, const struct selector *selector,
			json_t *child, struct jsonpath_nodes *nodes)
{
	int r = budget_spend(evaluation->budget, 1);

	if (r < 0)
		return r;
	if (selector->kind == SELECTOR_FILTER) {
		r = filter_holds(evaluation, selector->filter, child);
		if (r != 1)
			return r;
	}
	return push(evaluation, nodes, child);
}

static int select_children(struct evaluation *evaluation, const struct selector *selector,
			   json_t *node, struct jsonpath_nodes *nodes)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(node); i++)
		r = select_child(evaluation, selector, json_array_get(node, i), nodes);
	for (void *member = json_object_iter(node); r == 0 && member;
	     member = json_object_iter_next(node, member))
		r = select_child(evaluation, selector, json_object_iter_value(member), nodes);
	return r;
}

static json_t *select_one(const struct selector *selector, const json_t *node)
{
	if (selector->kind == SELECTOR_NAME)
		return json_object_getn(node, selector->name, selector->name_len);
	return json_is_array(node) ? element(node, selector->start) : NULL;
}

static int select_nodes(struct evaluation *evaluation, const struct segment *segment, json_t *node,
			struct jsonpath_nodes *nodes)
{
	int r = budget_spend(evaluation->budget, 1);

	for (const struct selector *selector = segment->selectors; r == 0 && selector;
	     selector = selector->next) {
		json_t *one;

		switch (selector->kind) {
		case SELECTOR_NAME:
		case SELECTOR_INDEX:
			one = select_one(selector, node);
			r = one ? push(evaluation, nodes, one) : 0;
			break;
		case SELECTOR_SLICE:
			r = select_slice(evaluation, selector, node, nodes);
			break;
		case SELECTOR_WILDCARD:
		case SELECTOR_FILTER:
			r = select_children(evaluation, selector, node, nodes);
			break;
		}
	}
	return r;
}

static void enter(struct descent *descent, json_t *container)
{
	if (descent->count == descent->room) {
		descent->room = memory_next_room(descent->room, descent->count + 1);
		descent->levels =
			memory_grow(descent->levels, descent->room, sizeof(*descent->levels));
	}
	descent->levels[descent->count++] = (struct level){
		.container = container,
		.member = json_object_iter(container),
	};
}

/* The next child where we are; NULL after the last. */
static json_t *next_child(struct level *level)
{
	json_t *child = NULL;

	if (json_is_array(level->container))
		return json_array_get(level->container, level->index++);
	if (level->member) {
		child = json_object_iter_value(level->member);
		level->member = json_object_iter_next(level->container, level->member);
	}
	return child;
}

/* 2.5.2.2: the node itself first, children in order, each before what is below it. */
static int select_descendants(struct evaluation *evaluation, const struct segment *segment,
			      json_t *node, struct jsonpath_nodes *nodes)
{
	cleanup(descent)
	struct descent descent = { 0 };
	int r = select_nodes(evaluation, segment, node, nodes);

	enter(&descent, node);
	while (r == 0 && descent.count > 0) {
		json_t *child = next_child(&descent.levels[descent.count - 1]);

		if (!child) {
			descent.count--;
			continue;
		}
		r = budget_spend(evaluation->budget, 1);
		if (r == 0 && (json_is_array(child) || json_is_object(child))) {
			r = select_nodes(evaluation, segment, child, nodes);
			enter(&descent, child);
		}
	}
	return r;
}

int evaluate_query(struct evaluation *evaluation, const struct query *query, json_t *current,
		   struct jsonpath_nodes *ret)
{
	struct jsonpath_nodes nodes = { 0 };
	int r = push(evaluation, &nodes, query->is_relative ? current : evaluation->root);

	for (const struct segment *segment = query->segments; r == 0 && segment;
	     segment = segment->next) {
		struct jsonpath_nodes next = { 0 };

		for (size_t i = 0; r == 0 && i < nodes.count; i++)
			r = segment->is_descendant
				    ? select_descendants(evaluation, segment, nodes.node[i], &next)
				    : select_nodes(evaluation, segment, nodes.node[i], &next);
		evaluate_done(evaluation, &nodes);
		nodes = next;
	}
	if (r < 0) {
		evaluate_done(evaluation, &nodes);
		return r;
	}
	*ret = nodes;
	return 0;
}

int evaluate_singular(struct evaluation *evaluation, const struct query *query, json_t *current,
		      json_t **ret)
{
	json_t *node = query->is_relative ? current : evaluation->root;

	for (const struct segment *segment = query->segments; node && segment;
	     segment = segment->next) {
		int r = budget_spend(evaluation->budget, 1);

		if (r < 0)
			return r;
		node = select_one(segment->selectors, node);
	}
	*ret = node;
	return 0;
}

int jsonpath_evaluate(const struct jsonpath *path, json_t *root, struct budget *budget,
		      struct jsonpath_nodes *ret)
{
	struct evaluation evaluation = { .root = root, .budget = budget };
	int r = evaluate_query(&evaluation, &path->query, root, ret);

	if (evaluation.regex)
		regex_free(evaluation.regex);
	return r;
}

void jsonpath_nodes_done(struct jsonpath_nodes *nodes)
{
	free(nodes->node);
	*nodes = (struct jsonpath_nodes){ 0 };
}
