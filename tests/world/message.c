/* message.c - questions read and records written as they are on the wire. */
#include "message.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "zone.h"

int message_question(const uint8_t *query, size_t len, char name[256], unsigned *ret_type,
		     size_t *ret_end)
{
	size_t at = 12, to = 0;

	while (at < len && query[at] != 0) {
		size_t label = query[at++];

		if (label > 63 || at + label >= len || to + label + 1 > 254)
			return -EINVAL;
		if (to > 0)
			name[to++] = '.';
		for (size_t i = 0; i < label; i++)
			name[to++] = (char)tolower(query[at++]);
	}
	if (at + 5 > len)
		return -EINVAL;
	name[to] = '\0';
	*ret_type = (unsigned)query[at + 1] << 8 | query[at + 2];
	*ret_end = at + 5;
	return 0;
}

void message_put(struct zone_reply *reply, const void *data, size_t len)
{
	if (reply->len + len > sizeof(reply->data))
		return;
	memcpy(reply->data + reply->len, data, len);
	reply->len += len;
}

void message_put_number(struct zone_reply *reply, uint32_t number, size_t bytes)
{
	while (bytes-- > 0)
		message_put(reply, &(uint8_t){ (uint8_t)(number >> 8 * bytes) }, 1);
}

size_t message_put_name(struct zone_reply *reply, const char *name)
{
	const size_t before = reply->len;

	while (name && *name) {
		size_t label = strcspn(name, ".");

		message_put_number(reply, (uint32_t)(label & 63), 1);
		message_put(reply, name, label & 63);
		name += label + (name[label] == '.');
	}
	if (!name)
		message_put_number(reply, 0xc00c, 2);
	else
		message_put_number(reply, 0, 1);
	return reply->len - before;
}

void message_put_record(struct zone_reply *reply, const char *owner, unsigned type, uint32_t ttl)
{
	(void)message_put_name(reply, owner);
	message_put_number(reply, type, 2);
	message_put_number(reply, 1, 2);
	message_put_number(reply, ttl, 4);
}
