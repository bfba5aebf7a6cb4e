/* dns_options.c - the keys of `dns:`, and what they lead to. */
#include <string.h>

#include "base/arena.h"
#include "base/ip.h"
#include "base/text.h"
#include "probe/dns_options.h"
#include "probe/http_url.h"

enum { DNS_PORT = 53 };

static const struct option_word types[] = {
	{ "A", DNS_A },	    { "AAAA", DNS_AAAA }, { "CNAME", DNS_CNAME }, { "MX", DNS_MX },
	{ "NS", DNS_NS },   { "TXT", DNS_TXT },	  { "SOA", DNS_SOA },	  { "SRV", DNS_SRV },
	{ "CAA", DNS_CAA }, { "PTR", DNS_PTR },	  { "DS", DNS_DS },	  { 0 }
};

static const struct option_word classes[] = { { "IN", 1 }, { "CH", 3 }, { "HS", 4 }, { 0 } };

static const struct option_word transports[] = { { "udp", DNS_UDP }, { "tcp", DNS_TCP }, { 0 } };

static const struct option_word families[] = {
	{ "any", CONNECT_ANY }, { "4", CONNECT_IPV4 }, { "6", CONNECT_IPV6 }, { 0 }
};

static bool check_query(const char *text, size_t len, struct text *wanted)
{
	struct dns_question question;

	if (len > 0 && dns_name_write(text, &question) == 0)
		return true;
	text_append(wanted, "must be a domain name");
	return false;
}

/* "[V6]:PORT", "HOST:PORT", "HOST", or an address of either family; the port 53 unless given. */
static bool split_server(const char *text, struct arena *arena, const char **ret_host,
			 uint16_t *ret_port)
{
	struct ip ip;

	if (http_url_split(text, arena, ret_host, ret_port))
		return true;
	if (!*text || (ip_parse(text, &ip) < 0 && strpbrk(text, ":[] /")))
		return false;
	*ret_host = arena_text(arena, text);
	*ret_port = DNS_PORT;
	return true;
}

static bool check_server(const char *text, size_t len, struct text *wanted)
{
	struct arena *arena = arena_new();
	const char *host;
	uint16_t port;
	const bool is_fine = split_server(text, arena, &host, &port);

	arena_free(arena);
	if (!is_fine)
		text_append(wanted, "must be HOST, HOST:PORT or [V6]:PORT");
	return is_fine;
}

static const struct option options[] = {
	{
		.key = "query",
		.kind = OPTION_TEXT,
		.is_required = true,
		.has_each = true,
		.offset = MEMBER(struct dns_options, query, const char *),
		.max = 1024,
		.check = check_query,
		.about = "The name to ask for; with type PTR it may be an address.",
		.example = "example.com",
	},
	{
		.key = "type",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct dns_options, type, int),
		.fallback = "A",
		.words = types,
		.about = "Type of the records to ask for.",
	},
	{
		.key = "class",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct dns_options, class, int),
		.fallback = "IN",
		.words = classes,
		.about = "Their class.",
	},
	{
		.key = "server",
		.kind = OPTION_TEXT,
		.has_each = true,
		.offset = MEMBER(struct dns_options, server_text, const char *),
		.max = 300,
		.check = check_server,
		.about = "Server to ask: HOST, HOST:PORT or [V6]:PORT; unless given the first of "
			 "those that names of endpoints are asked of.",
		.example = "192.0.2.53",
		.elsewhere = "resolver nameserver",
	},
	{
		.key = "transport",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct dns_options, transport, enum dns_transport),
		.fallback = "udp",
		.words = transports,
		.about = "How to ask; a UDP answer that is truncated is asked for again over TCP.",
		.elsewhere = "protocol",
	},
	{
		.key = "recursion",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct dns_options, recursion, bool),
		.fallback = "true",
		.about = "Ask the server to ask others where it does not know.",
	},
	{
		.key = "ip",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct dns_options, ip, enum connect_family),
		.fallback = "any",
		.words = families,
		.about = "Family of the server's address.",
	},
	OPTION_END
};

const struct option_table dns_table = {
	.options = options,
	.size = sizeof(struct dns_options),
	.short_key = "query",
};

/* RFC 1035, 3.5 and RFC 3596, 2.5. */
static void print_reverse(struct text *text, const struct ip *ip)
{
	if (ip->family == 4) {
		for (unsigned i = 4; i-- > 0;)
			text_print(text, "%u.", ip->bytes[i]);
		text_append(text, "in-addr.arpa");
		return;
	}
	for (unsigned i = 16; i-- > 0;)
		text_print(text, "%x.%x.", ip->bytes[i] & 15, ip->bytes[i] >> 4);
	text_append(text, "ip6.arpa");
}

void dns_options_prepare(void *object, struct arena *arena, struct complaints *complaints,
			 const struct option_places *places)
{
	struct dns_options *dns = object;
	struct text reverse = { 0 };
	struct ip ip;

	if (dns->type == DNS_PTR && ip_parse(dns->query, &ip) == 0)
		print_reverse(&reverse, &ip);
	dns->question = (struct dns_question){
		.type = (uint16_t)dns->type,
		.class = (uint16_t)dns->class,
		.wants_recursion = dns->recursion,
	};
	(void)dns_name_write(reverse.len ? text_string(&reverse) : dns->query, &dns->question);
	text_done(&reverse);
	if (dns->server_text)
		(void)split_server(dns->server_text, arena, &dns->server, &dns->port);
}
