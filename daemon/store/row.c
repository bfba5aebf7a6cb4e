/* row.c - rows packed into bytes: statement, count, and of each value its kind, length, data. */
#include <assert.h>
#include <string.h>

#include "store/row.h"

enum { HEAD_BYTES = 2 };

void pack_done(struct pack *pack)
{
	text_done(&pack->bytes);
	*pack = (struct pack){ 0 };
}

void pack_begin(struct pack *pack, unsigned statement)
{
	const unsigned char head[HEAD_BYTES] = { (unsigned char)statement, 0 };

	assert(statement <= UINT8_MAX);
	pack->begun = pack->bytes.len;
	pack->rows++;
	text_append_len(&pack->bytes, head, sizeof(head));
}

static void begin_value(struct pack *pack, enum store_kind kind)
{
	const unsigned char byte = (unsigned char)kind;

	assert((unsigned char)pack->bytes.data[pack->begun + 1] < STORE_VALUES_MAX);
	pack->bytes.data[pack->begun + 1]++;
	text_append_len(&pack->bytes, &byte, sizeof(byte));
}

void pack_number(struct pack *pack, int64_t number)
{
	begin_value(pack, STORE_NUMBER);
	text_append_len(&pack->bytes, &number, sizeof(number));
}

static void add_data(struct pack *pack, enum store_kind kind, const void *data, size_t len)
{
	begin_value(pack, kind);
	text_append_len(&pack->bytes, &len, sizeof(len));
	text_append_len(&pack->bytes, data, len);
	text_append_len(&pack->bytes, "", 1);
}

void pack_text(struct pack *pack, const char *text)
{
	if (text)
		add_data(pack, STORE_TEXT, text, strlen(text));
	else
		begin_value(pack, STORE_NULL);
}

void pack_bytes(struct pack *pack, const void *data, size_t len)
{
	if (data)
		add_data(pack, STORE_BYTES, data, len);
	else
		begin_value(pack, STORE_NULL);
}

static struct store_value read_value(const struct pack *pack, size_t *at)
{
	const char *data = pack->bytes.data;
	struct store_value value = { .kind = (enum store_kind)data[(*at)++] };

	if (value.kind == STORE_NUMBER) {
		memcpy(&value.number, data + *at, sizeof(value.number));
		*at += sizeof(value.number);
	} else if (value.kind != STORE_NULL) {
		memcpy(&value.len, data + *at, sizeof(value.len));
		value.data = data + *at + sizeof(value.len);
		*at += sizeof(value.len) + value.len + 1;
	}
	return value;
}

bool pack_next(const struct pack *pack, size_t *at, struct store_row *ret_row)
{
	if (*at == pack->bytes.len)
		return false;
	ret_row->statement = (unsigned char)pack->bytes.data[*at];
	ret_row->count = (unsigned char)pack->bytes.data[*at + 1];
	*at += HEAD_BYTES;
	for (unsigned i = 0; i < ret_row->count; i++)
		ret_row->values[i] = read_value(pack, at);
	return true;
}
