/* rename.c - an endpoint that had another name goes on with what is known of it. */
#include <stdlib.h>
#include <string.h>

#include "alert/alert.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/snapshot.h"
#include "engine/keep.h"
#include "history/history.h"

static void pack_names(struct pack *rows, enum store_write statement, const char *before,
		       const char *now)
{
	pack_begin(rows, statement);
	pack_text(rows, before);
	pack_text(rows, now);
}

static void pack_hashes(struct pack *rows, enum store_write statement, uint64_t before,
			uint64_t now)
{
	pack_begin(rows, statement);
	pack_number(rows, (int64_t)before);
	pack_number(rows, (int64_t)now);
}

/* All that the file has of it; what it has of the new name already counts more. */
static void pack_rename(struct pack *rows, const char *before, const struct endpoint *now)
{
	const uint64_t hash = hash_name(before);

	pack_names(rows, STORE_RENAME_ENDPOINT, before, now->name);
	keep_pack_drop(rows, STORE_DROP_ENDPOINT, before);
	pack_names(rows, STORE_RENAME_PULSE, before, now->name);
	keep_pack_drop(rows, STORE_DROP_PULSE, before);
	pack_names(rows, STORE_RENAME_MARKS, before, now->name);
	pack_names(rows, STORE_RENAME_INCIDENTS, before, now->name);
	pack_hashes(rows, STORE_COPY_MINUTES, hash, now->hash);
	pack_hashes(rows, STORE_LEAVE_MINUTES, hash, now->hash);
	pack_hashes(rows, STORE_COPY_HOURS, hash, now->hash);
	pack_hashes(rows, STORE_LEAVE_HOURS, hash, now->hash);
}

static void log_rename(const char *before, const char *now)
{
	log_line(LOG_NOTICE, "'%s' was called '%s', and goes on with what is known of it", now,
		 before);
}

const struct store_row *rename_row(struct engine *engine, const struct store_row *row,
				   struct store_row *ret_renamed)
{
	const unsigned column = row->statement == STORE_READ_INCIDENTS ? 1 : 0;
	const char *name = column < row->count ? row->values[column].data : NULL;
	const bool has_name =
		row->statement == STORE_READ_ENDPOINTS || row->statement == STORE_READ_PULSES ||
		row->statement == STORE_READ_INCIDENTS || row->statement == STORE_READ_MARKS;
	const struct endpoint *endpoint;

	if (!has_name || !name || !engine->snapshot->renames_count)
		return row;
	endpoint = snapshot_find_renamed(engine->snapshot, name);
	if (!endpoint || !roster_find(&engine->roster, endpoint->name))
		return row;
	if (row->statement == STORE_READ_ENDPOINTS) {
		pack_rename(&engine->keep->gone, name, endpoint);
		log_rename(name, endpoint->name);
	}
	*ret_renamed = *row;
	ret_renamed->values[column].data = endpoint->name;
	ret_renamed->values[column].len = strlen(endpoint->name);
	return ret_renamed;
}

const struct endpoint *rename_find(const struct engine *engine, const struct snapshot *next,
				   const struct watch *old)
{
	const struct endpoint *endpoint = snapshot_find_renamed(next, old->endpoint->name);

	return endpoint && !roster_find(&engine->roster, endpoint->name) ? endpoint : NULL;
}

/* One that goes on under another name. */
struct rename {
	struct watch *watch;
	const struct endpoint *endpoint;
};

void rename_note(struct renames *renames, struct watch *watch, const struct endpoint *endpoint)
{
	if (renames->count == renames->room) {
		renames->room = (uint32_t)memory_next_room(renames->room, renames->count + 1u);
		renames->list = memory_grow(renames->list, renames->room, sizeof(*renames->list));
	}
	renames->list[renames->count++] = (struct rename){ watch, endpoint };
}

static void rename_watch(struct engine *engine, struct watch *watch,
			 const struct endpoint *endpoint, struct snapshot *snapshot)
{
	cleanup(free)
	char *before = memory_text(watch->endpoint->name);
	struct pack *rows = keep_rows(engine);

	if (rows)
		pack_rename(rows, before, endpoint);
	roll_change(engine, watch, endpoint, snapshot);
	if (engine->history)
		history_rename(engine->history, watch);
	keep_watch(engine, watch);
	keep_commit(engine);
	log_rename(before, endpoint->name);
}

static const char *name_now(const char *before, void *snapshot)
{
	const struct endpoint *endpoint = snapshot_find_renamed(snapshot, before);

	return endpoint ? endpoint->name : NULL;
}

void rename_all(struct engine *engine, struct renames *renames, struct snapshot *next)
{
	for (uint32_t i = 0; i < renames->count; i++)
		rename_watch(engine, renames->list[i].watch, renames->list[i].endpoint, next);
	renames->count = 0;
	if (next->renames_count)
		alert_rename(engine->alert, name_now, next);
}
