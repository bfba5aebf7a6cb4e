/* http_aim.c - where the looks of one check go. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "probe/http_aim.h"
#include "probe/http_hop.h"

void http_aim_init(struct http_aim *aim, enum http_ip ip)
{
	*aim = (struct http_aim){ .ip = ip };
}

void http_aim_done(struct http_aim *aim)
{
	free(TAKE(aim->host));
	free(TAKE(aim->addresses));
}

static unsigned looks(const struct http_aim *aim)
{
	if (aim->ip == HTTP_IP_EACH)
		return aim->count ? aim->count : 1;
	return aim->ip == HTTP_IP_BOTH ? 2 : 1;
}

void http_aim_set(const struct http_aim *aim, struct http_request *request)
{
	switch (aim->ip) {
	case HTTP_IP_4:
		request->family = CONNECT_IPV4;
		break;
	case HTTP_IP_6:
		request->family = CONNECT_IPV6;
		break;
	case HTTP_IP_BOTH:
		request->family = aim->at == 0 ? CONNECT_IPV4 : CONNECT_IPV6;
		break;
	case HTTP_IP_EACH:
		request->only_first = !aim->host;
		request->pinned_host = aim->host;
		request->pinned = aim->host ? &aim->addresses[aim->at] : NULL;
		break;
	case HTTP_IP_ANY:
		break;
	}
}

void http_aim_learn(struct http_aim *aim, struct http_hop *hop)
{
	if (aim->ip != HTTP_IP_EACH || aim->host || hop->tried_count == 0)
		return;
	aim->host = memory_text(http_hop_host(hop));
	aim->addresses = memory_new(hop->tried_count, sizeof(*aim->addresses));
	for (; aim->count < hop->tried_count; aim->count++)
		address_to_socket(&hop->tried[aim->count].address, &aim->addresses[aim->count]);
	/* The others' turn comes. */
	hop->tried_count = 1;
}

bool http_aim_next(struct http_aim *aim)
{
	if (aim->at + 1 >= looks(aim))
		return false;
	aim->at++;
	return true;
}

unsigned http_aim_left(const struct http_aim *aim)
{
	return looks(aim) - aim->at - 1;
}
