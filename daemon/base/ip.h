/* ip.h - IP addresses as bytes and as text, and what kind of place they name.
 *
 * Sources: RFC 4291 and RFC 5952 (text), RFC 4007 (zones), the IANA IPv4 and IPv6
 * Special-Purpose Address Registries.  Any thread.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct text;

struct ip {
	uint8_t family; /* 4, 6, or 0: none */
	uint32_t scope; /* of a link-local IPv6 address, else 0 */
	uint8_t bytes[16];
};

/* "192.0.2.7", "2001:db8::1", "fe80::1%eth0"; no port, no brackets.  0 or -EINVAL. */
int ip_parse(const char *text, struct ip *ret);
/* "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353"; `fallback`
 * is the port where there is none.  0 or -EINVAL.
 */
int ip_parse_port(const char *text, uint16_t fallback, struct ip *ret, uint16_t *ret_port);
void ip_print(struct text *text, const struct ip *ip);
/* "192.0.2.7:443", "[2001:db8::1]:443" */
void ip_print_port(struct text *text, const struct ip *ip, uint16_t port);
bool ip_is_equal(const struct ip *a, const struct ip *b);

/* Not for the open Internet: loopback, link-local, private, unique local, shared,
 * documentation, benchmarking, unspecified, multicast, reserved; and IPv6
 * addresses that lead to an IPv4 address of these kinds.
 */
bool ip_is_private(const struct ip *ip);

/* Whether it lies in a network "192.0.2.0/24" or "2001:db8::/32" (or equals an
 * address without "/"); IPv4 inside IPv6 is not looked at.  -EINVAL where it is none.
 */
int ip_is_within(const struct ip *ip, const char *network);

/* To and from the kernel's form; port in host order.  The length, or 0 for family 0. */
socklen_t ip_to_socket(const struct ip *ip, uint16_t port, struct sockaddr_storage *ret);
/* Family 0 for anything but AF_INET and AF_INET6. */
void ip_from_socket(const struct sockaddr_storage *address, struct ip *ret, uint16_t *ret_port);
