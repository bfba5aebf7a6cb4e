/* told.h - within alert/: what one receiver knows of one incident, and rows of it. */
#pragma once

#include "alert/teller.h"

/* Another one at the incident, nothing told yet. */
struct told *told_new(struct incident *incident, struct bundle *bundle);
/* Of its incident; out of its bundle, which may be released behind that. */
void told_free(struct teller *teller, struct told *told);
/* Counts it in its bundle as what it is now. */
void told_count(struct told *told);
/* A message was made of it, and it is not noted yet. */
bool told_is_news(const struct told *told);
/* Neither pending nor a member any more. */
void told_leave(struct told *told);
/* To another bundle of its receiver, in which it is not pending yet. */
void told_move(struct told *told, struct bundle *bundle);
/* This message told it, or NULL. */
void told_set_message(struct told *told, struct notification *message);

/* Rows for the store. */
void told_pack(const struct told *told, struct pack *rows);
void told_pack_drop(const struct incident *incident, struct pack *rows);
void told_pack_notification(const struct notification *notification, struct pack *rows);
void told_pack_drop_notification(const char *id, struct pack *rows);
/* What became of the message, for all that it told. */
void told_pack_state(const struct notification *notification, struct pack *rows);

/* Rows from it: whether it makes sense, and whose it is (borrowed from the row). */
bool told_is_sound(const struct store_row *row, const char **ret_receiver, const char **ret_key);
const char *told_incident(const struct store_row *row);
void told_take(struct told *told, const struct store_row *row);
uint64_t told_sequence(const struct store_row *row);
/* NULL where it makes no sense. */
struct notification *told_take_notification(const struct store_row *row, const char **ret_receiver,
					    const char **ret_key);
