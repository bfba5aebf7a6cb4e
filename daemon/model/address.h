/* address.h - an IP address, and where the network says it may lead. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr_storage;
struct text;

struct address {
	uint8_t family; /* 4, 6, or 0: none */
	uint16_t port; /* host order */
	uint32_t scope; /* of a link-local IPv6 address, else 0 */
	uint8_t bytes[16];
};

/* "192.0.2.7", "2001:db8::1", "fe80::1%2"; no port.  0 or -EINVAL. */
int address_parse(const char *text, struct address *ret);
struct ip; /* base/ip.h */
void address_from_ip(const struct ip *ip, uint16_t port, struct address *ret);
/* "192.0.2.7:80", "[2001:db8::1]:80", "localhost:80", with a port from 0 to 65535.  0 or -EINVAL. */
int address_parse_port(const char *text, struct address *ret);
/* With the port; the address has a family. */
void address_to_socket(const struct address *address, struct sockaddr_storage *ret);
/* Family 0 for anything but AF_INET and AF_INET6. */
void address_from_socket(const struct sockaddr_storage *from, struct address *ret);
/* Without and with its port: "192.0.2.7", "[2001:db8::1]:443". */
void address_print(struct text *text, const struct address *address);
void address_print_port(struct text *text, const struct address *address);
/* With the port. */
bool address_is_equal(const struct address *a, const struct address *b);

/* Loopback, link-local, private, unique local, shared (100.64/10), unspecified,
 * multicast, and IPv4 of these kinds inside IPv6.  Source: the IANA IPv4 and
 * IPv6 Special-Purpose Address Registries.
 */
bool address_is_private(const struct address *address);

/* "192.0.2.0/24", "2001:db8::/32" or one address.  Whether `address` lies in it; -EINVAL where it is no network. */
int address_is_within(const struct address *address, const char *network);
