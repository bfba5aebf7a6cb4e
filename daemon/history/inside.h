/* inside.h - within history/: what its files share. */
#pragma once

#include "base/list.h"
#include "base/text.h"
#include "history/absence.h"
#include "history/bucket.h"
#include "history/history.h"
#include "store/row.h"
#include "store/store.h"

#define HISTORY_SPAN (5 * USEC_PER_MIN)

enum {
	SPANS_AN_HOUR = 12,
	HOURS_A_DAY = 24,
	/* Keys are hashes, so their first bits cut them into equal parts. */
	PARTS = 64,
	TRACKS_A_CHUNK = 256,
};

struct track {
	struct bucket bucket;
	struct timeline timeline;
	uint64_t key; /* hash of the name */
	bool is_there;
	bool is_unsure; /* from before an absence, until it is checked */
	bool is_unkept; /* the file has not all of its timeline */
	bool wants_past; /* what the file has of it was not asked for yet */
};

enum round_step { ROUND_REST, ROUND_CLOSE, ROUND_WRITE };

struct ageing;
struct comeback;

/* Where the work that comes every five minutes has come to. */
struct round {
	enum round_step step;
	uint32_t span; /* those before it are closed */
	uint32_t at; /* the track, or the part, that is next */
	uint32_t refill_at; /* of the tracks; UINT32_MAX: nothing is to be filled */
	bool is_ending;
};

struct history {
	struct store *store; /* borrowed; or NULL */
	struct history_settings settings;
	struct track **chunks; /* owned, and each of them: tracks by watch id */
	uint32_t room; /* ids are below this; a multiple of TRACKS_A_CHUNK */
	struct absences absences;
	struct pack parts[PARTS]; /* rows of closed buckets, until they are written */
	size_t waiting_bytes;
	uint64_t lost;
	struct round round;
	usec_t beat; /* wall of the last turn */
	bool is_loaded; /* all that the file had at the start was taken */
	bool has_begun;
	bool wants_past; /* some track does */
	char *orphan; /* owned; a name in the file that nobody watches, or NULL */
	bool is_orphan_open; /* as if it were still watched */
	usec_t away,
		back; /* wall; when the run before was there last, and when we came; away 0: there was none */
	struct comeback *comeback; /* owned; the job that is under way, or NULL (return.c) */
	struct ageing *ageing; /* owned; the job that is under way, or NULL (age.c) */
	struct list asks; /* of what was asked and is not answered (past.c) */
};

static inline unsigned history_part(uint64_t key)
{
	return (unsigned)(key >> 58);
}

/* One below `room`, whether anybody has it or not. */
static inline struct track *history_track_at(const struct history *history, uint32_t id)
{
	return &history->chunks[id / TRACKS_A_CHUNK][id % TRACKS_A_CHUNK];
}

/* The track of a watch, or NULL. */
struct track *history_track(const struct history *history, const struct watch *watch);
/* The open bucket becomes a row that waits. */
void history_close(struct history *history, struct track *track);

/* age.c: begins where none is under way. */
void history_age(struct history *history, usec_t wall);
/* return.c: the same for those that want their past. */
void history_ask_marks(struct history *history, const struct roster *roster);
void history_free_comeback(struct comeback *comeback);
/* past.c */
void history_free_asks(struct history *history);
