/* dns.h - what a DNS server answered, for the table in subject.c. */
#pragma once

#include "expect/subject.h"

subject_get dns_rcode, dns_answer, dns_authority, dns_additional, dns_answers;
subject_get dns_ttl, dns_authenticated, dns_serial;
