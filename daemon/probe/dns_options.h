/* dns_options.h - the keys of `dns:`, and what they lead to. */
#pragma once

#include "loop/connect.h"
#include "option/option.h"
#include "probe/dns_message.h"

enum dns_transport { DNS_UDP, DNS_TCP };

struct dns_options {
	const char *query;
	int type; /* DNS_A, … */
	int class;
	const char *server_text; /* NULL: the system's */
	enum dns_transport transport;
	bool recursion;
	enum connect_family ip;

	/* Prepared. */
	struct dns_question question;
	const char *server; /* host; NULL: the system's */
	uint16_t port;
};

extern const struct option_table dns_table;

void dns_options_prepare(void *options, struct arena *arena, struct complaints *complaints,
			 const struct option_places *places);
