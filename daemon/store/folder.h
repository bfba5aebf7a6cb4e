/* folder.h - within store/: the folder of the store, its lock, and what lies where in it.
 *
 *   lock              held by the daemon that runs here
 *   picket.db         the store
 *   picket.db.corrupt the last one that was found broken
 *   picket-vN.db      used instead where picket.db is of a newer version than N, our own
 *
 * Sources: flock(2), statfs(2).
 */
#pragma once

#include <stdbool.h>

struct folder {
	const char *path; /* borrowed */
	int lock; /* owned descriptor; -1: not held */
};

/* Makes the folder where only its last part is missing, and takes the lock: 0, -EBUSY where
 * another process has it, or -errno.
 */
int folder_enter(struct folder *folder);
void folder_leave(struct folder *folder);
/* "nfs", … where the folder is on another machine, which breaks locks and syncs; or NULL. */
const char *folder_network(const struct folder *folder);

/* FOLDER/NAME; malloc'ed. */
char *folder_file(const struct folder *folder, const char *name);
/* Renames a file of SQLite's with its log to PATH.corrupt.  0 or -errno. */
int folder_set_aside(const char *path);
