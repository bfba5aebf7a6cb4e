/* told.h - within alert/: what one receiver knows of one incident, and rows of it. */
#pragma once

#include "alert/teller.h"

/* Another one at the incident, nothing told yet. */
struct told *told_new(struct incident *incident, struct bundle *bundle);
void told_free_all(struct incident *incident);

/* Rows for the store. */
void told_pack(const struct told *told, struct pack *rows);
void told_pack_drop(const struct incident *incident, struct pack *rows);
void told_pack_notification(const struct notification *notification, struct pack *rows);
void told_pack_drop_notification(const char *id, struct pack *rows);
/* The message was given up. */
void told_pack_failed(const struct notification *notification, struct pack *rows);

/* Rows from it: whether it makes sense, and whose it is (borrowed from the row). */
bool told_is_sound(const struct store_row *row, const char **ret_receiver, const char **ret_key);
const char *told_incident(const struct store_row *row);
void told_take(struct told *told, const struct store_row *row);
/* NULL where it makes no sense. */
struct notification *told_take_notification(const struct store_row *row, const char **ret_receiver,
					    const char **ret_key);
