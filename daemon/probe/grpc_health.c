/* grpc_health.c - the messages of grpc.health.v1, and the words of gRPC. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "probe/grpc_health.h"

enum {
	PREFIX_BYTES = 5, /* whether it is compressed, and its length */
	FIELD_SERVICE = 0x0a, /* 1, length-delimited */
	FIELD_STATUS = 0x08, /* 1, varint */
};

void grpc_health_request(struct text *message, const char *service)
{
	const size_t len = strlen(service);
	/* At most 127 bytes of it (grpc.c), so that one byte holds each length. */
	const char prefix[PREFIX_BYTES] = { 0, 0, 0, 0, (char)(len ? len + 2 : 0) };
	const char field[] = { FIELD_SERVICE, (char)len };

	text_append_len(message, prefix, sizeof(prefix));
	if (len == 0)
		return;
	text_append_len(message, field, sizeof(field));
	text_append_len(message, service, len);
}

struct reader {
	const unsigned char *at, *end;
	bool is_broken;
};

static uint64_t read_varint(struct reader *reader)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (reader->at == reader->end)
			break;
		value |= (uint64_t)(*reader->at & 0x7f) << shift;
		if (!(*reader->at++ & 0x80))
			return value;
	}
	reader->is_broken = true;
	return 0;
}

static void skip(struct reader *reader, uint64_t len)
{
	if (len > (uint64_t)(reader->end - reader->at))
		reader->is_broken = true;
	else
		reader->at += len;
}

/* A field that is none of ours; who sends one is newer than we are. */
static void skip_field(struct reader *reader, uint64_t tag)
{
	switch (tag & 7) {
	case 0:
		(void)read_varint(reader);
		break;
	case 1:
		skip(reader, 8);
		break;
	case 2:
		skip(reader, read_varint(reader));
		break;
	case 5:
		skip(reader, 4);
		break;
	default:
		reader->is_broken = true;
	}
}

static uint64_t read_status(struct reader *reader)
{
	uint64_t status = 0;

	while (reader->at < reader->end && !reader->is_broken) {
		const uint64_t tag = read_varint(reader);

		if (tag == FIELD_STATUS)
			status = read_varint(reader);
		else
			skip_field(reader, tag);
	}
	return status;
}

const char *grpc_health_status(const char *data, size_t len, char room[24], const char **ret_fault)
{
	static const char *const words[] = { "UNKNOWN", "SERVING", "NOT_SERVING",
					     "SERVICE_UNKNOWN" };
	const unsigned char *bytes = (const unsigned char *)data;
	struct reader reader;
	uint64_t status;

	*ret_fault = NULL;
	if (len < PREFIX_BYTES)
		*ret_fault = "the reply has no message";
	else if (bytes[0] != 0)
		*ret_fault = "the message is compressed, which nobody asked for";
	else if (((size_t)bytes[1] << 24 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 8 |
		  bytes[4]) != len - PREFIX_BYTES)
		*ret_fault = "the message does not have the length that it says";
	if (*ret_fault)
		return NULL;
	reader = (struct reader){ bytes + PREFIX_BYTES, bytes + len, false };
	status = read_status(&reader);
	if (reader.is_broken) {
		*ret_fault = "the message is no HealthCheckResponse";
		return NULL;
	}
	if (status < sizeof(words) / sizeof(words[0]))
		return words[status];
	(void)snprintf(room, 24, "STATUS_%llu", (unsigned long long)(status & 0xffffffff));
	return room;
}

const char *grpc_code_name(unsigned long code)
{
	static const char *const names[] = {
		"OK",
		"CANCELLED",
		"UNKNOWN",
		"INVALID_ARGUMENT",
		"DEADLINE_EXCEEDED",
		"NOT_FOUND",
		"ALREADY_EXISTS",
		"PERMISSION_DENIED",
		"RESOURCE_EXHAUSTED",
		"FAILED_PRECONDITION",
		"ABORTED",
		"OUT_OF_RANGE",
		"UNIMPLEMENTED",
		"INTERNAL",
		"UNAVAILABLE",
		"DATA_LOSS",
		"UNAUTHENTICATED",
	};

	return code < sizeof(names) / sizeof(names[0]) ? names[code] : NULL;
}

static int digit_of(char c)
{
	const char *const digits = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)((at - digits) % 16) : -1;
}

void grpc_message_print(struct text *text, const char *message, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const int high = message[i] == '%' && i + 2 < len ? digit_of(message[i + 1]) : -1;
		const int low = high >= 0 ? digit_of(message[i + 2]) : -1;

		if (low >= 0) {
			text_append_char(text, (char)(high * 16 + low));
			i += 2;
		} else {
			text_append_char(text, message[i]);
		}
	}
}
