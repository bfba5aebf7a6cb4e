/* operand.c - what the left or right side of a test is worth. */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "expect/run.h"

/* Bytes a function may touch for one step of the budget. */
enum { BYTES_A_STEP = 64 };

/* Why the body cannot be read as JSON at all. */
static enum doubt doubt_body(struct expect_run *run)
{
	const struct observation *observation = run->observation;

	if (observation->body_is_cut || (observation->class && observation->body.len > 0))
		return DOUBT_CUT;
	if (!run->has_read && observation->class) {
		(void)snprintf(run->notes.reason, sizeof(run->notes.reason), "there was no answer");
		run->has_read = true;
	}
	return run->has_read && !run->is_json ? DOUBT_NOT_JSON : DOUBT_NONE;
}

static enum doubt read_document(struct expect_run *run)
{
	const struct text *body = &run->observation->body;
	const usec_t begun = budget_pause(&run->budget);

	run->is_json = json_read(text_string(body), body->len, run->json_depth, &run->document,
				 &run->notes) == 0;
	run->has_read = true;
	budget_resume(&run->budget, begun);
	return run->is_json ? DOUBT_NONE : DOUBT_NOT_JSON;
}

/* The one value that is asked for, without building the others. */
static enum doubt pick(struct items *items, const struct jsonpath_step *steps, size_t count)
{
	struct expect_run *run = items->run;
	const struct text *body = &run->observation->body;
	const usec_t begun = budget_pause(&run->budget);
	json_t *value = NULL;

	run->is_json = json_pick(text_string(body), body->len, run->json_depth, steps, count,
				 &value, &run->notes) == 0;
	run->has_read = true;
	budget_resume(&run->budget, begun);
	run->picked[run->picked_count++] = value;
	if (value) {
		items->nodes.node = memory_new(1, sizeof(json_t *));
		items->nodes.node[0] = value;
		items->nodes.count = items->nodes.room = 1;
	}
	return run->is_json ? DOUBT_NONE : DOUBT_NOT_JSON;
}

static enum doubt find_nodes(struct items *items)
{
	struct expect_run *run = items->run;
	const struct jsonpath *path = items->operand->path;
	enum doubt doubt = doubt_body(run);
	size_t count;
	const struct jsonpath_step *steps = jsonpath_steps(path, &count);

	if (doubt)
		return doubt;
	if (steps && !run->document && run->picked_count < PICKED_MAX) {
		doubt = pick(items, steps, count);
		if (doubt)
			return doubt;
	} else {
		if (!run->document && read_document(run))
			return DOUBT_NOT_JSON;
		if (jsonpath_evaluate(path, run->document, &run->budget, &items->nodes) < 0)
			return DOUBT_LIMIT;
	}
	return !items->is_listed && items->nodes.count == 0 ? DOUBT_ABSENT : DOUBT_NONE;
}

/* The next value as the subject has it. */
static enum subject_found next_raw(struct items *items, struct value *ret)
{
	if (items->is_opened) {
		const json_t *element = json_array_get(items->array.as.node, items->at);

		if (!element)
			return SUBJECT_END;
		*ret = value_node(element);
		return SUBJECT_FOUND;
	}
	if (items->operand->path) {
		if (items->at >= items->nodes.count)
			return SUBJECT_END;
		*ret = value_node(items->nodes.node[items->at]);
		return SUBJECT_FOUND;
	}
	if (items->at > 0 && !items->is_listed)
		return SUBJECT_END;
	return items->operand->subject->get(items->run->observation, items->operand->name,
					    &items->cursor, ret);
}

/* All lines of a header as one text, where nobody asks for each. */
static enum doubt join_lines(const struct items *items, struct value *ret)
{
	const struct operand *operand = items->operand;
	const struct observation *observation = items->run->observation;
	struct text joined = { 0 };
	struct value line;
	size_t cursor = 0;

	if (operand->subject->get(observation, operand->name, &cursor, ret) != SUBJECT_FOUND)
		return DOUBT_ABSENT;
	while (operand->subject->get(observation, operand->name, &cursor, &line) == SUBJECT_FOUND) {
		if (joined.len == 0)
			text_append_len(&joined, ret->as.text.data, ret->as.text.len);
		text_append(&joined, ", ");
		text_append_len(&joined, line.as.text.data, line.as.text.len);
	}
	if (joined.len > 0)
		*ret = value_made(&joined);
	return DOUBT_NONE;
}

static enum doubt count_items(struct items *items, struct value *ret)
{
	int64_t count = 0;

	if (items->operand->path) {
		*ret = value_integer(TYPE_NUMBER, (int64_t)items->nodes.count);
		return DOUBT_NONE;
	}
	while (next_raw(items, ret) == SUBJECT_FOUND) {
		count++;
		items->at++;
	}
	*ret = value_integer(TYPE_NUMBER, count);
	return DOUBT_NONE;
}

/* The functions from `first` on. */
static enum doubt apply_functions(struct items *items, size_t first, struct value *value,
				  const struct function **ret_function)
{
	const struct operand *operand = items->operand;
	struct budget *budget = &items->run->budget;

	for (size_t i = first; i < operand->functions_count; i++) {
		const struct function *function = operand->functions[i];
		const size_t bytes = value->type == TYPE_TEXT ? value->as.text.len : 0;
		enum doubt doubt;

		*ret_function = function;
		if (budget_spend(budget, (unsigned)(bytes / BYTES_A_STEP) + 1) < 0)
			return DOUBT_LIMIT;
		doubt = function->apply(value, items->run->observation->wall);
		if (doubt)
			return doubt;
	}
	return DOUBT_NONE;
}

static bool is_lines_listed(const struct operand *operand)
{
	return operand->is_counted &&
	       (operand->subject->is_lines || operand->subject->is_list || operand->path);
}

enum doubt items_open(struct items *items, struct expect_run *run, const struct operand *operand,
		      bool is_listed)
{
	struct value first = { .type = TYPE_NULL };
	enum subject_found found;
	size_t cursor = 0;

	*items = (struct items){
		.run = run,
		.operand = operand,
		.is_listed = is_listed || is_lines_listed(operand),
	};
	if (operand->path)
		return find_nodes(items);
	found = operand->subject->get(run->observation, operand->name, &cursor, &first);
	value_done(&first);
	return found == SUBJECT_ABSENT ? DOUBT_ABSENT : DOUBT_NONE;
}

enum doubt items_open_array(struct items *items)
{
	struct value value;
	const struct function *function;
	enum doubt doubt;

	if (!items_next(items, &value, &doubt, &function))
		return DOUBT_ABSENT;
	items_rewind(items);
	if (doubt || value.type != TYPE_ARRAY) {
		value_done(&value);
		return doubt ? doubt : DOUBT_TYPE;
	}
	items->array = value;
	items->is_opened = true;
	return DOUBT_NONE;
}

bool items_next(struct items *items, struct value *ret, enum doubt *ret_doubt,
		const struct function **ret_function)
{
	const struct operand *operand = items->operand;

	*ret_function = NULL;
	*ret_doubt = DOUBT_NONE;
	*ret = (struct value){ .type = TYPE_NULL };
	if (operand->is_counted) {
		if (items->at > 0)
			return false;
		*ret_doubt = count_items(items, ret);
		items->at = 1;
		if (!*ret_doubt)
			*ret_doubt =
				apply_functions(items, operand->count_at + 1, ret, ret_function);
		return true;
	}
	if (operand->subject->is_lines && !items->is_listed) {
		if (items->at > 0)
			return false;
		*ret_doubt = join_lines(items, ret);
	} else if (next_raw(items, ret) != SUBJECT_FOUND) {
		return false;
	}
	items->at++;
	if (!*ret_doubt && !items->is_opened)
		*ret_doubt = apply_functions(items, 0, ret, ret_function);
	return true;
}

void items_rewind(struct items *items)
{
	items->at = 0;
	items->cursor = 0;
}

size_t items_total(const struct items *items)
{
	if (items->is_opened)
		return json_array_size(items->array.as.node);
	return items->operand->path && !items->operand->is_counted ? items->nodes.count : 0;
}

void items_done(struct items *items)
{
	jsonpath_nodes_done(&items->nodes);
	value_done(&items->array);
}

enum doubt operand_value(struct expect_run *run, const struct operand *operand, struct value *ret,
			 const struct function **ret_function)
{
	struct items items;
	enum doubt doubt = items_open(&items, run, operand, false);

	*ret = (struct value){ .type = TYPE_NULL };
	*ret_function = NULL;
	if (!doubt)
		(void)items_next(&items, ret, &doubt, ret_function);
	items_done(&items);
	return doubt;
}
