/* http_reason.h - what happened to a request, in words: who, where, how long. */
#pragma once

#include "base/clock.h"
#include "model/verdict.h"

struct http_hop;
struct text;

/* Appends what ended the hop so; `error` is the errno that came with it, or 0. */
void http_reason_print(struct text *text, const struct http_hop *hop, enum failure_class class,
		       enum phase phase, int error);
/* The same where the check's own timeout ended it. */
/* Says of a sentence from below whom it is about. */
void http_reason_frame(struct text *text, const struct http_hop *hop, enum failure_class class);
void http_reason_print_timeout(struct text *text, const struct http_hop *hop, enum phase phase,
			       usec_t timeout);
