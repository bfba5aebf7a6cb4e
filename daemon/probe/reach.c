/* reach.c - how a server is reached. */
#include <net/if.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/address.h"
#include "probe/http_url.h"
#include "probe/reach.h"

const struct option_word reach_ips[] = {
	{ "any", REACH_ANY }, { "4", REACH_4 }, { "6", REACH_6 }, { "both", REACH_BOTH }, { 0 }
};

bool reach_check_address(const char *text, size_t len, struct text *wanted)
{
	struct arena *arena = arena_new();
	const char *host;
	uint16_t port;
	const bool is_fine = http_url_split(text, arena, &host, &port);

	arena_free(arena);
	if (!is_fine)
		text_append(wanted, "must be HOST:PORT");
	return is_fine;
}

bool reach_check_resolver(const char *text, size_t len, struct text *wanted)
{
	struct address address;
	struct arena *arena = arena_new();
	const char *host;
	uint16_t port;
	const bool is_fine =
		address_parse(text, &address) == 0 ||
		(http_url_split(text, arena, &host, &port) && address_parse(host, &address) == 0);

	arena_free(arena);
	if (!is_fine)
		text_append(wanted, "must be an address or address:port");
	return is_fine;
}

bool reach_check_source(const char *text, size_t len, struct text *wanted)
{
	struct address address;

	/* dev_valid_name() of Linux. */
	if (address_parse(text, &address) == 0 ||
	    (len > 0 && len < IFNAMSIZ && strcspn(text, "/: \t") == len))
		return true;
	text_append(wanted, "must be an address or the name of a network interface");
	return false;
}

const char *reach_resolver(const char *resolver, struct arena *arena)
{
	struct address address;
	cleanup(text)
	struct text with_port = { 0 };

	if (!resolver || address_parse(resolver, &address) < 0)
		return resolver;
	address.port = 53;
	address_print_port(&with_port, &address);
	return arena_text(arena, text_string(&with_port));
}

void reach_prepare(struct reach *reach, struct arena *arena)
{
	(void)http_url_split(reach->address, arena, &reach->host, &reach->port);
	reach->resolver_address = reach_resolver(reach->resolver, arena);
}

char *reach_host(const struct reach *reach)
{
	char *host = memory_text(reach->host);

	for (char *c = host; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return host;
}

enum connect_family reach_family(const struct reach *reach)
{
	static const enum connect_family families[] = {
		[REACH_ANY] = CONNECT_ANY,
		[REACH_4] = CONNECT_IPV4,
		[REACH_6] = CONNECT_IPV6,
		[REACH_BOTH] = CONNECT_IPV4,
	};

	return families[reach->ip];
}

struct connect_target reach_target(const struct reach *reach, enum connect_family family)
{
	return (struct connect_target){
		.host = reach->host,
		.port = reach->port,
		.family = family,
		.resolver = reach->resolver_address,
		.source = reach->source,
	};
}
