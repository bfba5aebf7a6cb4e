/* http_curl.h - a hop as settings of a libcurl handle. */
#pragma once

#include <stdbool.h>

struct http_hop;

/* Sets the hop's transfer, fresh from the pool or used for a hop before, to its request. */
void http_curl_set(struct http_hop *hop, bool is_first);
