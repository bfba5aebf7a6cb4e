/* row.h - rows on their way between the loop and the store's thread, packed into bytes.
 *
 * A row is the number of its statement and some values.  Numbers are 64 bits, times are
 * microseconds since 1970.  No thread of its own: whoever has a pack has it alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum { STORE_VALUES_MAX = 32 };

enum store_kind { STORE_NULL, STORE_NUMBER, STORE_TEXT, STORE_BYTES };

struct store_value {
	enum store_kind kind;
	int64_t number;
	const char *data; /* borrowed from the pack; a NUL stands behind it; else NULL */
	size_t len;
};

struct store_row {
	unsigned statement; /* enum store_write, store_read or store_ask */
	unsigned count;
	struct store_value values[STORE_VALUES_MAX];
};

/* Rows that are together. */
struct pack {
	struct text bytes;
	size_t rows;
	size_t begun; /* where the last row begins */
};

void pack_done(struct pack *pack);
/* A row begins; its values follow, in order. */
void pack_begin(struct pack *pack, unsigned statement);
void pack_number(struct pack *pack, int64_t number);
/* NULL is no value. */
void pack_text(struct pack *pack, const char *text);
void pack_bytes(struct pack *pack, const void *data, size_t len);

/* The row at *at, which then is behind it; false at the end. */
bool pack_next(const struct pack *pack, size_t *at, struct store_row *ret_row);
