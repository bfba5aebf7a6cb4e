/* world.h - all that one world of endpoints is made of.  One thread, one loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/list.h"

struct certificates;
struct event;
struct event_base;
struct ledger;
struct script;
struct shelf;
struct zone;

struct world {
	struct event_base *base; /* owned, as all below */
	struct script *script;
	struct zone *zone;
	struct ledger *ledger;
	struct shelf *shelf;
	struct certificates *certificates; /* NULL: no TLS */
	struct list conns; /* of struct conn */
	struct list waiting; /* of struct conn: asked to be told later */
	bool is_clocked; /* notes when requests came in and how long answers took */
	struct event *wait_timer; /* runs while somebody waits */
};
