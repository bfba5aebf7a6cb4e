/* dns_record.h - records of a DNS message in presentation form.  Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

struct dns_message {
	const uint8_t *data; /* borrowed */
	size_t len;
};

static inline unsigned dns_read16(const struct dns_message *message, size_t at)
{
	return (unsigned)message->data[at] << 8 | message->data[at + 1];
}

static inline uint32_t dns_read32(const struct dns_message *message, size_t at)
{
	return (uint32_t)dns_read16(message, at) << 16 | dns_read16(message, at + 2);
}

/* The name at `*at`, which moves behind it; printed with the dot at its end unless `text`
 * is NULL.  False where it is none.
 */
bool dns_name_read(const struct dns_message *message, size_t *at, struct text *text);
/* With the dot behind it. */
void dns_label_print(struct text *text, const uint8_t *label, size_t len);

/* The rdata between `at` and `end`; false where it is none of its type. */
bool dns_record_print(const struct dns_message *message, unsigned type, size_t at, size_t end,
		      struct text *text);
