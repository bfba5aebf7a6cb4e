/* rig.h - a history with a store of its own and a clock that is an argument. */
#pragma once

#include "history/history.h"
#include "history/past.h"
#include "model/roster.h"
#include "store/store.h"

struct rig {
	char folder[64];
	struct store *store;
	struct history *history;
	struct history_settings settings;
	struct roster roster;
	struct endpoint *endpoints; /* owned, and their names */
	unsigned count;
	usec_t wall;
	bool is_loaded;
	bool is_hasty; /* time goes on while the store has something to do, but not too much */
};

/* So many endpoints, "e0", "e1", …, that are up since `wall`. */
void rig_init(struct rig *rig, unsigned count, usec_t wall);
void rig_done(struct rig *rig);
/* The run ends, by a signal or by SIGKILL; another one begins later. */
void rig_stop(struct rig *rig, bool is_killed);
void rig_start(struct rig *rig, usec_t wall);

/* A check of one at rig->wall; `failure` is CLASS_NONE where it passes. */
void rig_check(struct rig *rig, unsigned endpoint, usec_t latency, enum failure_class failure);
/* Its state is another one since then. */
void rig_set_state(struct rig *rig, unsigned endpoint, enum state state, usec_t since);
/* Maintenance begins or ends now. */
void rig_maintain(struct rig *rig, unsigned endpoint, bool is_on);
/* Time goes on, and history has its turns; the store is idle then. */
void rig_pass(struct rig *rig, usec_t until);
/* What is read back; the steps are to be freed. */
struct past rig_ask(struct rig *rig, unsigned endpoint, usec_t from, usec_t step);
