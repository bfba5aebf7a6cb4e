/* changes.h - which of a few files may have changed, by inotify.
 *
 * Their folders are watched, so that replacing a file (rename(2)) is seen, and
 * those of what symbolic links lead to.  Loop thread only.  Source: inotify(7).
 */
#pragma once

#include <stdbool.h>

struct changes;
struct event_base;

/* `paths` ends with NULL, has at most 8, and is borrowed.  All count as changed at
 * first.  Where the kernel has no inotify instance left, none ever changes again.
 */
struct changes *changes_new(struct event_base *base, const char *const *paths);
void changes_free(struct changes *changes);

/* Whether paths[index] may have changed since the last such question. */
bool changes_take(struct changes *changes, unsigned index);
