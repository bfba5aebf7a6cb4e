/* dns.h - what a DNS server answered, in presentation form. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dns_section { DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL, DNS_SECTIONS };

/* At most so many are kept of each section. */
enum { DNS_RECORDS_MAX = 1000 };

struct dns_facts {
	unsigned rcode;
	bool is_authenticated; /* AD */
	char **records[DNS_SECTIONS]; /* owned arrays of owned; the rdata */
	size_t counts[DNS_SECTIONS];
	bool has_ttl;
	uint32_t ttl; /* the least of the answers, in seconds */
	bool has_serial;
	uint32_t serial; /* of the first SOA in answer or authority */
};

void dns_facts_free(struct dns_facts *facts);

/* "NOERROR", "RCODE17": never NULL, in `room` where it has no name. */
const char *dns_rcode_name(unsigned rcode, char room[16]);
