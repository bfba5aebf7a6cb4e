/* dns_record.c - records of a DNS message in presentation form. */
#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"
#include "probe/dns_message.h"
#include "probe/dns_record.h"

/* RFC 1035, 5.1: \X for what means something, \DDD for what cannot be seen. */
static void print_escaped(struct text *text, uint8_t byte, const char *special)
{
	if (byte < 0x20 || byte > 0x7e)
		text_print(text, "\\%03u", byte);
	else if (strchr(special, byte))
		text_print(text, "\\%c", byte);
	else
		text_append_char(text, (char)byte);
}

void dns_label_print(struct text *text, const uint8_t *label, size_t len)
{
	for (size_t i = 0; i < len; i++)
		print_escaped(text, label[i], ".\\\"();@$ ");
	text_append_char(text, '.');
}

static void print_quoted(struct text *text, const uint8_t *data, size_t len)
{
	text_append_char(text, '"');
	for (size_t i = 0; i < len; i++)
		print_escaped(text, data[i], "\"\\");
	text_append_char(text, '"');
}

static void print_hex(struct text *text, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		text_print(text, "%02X", data[i]);
}

static bool print_address(const struct dns_message *message, int family, size_t at, size_t end,
			  struct text *text)
{
	char address[INET6_ADDRSTRLEN];

	if (end - at != (family == AF_INET ? 4 : 16))
		return false;
	(void)inet_ntop(family, message->data + at, address, sizeof(address));
	text_append(text, address);
	return true;
}

/* A name that fills what is left. */
static bool print_name(const struct dns_message *message, size_t at, size_t end, struct text *text)
{
	return dns_name_read(message, &at, text) && at == end;
}

/* Numbers of 16 bits, then a name: MX, SRV. */
static bool print_numbers_and_name(const struct dns_message *message, unsigned numbers, size_t at,
				   size_t end, struct text *text)
{
	if (end - at < 2 * numbers + 1)
		return false;
	for (unsigned i = 0; i < numbers; i++, at += 2)
		text_print(text, "%u ", dns_read16(message, at));
	return print_name(message, at, end, text);
}

static bool print_soa(const struct dns_message *message, size_t at, size_t end, struct text *text)
{
	if (!dns_name_read(message, &at, text))
		return false;
	text_append_char(text, ' ');
	if (!dns_name_read(message, &at, text) || at > end || end - at != 20)
		return false;
	for (; at < end; at += 4)
		text_print(text, " %u", dns_read32(message, at));
	return true;
}

static bool print_txt(const struct dns_message *message, size_t at, size_t end, struct text *text)
{
	for (const size_t start = at; at < end; at += message->data[at] + 1u) {
		if (at + message->data[at] >= end)
			return false;
		text_append(text, at > start ? " " : "");
		print_quoted(text, message->data + at + 1, message->data[at]);
	}
	return true;
}

static bool print_caa(const struct dns_message *message, size_t at, size_t end, struct text *text)
{
	size_t tag;

	if (end - at < 2)
		return false;
	tag = message->data[at + 1];
	if (tag == 0 || at + 2 + tag > end)
		return false;
	text_print(text, "%u ", message->data[at]);
	for (size_t i = 0; i < tag; i++)
		print_escaped(text, message->data[at + 2 + i], "\"\\ ");
	text_append_char(text, ' ');
	at += 2 + tag;
	print_quoted(text, message->data + at, end - at);
	return true;
}

static bool print_ds(const struct dns_message *message, size_t at, size_t end, struct text *text)
{
	if (end - at < 5)
		return false;
	text_print(text, "%u %u %u ", dns_read16(message, at), message->data[at + 2],
		   message->data[at + 3]);
	print_hex(text, message->data + at + 4, end - at - 4);
	return true;
}

bool dns_record_print(const struct dns_message *message, unsigned type, size_t at, size_t end,
		      struct text *text)
{
	switch (type) {
	case DNS_A:
		return print_address(message, AF_INET, at, end, text);
	case DNS_AAAA:
		return print_address(message, AF_INET6, at, end, text);
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
		return print_name(message, at, end, text);
	case DNS_MX:
		return print_numbers_and_name(message, 1, at, end, text);
	case DNS_SRV:
		return print_numbers_and_name(message, 3, at, end, text);
	case DNS_SOA:
		return print_soa(message, at, end, text);
	case DNS_TXT:
		return print_txt(message, at, end, text);
	case DNS_CAA:
		return print_caa(message, at, end, text);
	case DNS_DS:
		return print_ds(message, at, end, text);
	default:
		/* RFC 3597, 5. */
		text_print(text, "\\# %zu", end - at);
		text_append(text, end > at ? " " : "");
		print_hex(text, message->data + at, end - at);
		return true;
	}
}
