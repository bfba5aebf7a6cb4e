/* shed.h - within engine/: configurations that ran before, until they are gone.  Loop thread only. */
#pragma once

struct event_base;
struct shed;
struct snapshot;

struct shed *shed_new(struct event_base *base);
/* Waits for what is being let go. */
void shed_free(struct shed *shed);
/* Takes the reference over. */
void shed_snapshot(struct shed *shed, struct snapshot *snapshot);
