/* kept.h - watches as rows of the store: what is known of an endpoint over a restart.
 *
 * States, classes and phases are kept by their names, which never change, and times as
 * microseconds since 1970.  Loop thread only.
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"

struct pack;
struct store_row;
struct watch;

/* Adds the row STORE_PUT_ENDPOINT. */
void kept_pack_watch(const struct watch *watch, struct pack *rows);

/* The name in a row of STORE_READ_ENDPOINTS. */
const char *kept_name(const struct store_row *row);
/* Fills in what the row says of a watch that has not been checked yet: standing, last checks,
 * evidence, pause_asked.  False, and nothing is changed, where it makes no sense.
 */
bool kept_take_watch(struct watch *watch, const struct store_row *row);
