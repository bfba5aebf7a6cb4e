/* kept_silence.h - silences as rows of the store.  Loop thread only. */
#pragma once

struct pack;
struct silence;
struct store_row;

/* Adds the row STORE_PUT_SILENCE, or STORE_DROP_SILENCE. */
void kept_pack_silence(const struct silence *silence, struct pack *rows);
void kept_pack_drop_silence(const char *id, struct pack *rows);
/* The silence of a row of STORE_READ_SILENCES, without `until` and `number`; NULL where it makes
 * no sense.
 */
struct silence *kept_take_silence(const struct store_row *row);
