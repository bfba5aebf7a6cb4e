/* ip.c - IP addresses as bytes and as text, and what kind of place they name. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "base/text.h"

struct range {
	bool is_open; /* an exception: globally reachable */
	uint8_t bits; /* of the prefix */
	uint8_t bytes[16];
};

/* The first that matches counts. */
static const struct range ranges4[] = {
	{ true, 32, { 192, 0, 0, 9 } }, /* port control anycast */
	{ true, 32, { 192, 0, 0, 10 } }, /* relay NAT anycast */
	{ false, 8, { 0 } }, /* this network */
	{ false, 8, { 10 } }, /* private */
	{ false, 10, { 100, 64 } }, /* shared */
	{ false, 8, { 127 } }, /* loopback */
	{ false, 16, { 169, 254 } }, /* link-local */
	{ false, 12, { 172, 16 } }, /* private */
	{ false, 24, { 192, 0, 0 } }, /* protocol assignments */
	{ false, 24, { 192, 0, 2 } }, /* documentation */
	{ false, 24, { 192, 88, 99 } }, /* 6to4 relays, withdrawn */
	{ false, 16, { 192, 168 } }, /* private */
	{ false, 15, { 198, 18 } }, /* benchmarking */
	{ false, 24, { 198, 51, 100 } }, /* documentation */
	{ false, 24, { 203, 0, 113 } }, /* documentation */
	{ false, 4, { 224 } }, /* multicast */
	{ false, 4, { 240 } }, /* reserved and broadcast */
};

static const struct range ranges6[] = {
	{ true, 128, { 0x20, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } },
	{ true, 128, { 0x20, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 } },
	{ true, 128, { 0x20, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3 } },
	{ true, 32, { 0x20, 0x01, 0, 3 } }, /* multicast tunnelling */
	{ true, 48, { 0x20, 0x01, 0, 4, 0x01, 0x12 } }, /* AS112 */
	{ true, 28, { 0x20, 0x01, 0, 0x20 } }, /* ORCHIDv2 */
	{ true, 28, { 0x20, 0x01, 0, 0x30 } }, /* drone identification */
	{ false, 23, { 0x20, 0x01 } }, /* protocol assignments, Teredo among them */
	{ false, 128, { 0 } }, /* unspecified */
	{ false, 128, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } }, /* loopback */
	{ false, 48, { 0, 0x64, 0xff, 0x9b, 0, 1 } }, /* local translation */
	{ false, 64, { 1 } }, /* discard only */
	{ false, 64, { 1, 0, 0, 0, 0, 0, 0, 1 } }, /* dummy prefix */
	{ false, 32, { 0x20, 0x01, 0x0d, 0xb8 } }, /* documentation */
	{ false, 20, { 0x3f, 0xff } }, /* documentation */
	{ false, 16, { 0x5f } }, /* segment routing */
	{ false, 7, { 0xfc } }, /* unique local */
	{ false, 10, { 0xfe, 0x80 } }, /* link-local */
	{ false, 10, { 0xfe, 0xc0 } }, /* site-local, withdrawn */
	{ false, 8, { 0xff } }, /* multicast */
};

/* Where an IPv4 address hides in IPv6. */
static const struct {
	uint8_t bits, at;
	uint8_t bytes[12];
} carriers[] = {
	{ 96, 12, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff } }, /* mapped */
	{ 96, 12, { 0 } }, /* compatible, withdrawn */
	{ 96, 12, { 0, 0x64, 0xff, 0x9b } }, /* translated, RFC 6052 */
	{ 16, 2, { 0x20, 0x02 } }, /* 6to4 */
};

static bool is_prefix(const uint8_t *prefix, unsigned bits, const uint8_t *bytes)
{
	const unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(prefix, bytes, whole) != 0)
		return false;
	return rest == 0 || (prefix[whole] ^ bytes[whole]) >> (8 - rest) == 0;
}

static bool is_closed(const struct range *ranges, size_t count, const uint8_t *bytes)
{
	for (size_t i = 0; i < count; i++)
		if (is_prefix(ranges[i].bytes, ranges[i].bits, bytes))
			return !ranges[i].is_open;
	return false;
}

static bool is_closed4(const uint8_t *bytes)
{
	return is_closed(ranges4, sizeof(ranges4) / sizeof(ranges4[0]), bytes);
}

bool ip_is_private(const struct ip *ip)
{
	if (ip->family == 4)
		return is_closed4(ip->bytes);
	if (ip->family != 6)
		return false;
	if (is_closed(ranges6, sizeof(ranges6) / sizeof(ranges6[0]), ip->bytes))
		return true;
	for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++)
		if (is_prefix(carriers[i].bytes, carriers[i].bits, ip->bytes))
			return is_closed4(ip->bytes + carriers[i].at);
	return false;
}

/* Decimal digits only, at most `max`. */
static int parse_number(const char *text, unsigned long max, unsigned long *ret)
{
	unsigned long number = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		number = number * 10 + (unsigned long)(*text - '0');
		if (number > max)
			return -EINVAL;
	}
	*ret = number;
	return 0;
}

static int parse_zone(const char *zone, uint32_t *ret_scope)
{
	unsigned long number;

	if (parse_number(zone, UINT32_MAX, &number) < 0)
		number = if_nametoindex(zone);
	if (number == 0)
		return -EINVAL;
	*ret_scope = (uint32_t)number;
	return 0;
}

/* Of `len` bytes. */
static int parse_len(const char *text, size_t len, struct ip *ret)
{
	char copy[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
	struct ip ip = { 0 };
	char *zone;

	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, ip.bytes) == 1) {
		ip.family = 4;
		*ret = ip;
		return 0;
	}
	zone = strchr(copy, '%');
	if (zone)
		*zone++ = '\0';
	if (inet_pton(AF_INET6, copy, ip.bytes) != 1)
		return -EINVAL;
	if (zone && parse_zone(zone, &ip.scope) < 0)
		return -EINVAL;
	ip.family = 6;
	*ret = ip;
	return 0;
}

int ip_parse(const char *text, struct ip *ret)
{
	return parse_len(text, strlen(text), ret);
}

int ip_parse_port(const char *text, uint16_t fallback, struct ip *ret, uint16_t *ret_port)
{
	const char *start = text, *end = text + strlen(text), *port = NULL;
	unsigned long number = fallback;
	struct ip ip;

	if (*text == '[') {
		start = text + 1;
		end = strchr(text, ']');
		if (!end || (end[1] != ':' && end[1] != '\0'))
			return -EINVAL;
		port = end[1] ? end + 2 : NULL;
	} else if (strchr(text, ':') && strchr(text, ':') == strrchr(text, ':')) {
		end = strchr(text, ':');
		port = end + 1;
	}
	if (port && (parse_number(port, UINT16_MAX, &number) < 0 || number == 0))
		return -EINVAL;
	if (parse_len(start, (size_t)(end - start), &ip) < 0 || (*text == '[' && ip.family != 6))
		return -EINVAL;
	*ret = ip;
	*ret_port = (uint16_t)number;
	return 0;
}

void ip_print(struct text *text, const struct ip *ip)
{
	char copy[INET6_ADDRSTRLEN];

	if (ip->family != 4 && ip->family != 6)
		return;
	(void)inet_ntop(ip->family == 4 ? AF_INET : AF_INET6, ip->bytes, copy, sizeof(copy));
	text_append(text, copy);
	if (ip->scope)
		text_print(text, "%%%u", ip->scope);
}

void ip_print_port(struct text *text, const struct ip *ip, uint16_t port)
{
	if (ip->family == 6)
		text_append_char(text, '[');
	ip_print(text, ip);
	if (ip->family == 6)
		text_append_char(text, ']');
	text_print(text, ":%u", port);
}

bool ip_is_equal(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : 16) == 0;
}

int ip_is_within(const struct ip *ip, const char *network)
{
	const char *slash = strchr(network, '/');
	const size_t len = slash ? (size_t)(slash - network) : strlen(network);
	unsigned long bits;
	struct ip prefix;

	if (parse_len(network, len, &prefix) < 0)
		return -EINVAL;
	bits = prefix.family == 4 ? 32 : 128;
	if (slash && parse_number(slash + 1, bits, &bits) < 0)
		return -EINVAL;
	return prefix.family == ip->family && is_prefix(prefix.bytes, (unsigned)bits, ip->bytes);
}

socklen_t ip_to_socket(const struct ip *ip, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *in4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;

	*ret = (struct sockaddr_storage){ .ss_family = AF_UNSPEC };
	if (ip->family == 4) {
		in4->sin_family = AF_INET;
		in4->sin_port = htons(port);
		memcpy(&in4->sin_addr, ip->bytes, sizeof(in4->sin_addr));
		return sizeof(*in4);
	}
	if (ip->family == 6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		in6->sin6_scope_id = ip->scope;
		memcpy(&in6->sin6_addr, ip->bytes, sizeof(in6->sin6_addr));
		return sizeof(*in6);
	}
	return 0;
}

void ip_from_socket(const struct sockaddr_storage *address, struct ip *ret, uint16_t *ret_port)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;

	*ret = (struct ip){ 0 };
	*ret_port = 0;
	if (address->ss_family == AF_INET) {
		ret->family = 4;
		*ret_port = ntohs(in4->sin_port);
		memcpy(ret->bytes, &in4->sin_addr, sizeof(in4->sin_addr));
	} else if (address->ss_family == AF_INET6) {
		ret->family = 6;
		*ret_port = ntohs(in6->sin6_port);
		ret->scope = in6->sin6_scope_id;
		memcpy(ret->bytes, &in6->sin6_addr, sizeof(in6->sin6_addr));
	}
}
