/* dns.c - what a DNS server answered. */
#include <stdio.h>
#include <stdlib.h>

#include "model/dns.h"

void dns_facts_free(struct dns_facts *facts)
{
	for (unsigned section = 0; section < DNS_SECTIONS; section++) {
		for (size_t i = 0; i < facts->counts[section]; i++)
			free(facts->records[section][i]);
		free(facts->records[section]);
	}
	free(facts);
}

const char *dns_rcode_name(unsigned rcode, char room[16])
{
	/* RFC 6895, 2.3. */
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
					     "NOTIMP",	"REFUSED", "YXDOMAIN", "YXRRSET",
					     "NXRRSET", "NOTAUTH", "NOTZONE" };

	if (rcode < sizeof(names) / sizeof(names[0]))
		return names[rcode];
	(void)snprintf(room, 16, "RCODE%u", rcode);
	return room;
}
