/* kept_silence.c - silences as rows of the store. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "model/kept_silence.h"
#include "model/silence.h"
#include "store/row.h"
#include "store/schema.h"

/* The columns, in the order of statements.inc. */
enum column { ID, MATCH, GROUP, LABELS, MADE_AT, ENDS_AT, MADE_BY, COMMENT, COLUMNS };

/* Key and value of one after the other, a NUL behind each. */
static void pack_labels(const struct silence *silence, struct pack *rows)
{
	struct text labels = { 0 };

	for (unsigned i = 0; i < silence->labels_count; i++) {
		const struct label *label = &silence->labels[i];

		text_append_len(&labels, label->key, strlen(label->key) + 1);
		text_append_len(&labels, label->value, strlen(label->value) + 1);
	}
	pack_bytes(rows, labels.data, labels.len);
	text_done(&labels);
}

void kept_pack_silence(const struct silence *silence, struct pack *rows)
{
	pack_begin(rows, STORE_PUT_SILENCE);
	pack_text(rows, silence->id);
	pack_text(rows, silence->match);
	pack_text(rows, silence->group);
	pack_labels(silence, rows);
	pack_number(rows, (int64_t)silence->made);
	pack_number(rows, (int64_t)silence->ends);
	pack_text(rows, silence->by);
	pack_text(rows, silence->comment);
}

void kept_pack_drop_silence(const char *id, struct pack *rows)
{
	pack_begin(rows, STORE_DROP_SILENCE);
	pack_text(rows, id);
}

static const char *text_of(const struct store_row *row, enum column column)
{
	return row->values[column].kind == STORE_TEXT ? row->values[column].data : NULL;
}

static char *copy_of(const struct store_row *row, enum column column)
{
	const char *text = text_of(row, column);

	return text ? memory_text(text) : NULL;
}

static usec_t time_of(const struct store_row *row, enum column column)
{
	const struct store_value *value = &row->values[column];

	return value->kind == STORE_NUMBER && value->number > 0 ? (usec_t)value->number : 0;
}

/* Whether they are pairs, and not too many. */
static bool take_labels(const struct store_row *row, struct silence *silence)
{
	const struct store_value *value = &row->values[LABELS];
	const char *at = value->data, *end;

	if (value->kind != STORE_BYTES)
		return value->kind == STORE_NULL;
	end = at + value->len;
	while (at < end) {
		const char *key = at, *label = key + strnlen(key, (size_t)(end - key)) + 1;

		if (label >= end || silence->labels_count == SILENCE_LABELS_MAX)
			return false;
		at = label + strnlen(label, (size_t)(end - label)) + 1;
		if (at > end)
			return false;
		silence_add_label(silence, key, label);
	}
	return true;
}

struct silence *kept_take_silence(const struct store_row *row)
{
	const char *id = row->count == COLUMNS ? text_of(row, ID) : NULL;
	struct silence *silence;

	if (!id || strlen(id) != SILENCE_ID_SIZE - 1 || !text_of(row, MATCH) ||
	    !time_of(row, MADE_AT) || !time_of(row, ENDS_AT))
		return NULL;
	silence = silence_new(text_of(row, MATCH));
	if (!take_labels(row, silence)) {
		silence_free(silence);
		return NULL;
	}
	memcpy(silence->id, id, SILENCE_ID_SIZE);
	silence->group = copy_of(row, GROUP);
	silence->made = time_of(row, MADE_AT);
	silence->ends = time_of(row, ENDS_AT);
	silence->by = copy_of(row, MADE_BY);
	silence->comment = copy_of(row, COMMENT);
	return silence;
}
