/* address.c - an IP address, and where the network says it may lead. */
#include <string.h>

#include "base/ip.h"
#include "model/address.h"

static struct ip ip_of(const struct address *address)
{
	struct ip ip = { .family = address->family, .scope = address->scope };

	memcpy(ip.bytes, address->bytes, sizeof(ip.bytes));
	return ip;
}

int address_parse(const char *text, struct address *ret)
{
	struct ip ip;
	const int r = ip_parse(text, &ip);

	if (r < 0)
		return r;
	*ret = (struct address){ .family = ip.family, .scope = ip.scope };
	memcpy(ret->bytes, ip.bytes, sizeof(ret->bytes));
	return 0;
}

void address_from_ip(const struct ip *ip, uint16_t port, struct address *ret)
{
	*ret = (struct address){ .family = ip->family, .port = port, .scope = ip->scope };
	memcpy(ret->bytes, ip->bytes, sizeof(ret->bytes));
}

void address_from_socket(const struct sockaddr_storage *from, struct address *ret)
{
	struct ip ip;
	uint16_t port = 0;

	ip_from_socket(from, &ip, &port);
	address_from_ip(&ip, port, ret);
}

void address_to_socket(const struct address *address, struct sockaddr_storage *ret)
{
	const struct ip ip = ip_of(address);

	(void)ip_to_socket(&ip, address->port, ret);
}

void address_print(struct text *text, const struct address *address)
{
	const struct ip ip = ip_of(address);

	ip_print(text, &ip);
}

void address_print_port(struct text *text, const struct address *address)
{
	const struct ip ip = ip_of(address);

	ip_print_port(text, &ip, address->port);
}

bool address_is_equal(const struct address *a, const struct address *b)
{
	const struct ip ip_a = ip_of(a), ip_b = ip_of(b);

	return a->port == b->port && ip_is_equal(&ip_a, &ip_b);
}

bool address_is_private(const struct address *address)
{
	const struct ip ip = ip_of(address);

	return ip_is_private(&ip);
}

int address_is_within(const struct address *address, const char *network)
{
	const struct ip ip = ip_of(address);

	return ip_is_within(&ip, network);
}
