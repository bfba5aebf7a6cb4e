/* reach.h - how a server is reached: HOST:PORT and the keys `ip`, `resolver` and `source`
 * of every probe that connects.
 *
 *   struct demo_options { struct reach reach; };
 *   rows: REACH_ADDRESS(struct demo_options, reach), REACH_IP(struct demo_options, reach), ...
 */
#pragma once

#include "loop/connect.h"
#include "option/option.h"

enum reach_ip { REACH_ANY, REACH_4, REACH_6, REACH_BOTH };

struct reach {
	const char *address; /* HOST:PORT */
	enum reach_ip ip;
	const char *resolver;
	const char *source;

	/* Prepared. */
	const char *host;
	uint16_t port;
	const char *resolver_address; /* of resolver, with its port; NULL: none */
};

extern const struct option_word reach_ips[];

bool reach_check_address(const char *text, size_t len, struct text *wanted);
bool reach_check_resolver(const char *text, size_t len, struct text *wanted);
bool reach_check_source(const char *text, size_t len, struct text *wanted);

#define REACH_ADDRESS(type, member)                                                                \
	{                                                                                          \
		.key = "address", .kind = OPTION_TEXT, .is_required = true, .has_each = true,      \
		.offset = MEMBER(type, member.address, const char *), .max = 512,                  \
		.check = reach_check_address, .about = "HOST:PORT to connect to.",                 \
		.example = "db.example.com:5432",                                                  \
	}

#define REACH_IP(type, member)                                                                     \
	{                                                                                          \
		.key = "ip", .kind = OPTION_CHOICE,                                                \
		.offset = MEMBER(type, member.ip, enum reach_ip), .fallback = "any",               \
		.words = reach_ips,                                                                \
		.about = "Family of addresses: one of them, whichever answers first, or both, "    \
			 "one after the other, of which the worse counts.",                        \
	}

#define REACH_RESOLVER(type, member)                                                               \
	{                                                                                          \
		.key = "resolver", .kind = OPTION_TEXT,                                            \
		.offset = MEMBER(type, member.resolver, const char *),                             \
		.check = reach_check_resolver,                                                     \
		.about = "Name server to ask for this endpoint: address, or address:port.",        \
		.example = "192.0.2.53",                                                           \
	}

#define REACH_SOURCE(type, member)                                                                 \
	{                                                                                          \
		.key = "source", .kind = OPTION_TEXT,                                              \
		.offset = MEMBER(type, member.source, const char *), .check = reach_check_source,  \
		.about = "Address or network interface of this host to come from.",                \
		.example = "eth1",                                                                 \
	}

/* "192.0.2.53" with its port; NULL for NULL. */
const char *reach_resolver(const char *resolver, struct arena *arena);
/* Works out the lower part; the checks have passed. */
void reach_prepare(struct reach *reach, struct arena *arena);
/* The host in lower case, as max_per_host counts; malloc'ed. */
char *reach_host(const struct reach *reach);

/* Of the first look; with REACH_BOTH there is a second one, over IPv6. */
enum connect_family reach_family(const struct reach *reach);
/* What the connector is told; borrows from `reach`. */
struct connect_target reach_target(const struct reach *reach, enum connect_family family);
