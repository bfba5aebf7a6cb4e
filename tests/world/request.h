/* request.h - the head of an HTTP/1 request.  Source: RFC 9112. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define REQUEST_HEADERS 100

struct request {
	char *head; /* owned; the texts below point into it */
	char *method, *path, *query; /* query: "" if none */
	char *version;
	char *host; /* owned; as the request names it, lower case, no port; "" if none */
	char *target; /* owned; whole, as it came */
	struct {
		char *name, *value;
	} headers[REQUEST_HEADERS];
	size_t header_count;
	size_t body_len;
	bool is_keep_alive;
};

/* `head` (taken, ends with an empty line) apart.  0 or -EINVAL. */
int request_parse(struct request *request, char *head);
void request_done(struct request *request);
/* NULL if there is none; the name in any case. */
const char *request_header(const struct request *request, const char *name);
