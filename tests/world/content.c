/* content.c - text, documents of any size, and both compressed. */
#include "content.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "base/memory.h"

#define MOST_BODIES 256

struct stored {
	char *key; /* owned */
	char *data; /* owned */
	size_t len;
};

struct shelf {
	struct map *bodies; /* of struct stored, owned */
};

struct shelf *shelf_new(void)
{
	struct shelf *shelf = MEMORY_NEW(struct shelf);

	shelf->bodies = map_new();
	return shelf;
}

static void stored_free(struct stored *stored)
{
	free(stored->key);
	free(stored->data);
	free(stored);
}

void shelf_free(struct shelf *shelf)
{
	const char *key;
	size_t at = 0;
	void *value;

	while (map_next(shelf->bodies, &at, &key, &value))
		stored_free(value);
	map_free(shelf->bodies);
	free(shelf);
}

static char *filler_new(size_t size)
{
	static const char line[] = "The quick brown fox jumps over the lazy dog.\n";
	char *data = memory_new(size + 1, 1);

	for (size_t at = 0; at < size; at += sizeof(line) - 1)
		memcpy(data + at, line,
		       size - at < sizeof(line) - 1 ? size - at : sizeof(line) - 1);
	return data;
}

/* A document of exactly `size` bytes, if that is enough for the frame around the items. */
static char *document_new(size_t size, size_t *ret_len)
{
	cleanup(text)
	struct text text = { 0 };
	size_t items = 0;

	text_append(&text, "{\"status\":\"UP\"");
	if (size > 256) {
		text_append(&text, ",\"items\":[");
		while (text.len + 128 < size) {
			text_print(
				&text,
				"%s{\"id\":%zu,\"name\":\"item %zu\",\"ok\":true,\"load\":%zu.5}",
				items ? "," : "", items, items, items % 100);
			items++;
		}
		text_print(&text, "],\"count\":%zu,\"pad\":\"", items);
		while (text.len + 2 < size)
			text_append_char(&text, '.');
		text_append_char(&text, '"');
	}
	text_append_char(&text, '}');
	*ret_len = text.len;
	return text_take(&text);
}

static void compress_stored(struct stored *stored, bool broken)
{
	z_stream stream = { 0 };
	char *packed;
	int r;

	/* 16 more window bits ask for a gzip frame (zlib.h, deflateInit2). */
	r = deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	assert(r == Z_OK);
	const size_t room = deflateBound(&stream, stored->len);
	packed = memory_new(room, 1);
	stream.next_in = (Bytef *)stored->data;
	stream.avail_in = (uInt)stored->len;
	stream.next_out = (Bytef *)packed;
	stream.avail_out = (uInt)room;
	r = deflate(&stream, Z_FINISH);
	assert(r == Z_STREAM_END);
	free(stored->data);
	stored->data = packed;
	stored->len = stream.total_out;
	(void)deflateEnd(&stream);
	if (broken)
		memset(packed + stored->len / 2, 0xa5, stored->len - stored->len / 2);
}

static struct stored *stored_new(const struct step *step)
{
	struct stored *stored = MEMORY_NEW(struct stored);

	if (step->content == CONTENT_FILLER) {
		stored->data = filler_new(step->size);
		stored->len = step->size;
	} else if (step->content == CONTENT_JSON) {
		stored->data = document_new(step->size, &stored->len);
	} else {
		stored->data = memory_text(step->body ? step->body : "ok\n");
		stored->len = strlen(stored->data);
	}
	if (step->is_gzip)
		compress_stored(stored, step->is_bad_gzip);
	return stored;
}

struct content_bytes shelf_take(struct shelf *shelf, const struct step *step)
{
	struct stored *stored;
	char *key;

	if (step->content == CONTENT_TEXT && !step->is_gzip) {
		const char *body = step->body ? step->body : "ok\n";

		return (struct content_bytes){ body, strlen(body) };
	}
	key = memory_print("%d %zu %d%d %s", (int)step->content, step->size, step->is_gzip,
			   step->is_bad_gzip, step->body ? step->body : "");
	stored = map_find(shelf->bodies, key);
	if (stored) {
		free(key);
	} else {
		if (map_count(shelf->bodies) >= MOST_BODIES) {
			/* A script asks for a handful of sizes; more than that is a mistake. */
			(void)fputs("world: more than 256 different bodies\n", stderr);
			exit(1);
		}
		stored = stored_new(step);
		stored->key = key;
		(void)map_set(shelf->bodies, stored->key, stored);
	}
	return (struct content_bytes){ stored->data, stored->len };
}
