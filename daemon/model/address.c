/* address.c - an IP address, and where the network says it may lead. */
#include <errno.h>
#include <stdlib.h>
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

int address_parse_port(const char *text, struct address *ret)
{
	const char *colon = strrchr(text, ':');
	const bool has_brackets = *text == '[';
	char host[64];
	size_t len;
	struct address address;
	unsigned long port;

	if (!colon || colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    strlen(colon + 1) > 5)
		return -EINVAL;
	port = strtoul(colon + 1, NULL, 10);
	len = (size_t)(colon - text);
	if (has_brackets && (len < 2 || text[len - 1] != ']'))
		return -EINVAL;
	text += has_brackets;
	len -= has_brackets ? 2 : 0;
	if (port > UINT16_MAX || len >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	if (address_parse(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &address) < 0 ||
	    (address.family == 6) != has_brackets)
		return -EINVAL;
	address.port = (uint16_t)port;
	*ret = address;
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
