/* dns.c - what a DNS server answers, for the probe and for addresses, and names.
 *
 * A byte says which of them, and of which type; then the message, or the name.
 *
 * Over: probe/dns_message.c probe/dns_record.c loop/answer.c model/dns.c
 */
#include "model/dns.h"
#include "base/text.h"
#include "fuzz.h"
#include "loop/answer.h"
#include "probe/dns_message.h"
#include "probe/dns_record.h"

enum { KINDS = 3, ID = 0x1234 };

static const uint16_t types[] = { DNS_A,   DNS_NS,   DNS_CNAME, DNS_SOA, DNS_PTR, DNS_MX,
				  DNS_TXT, DNS_AAAA, DNS_SRV,	DNS_DS,	 DNS_CAA, 65280 };

enum { TYPES = sizeof(types) / sizeof(types[0]) };

static void read_answer(char *message, size_t len, unsigned type)
{
	struct dns_question question = { .type = types[type], .class = 1 };
	struct dns_facts *facts = NULL;

	assert(dns_name_write("www.example.com", &question) == 0);
	if (dns_answer_read((uint8_t *)message, len, &question, ID, &facts) != DNS_REPLY) {
		assert(!facts);
		return;
	}
	for (unsigned section = 0; section < DNS_SECTIONS; section++) {
		assert(facts->counts[section] <= DNS_RECORDS_MAX);
		/* Presentation form is printable, whatever was on the wire. */
		for (size_t i = 0; i < facts->counts[section]; i++)
			for (const char *at = facts->records[section][i]; *at; at++)
				assert(*at >= ' ' && *at < 0x7f);
	}
	dns_facts_free(facts);
}

static void read_addresses(const char *message, size_t len, unsigned type)
{
	const int wanted = type % 2 ? ANSWER_TYPE_AAAA : ANSWER_TYPE_A;
	struct answer answer = { 0 };

	answer_read((const uint8_t *)message, len, wanted, &answer);
	assert(answer.count <= ANSWER_ADDRESSES_MAX);
	assert((answer.kind == ANSWER_ADDRESSES) == (answer.count > 0));
	for (unsigned i = 0; i < answer.count; i++)
		assert(answer.addresses[i].family == (wanted == ANSWER_TYPE_A ? 4 : 6));
	(void)answer_rcode_name(answer.rcode);
}

/* A name that was written, read and written again is the same. */
static void write_name(const char *name)
{
	struct dns_question question = { 0 }, again = { 0 };
	struct dns_message message;
	struct text text = { 0 };
	size_t at = 0;

	if (dns_name_write(name, &question) < 0)
		return;
	message = (struct dns_message){ question.name, question.name_len };
	assert(dns_name_read(&message, &at, &text));
	assert(at == question.name_len);
	/* What is escaped there is not read as an escape here. */
	if (!strchr(text_string(&text), '\\')) {
		assert(dns_name_write(text_string(&text), &again) == 0);
		assert(again.name_len == question.name_len);
		assert(memcmp(again.name, question.name, again.name_len) == 0);
	}
	text_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	const unsigned first = fuzz_byte(&input), kind = first / TYPES % KINDS;
	size_t rest_len;
	char *rest = fuzz_rest(&input, &rest_len);

	if (kind == 0)
		read_answer(rest, rest_len, first % TYPES);
	else if (kind == 1)
		read_addresses(rest, rest_len, first % TYPES);
	else
		write_name(rest);
	free(rest);
	return 0;
}
