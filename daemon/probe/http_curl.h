/* http_curl.h - a hop as settings of a libcurl handle. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>

struct http_hop;

/* What is the same for all requests; see transfer_take(). */
void http_curl_prepare(CURL *easy);

/* Sets the hop's transfer, fresh from the pool or used for a hop before, to its request. */
void http_curl_set(struct http_hop *hop, bool is_first);
