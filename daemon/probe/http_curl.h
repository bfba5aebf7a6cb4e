/* http_curl.h - a hop as settings of a libcurl handle. */
#pragma once

struct http_hop;

/* Sets the hop's transfer, fresh or renewed, to the hop's request. */
void http_curl_set(struct http_hop *hop);
