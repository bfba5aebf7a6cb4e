/* message.h - questions read and records written as they are on the wire.
 *
 * Source: RFC 1035, 4.1.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct zone_reply;

/* The first question's name in lower case, and where the question ends.  0 or -EINVAL. */
int message_question(const uint8_t *query, size_t len, char name[256], unsigned *ret_type,
		     size_t *ret_end);

/* What does not fit is left out. */
void message_put(struct zone_reply *reply, const void *data, size_t len);
void message_put_number(struct zone_reply *reply, uint32_t number, size_t bytes);
/* The name of the question where `name` is NULL; returns how many bytes it takes. */
size_t message_put_name(struct zone_reply *reply, const char *name);
/* All of a record that stands before its data. */
void message_put_record(struct zone_reply *reply, const char *owner, unsigned type, uint32_t ttl);
