/* interface.c - the network interfaces of this host, and sockets that are bound to one. */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "loop/interface.h"

#define LOOK_EVERY (5 * USEC_PER_SEC)

static bool ip_of(const struct ifaddrs *entry, int family, struct ip *ret)
{
	struct sockaddr_storage address = { 0 };
	uint16_t port;

	if (!entry->ifa_addr || !(entry->ifa_flags & IFF_UP))
		return false;
	if (entry->ifa_addr->sa_family == AF_INET)
		memcpy(&address, entry->ifa_addr, sizeof(struct sockaddr_in));
	else if (entry->ifa_addr->sa_family == AF_INET6)
		memcpy(&address, entry->ifa_addr, sizeof(struct sockaddr_in6));
	ip_from_socket(&address, ret, &port);
	return ret->family == family;
}

static bool is_link_local(const struct ip *ip)
{
	return ip->family == 6 && ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80;
}

static void look(struct interface_families *families)
{
	struct ifaddrs *list;
	struct ip ip;

	families->has4 = families->has6 = true;
	if (getifaddrs(&list) < 0)
		return;
	families->has4 = families->has6 = false;
	for (const struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
		if (entry->ifa_flags & IFF_LOOPBACK)
			continue;
		families->has4 = families->has4 || ip_of(entry, 4, &ip);
		families->has6 = families->has6 || (ip_of(entry, 6, &ip) && !is_link_local(&ip));
	}
	freeifaddrs(list);
}

bool interface_has_family(struct interface_families *families, int family)
{
	const usec_t now = clock_now();

	if (!families->looked || now - families->looked > LOOK_EVERY) {
		families->looked = now;
		look(families);
	}
	return family == 6 ? families->has6 : families->has4;
}

/* The first address of an interface that leads further, else one of its link. */
static int address_of(const char *name, int family, struct ip *ret)
{
	struct ifaddrs *list;
	struct ip ip;
	int r = if_nametoindex(name) ? -EAFNOSUPPORT : -ENODEV;

	if (getifaddrs(&list) < 0)
		return -errno;
	for (const struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
		if (strcmp(entry->ifa_name, name) != 0 || !ip_of(entry, family, &ip))
			continue;
		if (r == 0 && is_link_local(&ip))
			continue;
		*ret = ip;
		r = 0;
		if (!is_link_local(&ip))
			break;
	}
	freeifaddrs(list);
	return r;
}

static int bind_address(int fd, const struct ip *ip)
{
	struct sockaddr_storage address;
	const socklen_t len = ip_to_socket(ip, 0, &address);
	const int yes = 1;

	/* The port is chosen when the peer is known, so that each peer has all of them. */
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof(yes));
	return bind(fd, (const struct sockaddr *)&address, len) < 0 ? -errno : 0;
}

int interface_bind(int fd, int family, const char *source)
{
	const size_t len = strlen(source);
	struct ip ip;
	int r;

	if (ip_parse(source, &ip) == 0)
		return ip.family == family ? bind_address(fd, &ip) : -EAFNOSUPPORT;
	if (len >= IF_NAMESIZE)
		return -ENODEV;
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, source, (socklen_t)len) == 0)
		return 0;
	if (errno != EPERM)
		return -errno;
	r = address_of(source, family, &ip);
	return r < 0 ? r : bind_address(fd, &ip);
}
