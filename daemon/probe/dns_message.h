/* dns_message.h - questions to DNS servers and their answers, on the wire.
 *
 * Nothing in an answer is believed: names only ever point backwards, lengths stay
 * within their record, records within the message.  Any thread.
 * Sources: RFC 1035, 4 and 5.1 (presentation form); RFC 2782 (SRV), RFC 3596 (AAAA),
 * RFC 3597 (unknown types), RFC 4034, 5 (DS), RFC 8659 (CAA).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_DS = 43,
	DNS_CAA = 257,
};

enum { DNS_QUESTION_BYTES = 300, DNS_MESSAGE_BYTES = 65535 };

struct dns_question {
	uint8_t name[256]; /* on the wire */
	size_t name_len;
	uint16_t type, class;
	bool wants_recursion;
};

struct dns_facts;

/* "www.example.com", "." or with a dot at its end.  -EINVAL where it is no name: empty
 * labels, labels of more than 63 bytes, more than 255 in all.
 */
int dns_name_write(const char *text, struct dns_question *question);

/* Returns the length. */
size_t dns_question_write(const struct dns_question *question, uint16_t id,
			  uint8_t message[DNS_QUESTION_BYTES]);

enum dns_reply {
	DNS_REPLY, /* see the facts */
	DNS_NOT_OURS, /* no answer, or to something else: it is not there */
	DNS_TRUNCATED, /* ask again over TCP */
	DNS_MALFORMED,
};

/* `ret_facts` is set for DNS_REPLY alone. */
enum dns_reply dns_answer_read(const uint8_t *message, size_t len,
			       const struct dns_question *question, uint16_t id,
			       struct dns_facts **ret_facts);
