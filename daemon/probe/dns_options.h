/* dns_options.h - the keys of `dns:`, and what they lead to. */
#pragma once

#include "loop/connect.h"
#include "option/option.h"
#include "probe/dns_message.h"
#include "probe/reach.h"
#include "probe/tls_options.h"

enum dns_transport { DNS_UDP, DNS_TCP, DNS_TLS };

struct dns_options {
	const char *query;
	int type; /* DNS_A, … */
	int class;
	const char *server_text; /* NULL: the system's */
	enum dns_transport transport;
	bool recursion;
	struct tls_options tls; /* of DNS_TLS */
	enum connect_family ip;

	/* Prepared. */
	struct dns_question question;
	const char *server; /* host; NULL: the system's */
	uint16_t port;
	struct reach reach; /* of DNS_TLS: the same for a call */
	const char *alpn; /* the same */
	unsigned alpn_len;
};

extern const struct option_table dns_table;

struct observation;
/* What the rcode is called where nothing but that is wrong, and who said so. */
void dns_note_rcode(struct observation *seen);

void dns_options_prepare(void *options, struct arena *arena, struct complaints *complaints,
			 const struct option_places *places);
