/* tree.c - from the text of one YAML file to a tree of values.
 *
 * libyaml's events, not its documents: each level, scalar and alias is looked at when it
 * comes, so a hostile file is refused before it costs anything.  libyaml itself takes
 * time in the square of the flow depth, but is only ever a kilobyte ahead of us.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/memory.h"
#include "config/children.h"
#include "config/parts.h"
#include "config/syntax.h"
#include "config/tree.h"

struct anchor {
	struct value value;
	uint64_t nodes; /* with all that its aliases expand to */
	bool is_open; /* we are still inside */
};

struct tree {
	const struct source *source;
	struct source *whole; /* the same, to find places in; NULL: others read it, too */
	struct part part;
	struct arena *arena;
	struct complaints *complaints;
	yaml_parser_t parser;
	struct map *anchors; /* name -> struct anchor in the arena */
	uint64_t nodes; /* of the file itself, so far */
	uint64_t expanded; /* and what aliases made of them */
	uint64_t expanded_max; /* 0: not asked for yet */
	unsigned depth;
	bool is_void; /* something is not there, and nothing can stand in for it */
};

static int read_value(struct tree *tree, const yaml_event_t *event, struct value *ret);

static struct place place_of(const struct tree *tree, const yaml_mark_t *mark)
{
	return (struct place){
		.file = tree->source->name,
		.line = tree->part.line + (uint32_t)mark->line + 1,
		.column = (uint32_t)mark->column + 1,
	};
}

#define refuse(tree, mark, ...)                                                                    \
	do {                                                                                       \
		const struct place place_ = place_of(tree, mark);                                  \
		complain((tree)->complaints, &place_, __VA_ARGS__);                                \
	} while (0)

static int next_event(struct tree *tree, yaml_event_t *ret)
{
	if (yaml_parser_parse(&tree->parser, ret))
		return 0;
	if (tree->parser.error == YAML_MEMORY_ERROR)
		memory_out();
	if (tree->whole)
		syntax_refuse(tree->whole, &tree->parser, tree->complaints);
	else
		refuse(tree, &tree->parser.problem_mark, "%s", tree->parser.problem);
	return -EINVAL;
}

static void begin_source(const struct tree *tree, yaml_parser_t *parser)
{
	if (!yaml_parser_initialize(parser))
		memory_out();
	yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(parser,
				     (const unsigned char *)tree->source->text + tree->part.begin,
				     tree->part.end - tree->part.begin);
}

/* How many nodes the whole file has of its own: read once more, for files that
 * expand to more than what was read of them so far explains.
 */
static uint64_t count_nodes(const struct tree *tree)
{
	yaml_parser_t parser;
	yaml_event_t event;
	uint64_t nodes = 0;
	unsigned depth = 0;
	bool is_over = false;

	begin_source(tree, &parser);
	while (!is_over && yaml_parser_parse(&parser, &event)) {
		const yaml_event_type_t type = event.type;

		is_over = type == YAML_STREAM_END_EVENT;
		nodes += type == YAML_SCALAR_EVENT || type == YAML_ALIAS_EVENT;
		if (type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT) {
			nodes++;
			is_over = ++depth > TREE_DEPTH_MAX;
		}
		depth -= type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return nodes;
}

/* Counts what one alias adds. */
static int expand(struct tree *tree, uint64_t nodes, const yaml_mark_t *mark)
{
	tree->expanded += nodes;
	if (tree->expanded <= TREE_EXPANDED_MIN ||
	    tree->expanded <= tree->nodes * TREE_EXPANDED_FACTOR)
		return 0;
	if (!tree->expanded_max)
		tree->expanded_max = count_nodes(tree) * TREE_EXPANDED_FACTOR;
	if (tree->expanded_max < TREE_EXPANDED_MIN)
		tree->expanded_max = TREE_EXPANDED_MIN;
	if (tree->expanded <= tree->expanded_max)
		return 0;
	refuse(tree, mark, "aliases expand to more than %llu nodes",
	       (unsigned long long)tree->expanded_max);
	return -E2BIG;
}

static int read_alias(struct tree *tree, const yaml_event_t *event, struct value *ret)
{
	const char *name = (const char *)event->data.alias.anchor;
	const struct anchor *anchor = map_find(tree->anchors, name);

	tree->nodes++;
	if (!anchor) {
		refuse(tree, &event->start_mark, "no '&%.80s' stands above this '*%.80s'", name,
		       name);
		tree->is_void = true;
		return 0;
	}
	if (anchor->is_open) {
		refuse(tree, &event->start_mark, "'*%.80s' stands for something that it is part of",
		       name);
		tree->is_void = true;
		return 0;
	}
	*ret = anchor->value;
	return expand(tree, anchor->nodes, &event->start_mark);
}

static void examine_text(struct tree *tree, const yaml_event_t *event)
{
	const unsigned char *text = event->data.scalar.value;

	for (size_t i = 0; i < event->data.scalar.length; i++) {
		const bool is_c1 = text[i] == 0xc2 && text[i + 1] < 0xa0;

		if (text[i] >= 0x20 && text[i] != 0x7f && !is_c1)
			continue;
		if (text[i] == '\t' || text[i] == '\n' || text[i] == '\r')
			continue;
		refuse(tree, &event->start_mark,
		       "the text has the control character \\x%02x in it; only \\t, \\n and \\r may be",
		       is_c1 ? text[i + 1] : text[i]);
		return;
	}
}

static bool is_null(const yaml_event_t *event)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };

	/* Of a hundred thousand endpoints most scalars are longer. */
	if (event->data.scalar.length > 4)
		return false;
	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
		if (strcmp((const char *)event->data.scalar.value, nulls[i]) == 0)
			return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return false;
}

static enum value_style style_of(const yaml_event_t *event)
{
	switch (event->data.scalar.style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return VALUE_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return VALUE_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
		return VALUE_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return VALUE_FOLDED;
	case YAML_ANY_SCALAR_STYLE:
	case YAML_PLAIN_SCALAR_STYLE:
		break;
	}
	return VALUE_PLAIN;
}

static void read_scalar(struct tree *tree, const yaml_event_t *event, struct value *ret)
{
	const size_t len = event->data.scalar.length;

	tree->nodes++;
	if (len > TREE_SCALAR_MAX) {
		refuse(tree, &event->start_mark,
		       "a text of %zu bytes is longer than the limit of 64KiB", len);
		return;
	}
	examine_text(tree, event);
	ret->kind = is_null(event) ? VALUE_NULL : VALUE_SCALAR;
	ret->style = (uint8_t)style_of(event);
	ret->text = arena_text_len(tree->arena, (const char *)event->data.scalar.value, len);
	ret->count = (uint32_t)len;
}

static void refuse_tag(struct tree *tree, const yaml_event_t *event)
{
	const unsigned char *tag = NULL;

	if (event->type == YAML_SCALAR_EVENT)
		tag = event->data.scalar.tag;
	else if (event->type == YAML_SEQUENCE_START_EVENT)
		tag = event->data.sequence_start.tag;
	else if (event->type == YAML_MAPPING_START_EVENT)
		tag = event->data.mapping_start.tag;
	if (tag)
		refuse(tree, &event->start_mark,
		       "tags such as '%.80s' are not used here; remove it, or put the text into quotes",
		       tag);
}

static int read_list(struct tree *tree, struct value *ret)
{
	struct children children = { 0 };
	int r = 0;

	for (bool is_over = false; r == 0 && !is_over;) {
		struct value item = { 0 };
		yaml_event_t event;

		r = next_event(tree, &event);
		if (r < 0)
			break;
		is_over = event.type == YAML_SEQUENCE_END_EVENT;
		if (!is_over)
			r = read_value(tree, &event, &item);
		if (!is_over && r == 0)
			children_append(&children, &item);
		yaml_event_delete(&event);
	}
	ret->kind = VALUE_LIST;
	ret->count = (uint32_t)children.count;
	ret->items = children_take(&children, tree->arena);
	return r;
}

/* What `<<` brings: keys that are not there yet. */
static void merge(struct tree *tree, struct pairs *pairs, const struct value *value)
{
	const struct place place = value_place(value);

	if (value->kind == VALUE_LIST) {
		for (uint32_t i = 0; i < value->count; i++) {
			if (value->items[i].kind == VALUE_MAP)
				merge(tree, pairs, &value->items[i]);
		}
		return;
	}
	if (value->kind != VALUE_MAP && !tree->is_void)
		complain(tree->complaints, &place, "'<<' takes a mapping or a list of mappings");
	if (value->kind != VALUE_MAP) {
		tree->is_void = true;
		return;
	}
	for (uint32_t i = 0; i < value->count; i++)
		if (pairs_find(pairs, value->items[2 * i].text) == pairs->children.count / 2)
			pairs_add(pairs, &value->items[2 * i], &value->items[2 * i + 1]);
}

static bool is_merge(const struct value *key)
{
	return key->style == VALUE_PLAIN && strcmp(key->text, "<<") == 0;
}

static bool is_key(struct tree *tree, const yaml_event_t *event, const struct value *key)
{
	if (key->kind == VALUE_SCALAR && key->count <= 1024)
		return true;
	if (event->type == YAML_ALIAS_EVENT && key->kind == VALUE_NULL)
		return false; /* complained about already */
	refuse(tree, &event->start_mark,
	       key->kind == VALUE_SCALAR ? "this key is longer than 1024 bytes"
					 : "a key must be a text");
	return false;
}

/* One key and its value; the merges are kept for the end. */
static int read_pair(struct tree *tree, const yaml_event_t *key_event, struct pairs *pairs,
		     struct children *merges)
{
	struct value key = { 0 }, value = { 0 };
	yaml_event_t event;
	size_t twin;
	bool is_good;
	int r;

	r = read_value(tree, key_event, &key);
	if (r < 0)
		return r;
	is_good = is_key(tree, key_event, &key);
	r = next_event(tree, &event);
	if (r < 0)
		return r;
	r = read_value(tree, &event, &value);
	yaml_event_delete(&event);
	if (r < 0 || !is_good)
		return r;
	if (is_merge(&key)) {
		/* What is wrong with it is wrong here, not where its anchor stands. */
		value.line = key.line;
		value.column = key.column;
		children_append(merges, &value);
		return 0;
	}
	twin = pairs_find(pairs, key.text);
	if (twin < pairs->children.count / 2)
		refuse(tree, &key_event->start_mark, "'%.80s' stands here twice; first in line %u",
		       key.text, pairs->children.items[2 * twin].line);
	else
		pairs_add(pairs, &key, &value);
	return 0;
}

static int read_map(struct tree *tree, struct value *ret)
{
	struct pairs pairs = { 0 };
	struct children merges = { 0 };
	int r = 0;

	for (bool is_over = false; r == 0 && !is_over;) {
		yaml_event_t event;

		r = next_event(tree, &event);
		if (r < 0)
			break;
		is_over = event.type == YAML_MAPPING_END_EVENT;
		if (!is_over)
			r = read_pair(tree, &event, &pairs, &merges);
		yaml_event_delete(&event);
	}
	for (size_t i = 0; i < merges.count; i++)
		merge(tree, &pairs, &merges.items[i]);
	free(merges.items);
	pairs_done(&pairs);
	ret->kind = VALUE_MAP;
	ret->count = (uint32_t)(pairs.children.count / 2);
	ret->items = children_take(&pairs.children, tree->arena);
	return r;
}

static struct anchor *open_anchor(struct tree *tree, const yaml_char_t *name)
{
	struct anchor *anchor;

	if (!name)
		return NULL;
	anchor = arena_take(tree->arena, sizeof(*anchor));
	anchor->is_open = true;
	map_set(tree->anchors, arena_text(tree->arena, (const char *)name), anchor);
	return anchor;
}

static int read_nested(struct tree *tree, const yaml_event_t *event, struct value *ret)
{
	const bool is_map = event->type == YAML_MAPPING_START_EVENT;
	int r;

	if (tree->depth == TREE_DEPTH_MAX) {
		refuse(tree, &event->start_mark, "lists and mappings more than %d levels deep",
		       TREE_DEPTH_MAX);
		return -E2BIG;
	}
	tree->nodes++;
	tree->depth++;
	r = is_map ? read_map(tree, ret) : read_list(tree, ret);
	tree->depth--;
	return r;
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT)
		return event->data.scalar.anchor;
	return event->type == YAML_MAPPING_START_EVENT ? event->data.mapping_start.anchor
						       : event->data.sequence_start.anchor;
}

static int read_value(struct tree *tree, const yaml_event_t *event, struct value *ret)
{
	const uint64_t before = tree->nodes + tree->expanded;
	struct anchor *anchor;
	int r = 0;

	ret->file = tree->source->name;
	ret->line = tree->part.line + (uint32_t)event->start_mark.line + 1;
	ret->column = (uint32_t)event->start_mark.column + 1;
	ret->text = "";
	if (event->type == YAML_ALIAS_EVENT)
		return read_alias(tree, event, ret);
	refuse_tag(tree, event);
	anchor = open_anchor(tree, anchor_of(event));
	if (event->type == YAML_SCALAR_EVENT)
		read_scalar(tree, event, ret);
	else
		r = read_nested(tree, event, ret);
	if (anchor)
		*anchor = (struct anchor){
			.value = *ret,
			.nodes = tree->nodes + tree->expanded - before,
		};
	return r;
}

/* The one document of the stream. */
static int read_stream(struct tree *tree, struct value *ret)
{
	unsigned documents = 0;
	int r = 0;

	for (bool is_over = false; r == 0 && !is_over;) {
		yaml_event_t event;

		r = next_event(tree, &event);
		if (r < 0)
			break;
		is_over = event.type == YAML_STREAM_END_EVENT;
		if (event.type == YAML_DOCUMENT_START_EVENT && documents++) {
			refuse(tree, &event.start_mark,
			       "a second document begins here; a file holds one, so move this into "
			       "a file of its own that is included");
			is_over = true;
		} else if (event.type == YAML_SCALAR_EVENT || event.type == YAML_ALIAS_EVENT ||
			   event.type == YAML_SEQUENCE_START_EVENT ||
			   event.type == YAML_MAPPING_START_EVENT) {
			r = read_value(tree, &event, ret);
		}
		yaml_event_delete(&event);
	}
	return r;
}

static int read_text(struct tree *tree, struct value *ret_root)
{
	struct value root = { .file = tree->source->name, .line = 1, .column = 1, .text = "" };
	int r;

	tree->anchors = map_new();
	begin_source(tree, &tree->parser);
	r = read_stream(tree, &root);
	yaml_parser_delete(&tree->parser);
	map_free(tree->anchors);
	if (r < 0 || tree->is_void)
		return -EINVAL;
	*ret_root = root;
	return 0;
}

int tree_read(struct source *source, struct arena *arena, struct complaints *complaints,
	      struct value *ret_root)
{
	struct tree tree = {
		.source = source,
		.whole = source,
		.part.end = source->len,
		.arena = arena,
		.complaints = complaints,
	};
	const int r = source_examine(source, complaints);

	return r < 0 ? r : read_text(&tree, ret_root);
}

int tree_read_part(const struct source *source, const struct part *part, struct arena *arena,
		   struct complaints *complaints, struct value *ret_root)
{
	struct tree tree = {
		.source = source,
		.part = *part,
		.arena = arena,
		.complaints = complaints,
		/* The mapping of the file is one level. */
		.depth = part->begin > 0,
	};

	return read_text(&tree, ret_root);
}
