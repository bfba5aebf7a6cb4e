/* orphans.h - who outlives the programs that we started: processes that left their group.
 *
 * A program that forks twice, or calls setsid(2), leaves somebody whom no signal to its
 * process group reaches.  This process is the reaper of all its descendants
 * (PR_SET_CHILD_SUBREAPER), so that they become its children when their parents end; then
 * they are killed, and reaped, as soon as no program runs any more that may have started
 * them: none that was started before they were.  As process 1 they may be anybody's (of a
 * container), so they are only reaped.
 *
 * One for a process, since children are a process's.  Loop thread only.  Sources:
 * PR_SET_CHILD_SUBREAPER(2const), proc_pid_task(5) on `children`, proc_pid_stat(5).
 */
#pragma once

#include "base/list.h"

struct children;
struct event_base;
struct orphans;

struct orphans *orphans_new(struct event_base *base);
/* Ends and reaps those that are left, within a quarter of a second.  After all children. */
void orphans_free(struct orphans *orphans);

/* For child.c: who has children, by a link of theirs; and that one of them has ended. */
void orphans_join(struct orphans *orphans, struct list *family);
void orphans_look(struct orphans *orphans);
