/* kept_pulse.h - the beats of heartbeats as rows of the store.
 *
 * Times are microseconds since 1970, words those of the API.  Loop thread only.
 */
#pragma once

#include <stdbool.h>

#include "model/pulse.h"

struct pack;
struct store_row;
struct watch;

/* Adds the row STORE_PUT_PULSE of a watch that has a pulse. */
void kept_pack_pulse(const struct watch *watch, struct pack *rows);
/* Fills in what a row of STORE_READ_PULSES says, where no end of a job was heard of since the
 * start.  False, and nothing is changed, where it makes no sense or is older.
 */
bool kept_take_pulse(struct watch *watch, const struct store_row *row, struct instant now);
