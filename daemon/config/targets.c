/* targets.c - what one source of discovery says: from a document to a set.
 *
 * JSON and YAML become the same tree of values, so that one walk knows what may be in it.
 */
#include <errno.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "config/keys.h"
#include "config/targets_inside.h"
#include "config/tree.h"

/* --- The tree ------------------------------------------------------------------------- */

/* A list too many costs memory; whoever has so many of these characters has more to say than
 * the most targets need.
 */
static bool is_too_much(const char *text, size_t len)
{
	size_t nodes = 0;

	for (size_t i = 0; i < len; i++)
		nodes += text[i] == ',' || text[i] == '\n' || text[i] == '[' || text[i] == '{' ||
			 text[i] == ':';
	return nodes > TARGETS_NODES_MAX;
}

static struct value value_of(const json_t *json, struct arena *arena, unsigned depth);

static void take_list(const json_t *json, struct arena *arena, unsigned depth, struct value *ret)
{
	const size_t count = json_array_size(json);
	struct value *items = arena_take(arena, (count + 1) * sizeof(*items));

	for (size_t i = 0; i < count; i++)
		items[i] = value_of(json_array_get(json, i), arena, depth + 1);
	*ret = (struct value){ .kind = VALUE_LIST, .count = (uint32_t)count, .items = items };
}

static void take_map(json_t *json, struct arena *arena, unsigned depth, struct value *ret)
{
	const size_t count = json_object_size(json);
	struct value *items = arena_take(arena, (2 * count + 1) * sizeof(*items));
	const char *key;
	json_t *member;
	size_t i = 0;

	json_object_foreach(json, key, member)
	{
		items[i++] = (struct value){
			.kind = VALUE_SCALAR,
			.text = key,
			.count = (uint32_t)strlen(key),
		};
		items[i++] = value_of(member, arena, depth + 1);
	}
	*ret = (struct value){ .kind = VALUE_MAP, .count = (uint32_t)count, .items = items };
}

/* Texts, lists and mappings; nothing else has a place in such a document. */
static struct value value_of(const json_t *json, struct arena *arena, unsigned depth)
{
	struct value value = { .kind = VALUE_NULL, .text = "" };

	if (depth > TREE_DEPTH_MAX)
		return value;
	if (json_is_array(json))
		take_list(json, arena, depth, &value);
	else if (json_is_object(json))
		take_map((json_t *)(uintptr_t)json, arena, depth, &value);
	else if (json_is_string(json))
		value = (struct value){
			.kind = VALUE_SCALAR,
			.text = json_string_value(json),
			.count = (uint32_t)json_string_length(json),
		};
	return value;
}

static int read_yaml(const char *text, size_t len, const char *name, struct arena *arena,
		     struct value *ret, struct text *fault)
{
	struct complaints *complaints = complaints_new();
	struct source source = {
		.name = (char *)(uintptr_t)name,
		.text = (char *)(uintptr_t)text,
		.len = len,
	};
	const int r = tree_read(&source, arena, complaints, ret);

	free(source.lines);
	if (r < 0 || complaints_faults(complaints)) {
		const struct complaint *first = complaints_get(complaints, 0);

		text_print(fault, "line %u: %s", first->place.line, first->message);
		complaints_free(complaints);
		return -EINVAL;
	}
	complaints_free(complaints);
	return 0;
}

/* --- What is in it -------------------------------------------------------------------- */

static bool has_controls(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return true;
	return false;
}

/* What a target becomes part of: URLs, names, the arguments of programs. */
static bool is_target(const char *text, size_t len)
{
	return len > 0 && len <= TARGET_BYTES_MAX && *text != '-' && strlen(text) == len &&
	       utf8_is_valid(text, len) && !has_controls(text, len);
}

static void keep(struct targets_draft *draft, const struct target *target)
{
	if (draft->count == draft->room) {
		draft->room = (unsigned)memory_next_room(draft->room, 64);
		draft->list = memory_grow(draft->list, draft->room, sizeof(*draft->list));
	}
	draft->list[draft->count++] = *target;
}

static int read_targets(struct targets_draft *draft, const struct value *list, unsigned group,
			const struct target *like, struct text *fault)
{
	struct target target = *like;

	for (uint32_t i = 0; i < list->count; i++) {
		const struct value *item = &list->items[i];

		if (item->kind != VALUE_SCALAR || !is_target(item->text, item->count)) {
			text_print(fault,
				   "target %u of group %u must be a text of 1 to %d bytes without "
				   "control characters and no '-' first",
				   i + 1, group, TARGET_BYTES_MAX);
			return -EINVAL;
		}
		if (draft->count == TARGETS_MAX) {
			text_print(fault, "there are more than %d targets", TARGETS_MAX);
			return -EINVAL;
		}
		target.name = arena_text_len(draft->arena, item->text, item->count);
		keep(draft, &target);
	}
	return 0;
}

/* Whether the label is one for us; else it is Prometheus' own, or a metric's. */
static bool is_wanted(const struct value *key)
{
	struct text wanted = { 0 };
	const bool is_good = keys_check_label(key->text, key->count, &wanted);

	text_done(&wanted);
	return is_good;
}

static bool is_label_name(const struct value *key)
{
	static const char others[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	return key->count > 0 && key->count <= 128 && strlen(key->text) == key->count &&
	       !(*key->text >= '0' && *key->text <= '9') && strspn(key->text, others) == key->count;
}

static int read_labels(struct targets_draft *draft, const struct value *map, unsigned group,
		       struct target *ret, struct text *fault)
{
	struct label *labels;
	unsigned count = 0;

	if (map->count > TARGET_LABELS_MAX) {
		text_print(fault, "group %u has more than %d labels", group, TARGET_LABELS_MAX);
		return -EINVAL;
	}
	labels = arena_take(draft->arena, (map->count + 1) * sizeof(*labels));
	for (uint32_t i = 0; i < map->count; i++) {
		const struct value *key = &map->items[2 * i], *value = key + 1;

		if (!is_label_name(key) || value->kind != VALUE_SCALAR ||
		    value->count > TARGET_LABEL_BYTES_MAX || strlen(value->text) != value->count ||
		    has_controls(value->text, value->count)) {
			text_print(fault,
				   "label %u of group %u must have a name of letters, digits and "
				   "'_', and a text of at most %d bytes without control characters",
				   i + 1, group, TARGET_LABEL_BYTES_MAX);
			return -EINVAL;
		}
		if (is_wanted(key))
			labels[count++] = (struct label){
				.key = arena_text(draft->arena, key->text),
				.value = arena_text(draft->arena, value->text),
			};
	}
	ret->labels = labels;
	ret->labels_count = count;
	return 0;
}

static int read_group(struct targets_draft *draft, const struct value *group, unsigned number,
		      struct text *fault)
{
	const struct value *targets = NULL, *labels = NULL;
	struct target like = { 0 };
	int r = 0;

	for (uint32_t i = 0; group->kind == VALUE_MAP && i < group->count; i++) {
		const struct value *key = &group->items[2 * i];

		if (strcmp(key->text, "targets") == 0 && key[1].kind == VALUE_LIST)
			targets = key + 1;
		else if (strcmp(key->text, "labels") == 0 &&
			 (key[1].kind == VALUE_MAP || key[1].kind == VALUE_NULL))
			labels = key + 1;
		else
			r = -EINVAL;
	}
	if (r < 0 || !targets) {
		text_print(
			fault,
			"group %u must be a mapping of 'targets', a list, and perhaps 'labels', a "
			"mapping; and of nothing else",
			number);
		return -EINVAL;
	}
	if (labels && labels->kind == VALUE_MAP)
		r = read_labels(draft, labels, number, &like, fault);
	return r < 0 ? r : read_targets(draft, targets, number, &like, fault);
}

static int read_groups(struct targets_draft *draft, const struct value *root, struct text *fault)
{
	int r = 0;

	if (root->kind != VALUE_LIST) {
		text_append(fault, "it must be a list of groups, each with 'targets'");
		return -EINVAL;
	}
	for (uint32_t i = 0; i < root->count && r == 0; i++)
		r = read_group(draft, &root->items[i], i + 1, fault);
	return r;
}

/* --- The set -------------------------------------------------------------------------- */

void targets_begin(struct targets_draft *draft)
{
	*draft = (struct targets_draft){ .arena = arena_new() };
}

static int add_json(struct targets_draft *draft, const char *text, size_t len, struct arena *arena,
		    struct text *fault)
{
	json_error_t error;
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	struct value root;
	int r;

	if (!json) {
		text_print(fault, "line %d: it is not JSON", error.line);
		return -EINVAL;
	}
	root = value_of(json, arena, 0);
	r = read_groups(draft, &root, fault);
	json_decref(json);
	return r;
}

int targets_add(struct targets_draft *draft, const char *text, size_t len, enum targets_form form,
		const char *name, struct text *fault)
{
	struct arena *scratch;
	struct value root;
	int r;

	if (len > TARGETS_BYTES_MAX || is_too_much(text, len)) {
		text_append(fault, "it is larger than targets may be");
		return -EFBIG;
	}
	scratch = arena_new();
	if (form == TARGETS_JSON) {
		r = add_json(draft, text, len, scratch, fault);
	} else {
		r = read_yaml(text, len, name, scratch, &root, fault);
		if (r == 0)
			r = read_groups(draft, &root, fault);
	}
	arena_free(scratch);
	return r;
}

/* Where names are equal the place in the list tells, since qsort(3) does not keep it. */
static int compare(const void *left, const void *right)
{
	const struct target *const *a = left, *const *b = right;
	const int order = strcmp((*a)->name, (*b)->name);

	return order ? order : (*a > *b) - (*a < *b);
}

static uint64_t digest(const struct targets *targets)
{
	static const struct hash_key key = { 0x7069636b6574, 0x746172676574 };
	cleanup(text)
	struct text bytes = { 0 };

	for (unsigned i = 0; i < targets->count; i++) {
		const struct target *target = &targets->list[i];

		text_append_len(&bytes, target->name, strlen(target->name) + 1);
		for (unsigned k = 0; k < target->labels_count; k++)
			text_print(&bytes, "%s=%s\n", target->labels[k].key,
				   target->labels[k].value);
	}
	return hash_bytes(&key, text_string(&bytes), bytes.len);
}

struct targets *targets_finish(struct targets_draft *draft)
{
	struct targets *targets = MEMORY_NEW(struct targets);
	const struct target **sorted = memory_new(draft->count + 1u, sizeof(*sorted));
	struct target *list = arena_take(draft->arena, (draft->count + 1u) * sizeof(*list));

	for (unsigned i = 0; i < draft->count; i++)
		sorted[i] = &draft->list[i];
	if (draft->count)
		qsort(sorted, draft->count, sizeof(*sorted), compare);
	for (unsigned i = 0; i < draft->count; i++) {
		if (i && strcmp(sorted[i]->name, sorted[i - 1]->name) == 0)
			targets->twice++;
		else
			list[targets->count++] = *sorted[i];
	}
	free(sorted);
	free(draft->list);
	targets->list = list;
	targets->arena = draft->arena;
	targets->digest = digest(targets);
	atomic_init(&targets->references, 1);
	return targets;
}

void targets_drop(struct targets_draft *draft)
{
	free(draft->list);
	arena_free(draft->arena);
}

int targets_parse(const char *text, size_t len, enum targets_form form, const char *name,
		  struct targets **ret_targets, struct text *fault)
{
	struct targets_draft draft;
	int r;

	targets_begin(&draft);
	r = targets_add(&draft, text, len, form, name, fault);
	if (r < 0)
		targets_drop(&draft);
	else
		*ret_targets = targets_finish(&draft);
	return r;
}

struct targets *targets_ref(struct targets *targets)
{
	atomic_fetch_add(&targets->references, 1);
	return targets;
}

void targets_unref(struct targets *targets)
{
	if (atomic_fetch_sub(&targets->references, 1) != 1)
		return;
	arena_free(targets->arena);
	free(targets);
}
