/* dns_options.c - the keys of `dns:`, and what they lead to. */
#include <string.h>

#include "base/arena.h"
#include "base/ip.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/dns.h"
#include "model/observation.h"
#include "probe/dns_options.h"
#include "probe/http_url.h"

enum { DNS_PORT = 53, DNS_TLS_PORT = 853 };

static const struct option_word types[] = {
	{ "A", DNS_A },	    { "AAAA", DNS_AAAA }, { "CNAME", DNS_CNAME }, { "MX", DNS_MX },
	{ "NS", DNS_NS },   { "TXT", DNS_TXT },	  { "SOA", DNS_SOA },	  { "SRV", DNS_SRV },
	{ "CAA", DNS_CAA }, { "PTR", DNS_PTR },	  { "DS", DNS_DS },	  { 0 }
};

static const struct option_word classes[] = { { "IN", 1 }, { "CH", 3 }, { "HS", 4 }, { 0 } };

static const struct option_word transports[] = {
	{ "udp", DNS_UDP }, { "tcp", DNS_TCP }, { "tls", DNS_TLS }, { 0 }
};

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

/* "[V6]:PORT", "HOST:PORT", "HOST", or an address of either family; the port 0 unless given. */
static bool split_server(const char *text, struct arena *arena, const char **ret_host,
			 uint16_t *ret_port)
{
	struct ip ip;

	if (http_url_split(text, arena, ret_host, ret_port))
		return true;
	if (ip_parse(text, &ip) < 0 && http_url_name_fault(text))
		return false;
	*ret_host = arena_text(arena, text);
	*ret_port = 0;
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
		.about = "How to ask; a UDP answer that is truncated is asked for again over TCP. "
			 "With tls the port is 853 unless given.",
		.elsewhere = "protocol",
	},
	{
		.key = "tls",
		.kind = OPTION_MAPPING,
		.table = &tls_table,
		.offset = MEMBER(struct dns_options, tls, struct tls_options),
		.about = "How TLS is spoken and the certificate judged, with 'transport: tls'.",
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

static void examine(const void *object, struct complaints *complaints,
		    const struct option_places *places)
{
	const struct dns_options *dns = object;

	if (dns->transport == DNS_TLS && !dns->server_text)
		option_complain(complaints, places, "transport",
				"'transport: tls' wants a 'server' to ask");
	if (dns->transport != DNS_TLS && option_is_set(places, "tls"))
		option_complain(complaints, places, "tls",
				"'tls' is only spoken with 'transport: tls'");
}

const struct option_table dns_table = {
	.options = options,
	.size = sizeof(struct dns_options),
	.short_key = "query",
	.examine = examine,
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
	static const char *const usual[] = { "dot", NULL };
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
	if (dns->port == 0)
		dns->port = dns->transport == DNS_TLS ? DNS_TLS_PORT : DNS_PORT;
	dns->reach = (struct reach){
		.address = dns->server_text,
		.host = dns->server,
		.port = dns->port,
	};
	/* Registered by RFC 7858, 8.1. */
	dns->alpn = tls_alpn(dns->tls.alpn ? dns->tls.alpn : usual, arena, &dns->alpn_len);
}

void dns_note_rcode(struct observation *seen)
{
	const unsigned rcode = seen->dns->rcode;
	struct text from = { 0 };
	char room[16];

	if (rcode == 0)
		return;
	seen->says = strcmp(dns_rcode_name(rcode, room), "NXDOMAIN") == 0 ? CLASS_dns_nxdomain
									  : CLASS_dns_failure;
	address_print_port(&from, &seen->address);
	seen->detail = memory_print("%s from %s", dns_rcode_name(rcode, room), text_string(&from));
	text_done(&from);
}
