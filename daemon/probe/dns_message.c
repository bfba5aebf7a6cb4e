/* dns_message.c - questions to DNS servers and their answers, on the wire. */
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "model/dns.h"
#include "probe/dns_message.h"
#include "probe/dns_record.h"

enum {
	HEADER_LEN = 12,
	RECORD_LEN = 10, /* type, class, TTL and length, behind the name */
	NAME_BYTES = 255,
	LABEL_BYTES = 63,
	FLAG_RESPONSE = 0x8000,
	FLAG_TRUNCATED = 0x0200,
	FLAG_RECURSION = 0x0100,
	FLAG_AUTHENTICATED = 0x0020,
	RCODE_MASK = 0x000f,
};

int dns_name_write(const char *text, struct dns_question *question)
{
	size_t len = 0;

	if (strcmp(text, ".") == 0)
		text = "";
	while (*text) {
		const size_t label = strcspn(text, ".");

		if (label == 0 || label > LABEL_BYTES || len + label + 2 > NAME_BYTES)
			return -EINVAL;
		question->name[len++] = (uint8_t)label;
		memcpy(question->name + len, text, label);
		len += label;
		text += label + (text[label] == '.');
	}
	question->name[len++] = 0;
	question->name_len = len;
	return 0;
}

static size_t write16(uint8_t *at, unsigned number)
{
	at[0] = (uint8_t)(number >> 8);
	at[1] = (uint8_t)number;
	return 2;
}

size_t dns_question_write(const struct dns_question *question, uint16_t id,
			  uint8_t message[DNS_QUESTION_BYTES])
{
	size_t len = 0;

	len += write16(message + len, id);
	/* With AD we say that we would understand it (RFC 6840, 5.7). */
	len += write16(message + len,
		       (question->wants_recursion ? FLAG_RECURSION : 0) | FLAG_AUTHENTICATED);
	len += write16(message + len, 1);
	memset(message + len, 0, 6);
	len += 6;
	memcpy(message + len, question->name, question->name_len);
	len += question->name_len;
	len += write16(message + len, question->type);
	len += write16(message + len, question->class);
	return len;
}

bool dns_name_read(const struct dns_message *message, size_t *at, struct text *text)
{
	size_t here = *at, end = 0, before = *at, bytes = 0;

	for (;;) {
		const unsigned len = here < message->len ? message->data[here] : 0x40;

		if ((len & 0xc0) == 0xc0) {
			if (here + 1 >= message->len)
				return false;
			end = end ? end : here + 2;
			here = (len & 0x3fu) << 8 | message->data[here + 1];
			/* Only ever backwards, so there is no loop. */
			if (here >= before)
				return false;
			before = here;
			continue;
		}
		if (len > LABEL_BYTES || here + len >= message->len)
			return false;
		bytes += len + 1;
		if (bytes > NAME_BYTES)
			return false;
		here += len + 1;
		if (len == 0)
			break;
		if (text)
			dns_label_print(text, message->data + here - len, len);
	}
	if (text && bytes == 1)
		text_append_char(text, '.');
	*at = end ? end : here;
	return true;
}

/* Whether the question is ours, whichever case its letters are in; *at moves behind it. */
static bool is_our_question(const struct dns_message *message, size_t *at,
			    const struct dns_question *question)
{
	const size_t len = question->name_len;

	if (message->len - *at < len + 4)
		return false;
	for (size_t i = 0; i < len; i++) {
		uint8_t there = message->data[*at + i], here = question->name[i];

		there = there >= 'A' && there <= 'Z' ? (uint8_t)(there | 0x20) : there;
		here = here >= 'A' && here <= 'Z' ? (uint8_t)(here | 0x20) : here;
		if (there != here)
			return false;
	}
	*at += len + 4;
	return dns_read16(message, *at - 4) == question->type &&
	       dns_read16(message, *at - 2) == question->class;
}

static void note_ttl(struct dns_facts *facts, uint32_t ttl)
{
	/* RFC 2181, 8. */
	if (ttl > INT32_MAX)
		ttl = 0;
	if (!facts->has_ttl || ttl < facts->ttl)
		facts->ttl = ttl;
	facts->has_ttl = true;
}

static void note_serial(struct dns_facts *facts, const struct dns_message *message, size_t at,
			size_t end)
{
	if (facts->has_serial || !dns_name_read(message, &at, NULL) ||
	    !dns_name_read(message, &at, NULL) || at + 20 > end)
		return;
	facts->serial = dns_read32(message, at);
	facts->has_serial = true;
}

static bool read_record(const struct dns_message *message, size_t *at, enum dns_section section,
			struct dns_facts *facts)
{
	struct text text = { .limit_bytes = DNS_MESSAGE_BYTES * 4 };
	size_t data, end;
	unsigned type;

	if (!dns_name_read(message, at, NULL) || message->len - *at < RECORD_LEN)
		return false;
	type = dns_read16(message, *at);
	data = *at + RECORD_LEN;
	end = data + dns_read16(message, *at + 8);
	if (end > message->len || !dns_record_print(message, type, data, end, &text)) {
		text_done(&text);
		return false;
	}
	if (section == DNS_ANSWER)
		note_ttl(facts, dns_read32(message, *at + 4));
	if (type == DNS_SOA && section != DNS_ADDITIONAL)
		note_serial(facts, message, data, end);
	facts->records[section] =
		memory_grow(facts->records[section], facts->counts[section] + 1, sizeof(char *));
	facts->records[section][facts->counts[section]++] = text_take(&text);
	*at = end;
	return true;
}

static bool read_sections(const struct dns_message *message, size_t at, struct dns_facts *facts)
{
	for (unsigned section = 0; section < DNS_SECTIONS; section++) {
		const unsigned count = dns_read16(message, 6 + 2 * section);

		if (count > DNS_RECORDS_MAX)
			return false;
		for (unsigned i = 0; i < count; i++)
			if (!read_record(message, &at, (enum dns_section)section, facts))
				return false;
	}
	return true;
}

enum dns_reply dns_answer_read(const uint8_t *data, size_t len, const struct dns_question *question,
			       uint16_t id, struct dns_facts **ret_facts)
{
	const struct dns_message message = { data, len };
	struct dns_facts *facts;
	unsigned flags, questions;
	size_t at = HEADER_LEN;

	if (len < HEADER_LEN || dns_read16(&message, 0) != id)
		return DNS_NOT_OURS;
	flags = dns_read16(&message, 2);
	questions = dns_read16(&message, 4);
	if (!(flags & FLAG_RESPONSE))
		return DNS_NOT_OURS;
	/* Servers that refuse a question need not repeat it. */
	if (questions == 1 ? !is_our_question(&message, &at, question)
			   : questions != 0 || !(flags & RCODE_MASK))
		return DNS_NOT_OURS;
	if (flags & FLAG_TRUNCATED)
		return DNS_TRUNCATED;
	facts = MEMORY_NEW(struct dns_facts);
	facts->rcode = flags & RCODE_MASK;
	facts->is_authenticated = flags & FLAG_AUTHENTICATED;
	if (!read_sections(&message, at, facts)) {
		dns_facts_free(facts);
		return DNS_MALFORMED;
	}
	*ret_facts = facts;
	return DNS_REPLY;
}
