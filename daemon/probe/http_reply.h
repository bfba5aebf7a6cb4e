/* http_reply.h - what libcurl reads, bounded and noted in a hop as it comes. */
#pragma once

#include <stddef.h>

/* CURLOPT_PREREQFUNCTION: a request is about to be sent. */
int http_reply_begins(void *hop, char *address, char *own_address, int port, int own_port);
/* CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION; `hop` is the struct http_hop. */
size_t http_reply_header(char *line, size_t size, size_t count, void *hop);
size_t http_reply_body(char *data, size_t size, size_t count, void *hop);
