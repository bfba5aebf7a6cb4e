/* grpc_health.h - the messages of grpc.health.v1, and the words of gRPC.
 *
 * Source: gRPC Health Checking Protocol; gRPC over HTTP2; Protocol Buffers, Encoding.
 * Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct text;

/* HealthCheckRequest with that service (at most 127 bytes), as a message of a stream: its length
 * before it.
 */
void grpc_health_request(struct text *message, const char *service);

/* The word for the status in a HealthCheckResponse ("SERVING"), in `room` where it has none.
 * NULL: that is no such message; *ret_fault then says why not.
 */
const char *grpc_health_status(const char *data, size_t len, char room[24], const char **ret_fault);

/* "NOT_FOUND" of grpc-status 5; NULL where it has none. */
const char *grpc_code_name(unsigned long code);
/* grpc-message: percent-decoded where that can be done. */
void grpc_message_print(struct text *text, const char *message, size_t len);
