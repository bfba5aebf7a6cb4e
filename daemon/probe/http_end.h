/* http_end.h - how a hop ended, or how far it came: what each phase took, and its class. */
#pragma once

#include <curl/curl.h>

#include "base/clock.h"
#include "loop/connect.h"
#include "model/verdict.h"

struct http_hop;

/* What connecting took, whether it is over or not. */
void http_end_note_connecting(struct http_hop *hop, const struct connected *connected);
/* Sums up what libcurl took until `until`, and says in which phase that was. */
enum phase http_end_note_talking(struct http_hop *hop, usec_t until);

/* It did not get connected. */
void http_end_connecting(struct http_hop *hop, const struct connected *connected);
/* libcurl is done, well or not. */
void http_end_talking(struct http_hop *hop, CURLcode code, usec_t now);
/* Time was up meanwhile, which is `timeout`. */
void http_end_expired_connecting(struct http_hop *hop, const struct connected *seen, usec_t now,
				 usec_t timeout);
void http_end_expired_talking(struct http_hop *hop, usec_t now, usec_t timeout);
