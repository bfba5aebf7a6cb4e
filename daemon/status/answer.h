/* answer.h - what is said to one request: whole, in parts, or a slice a turn.
 *
 * An answer lives from the request until its last byte was given to the kernel, or
 * the connection is lost.  Whoever answers later sets `lost` and `work`; after
 * answer_document(), answer_json(), answer_error() or answer_end() it may not be touched any more.
 * Loop thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/text.h"

struct event;
struct evhttp_request;
struct status;
struct visitor;

struct answer {
	struct status *status; /* borrowed */
	struct visitor *visitor; /* borrowed */
	struct evhttp_request *request; /* owned, together with the connection */
	/* The connection is gone, and the answer with it when this returns; NULL: no matter. */
	void (*lost)(struct answer *answer);
	/* All that was written so far is in the kernel; never called from inside a write. */
	void (*drained)(struct answer *answer);
	void *work; /* of whoever answers later */
	void (*make)(struct answer *answer); /* the next slice, or NULL */
	struct event *turn; /* owned; when it is made, or NULL */
};

/* Takes over the request; it becomes the visitor's answer. */
struct answer *answer_new(struct status *status, struct visitor *visitor,
			  struct evhttp_request *request);
/* The visitor is gone. */
void answer_lost(struct answer *answer);

/* The value of a request header, or NULL. */
const char *answer_header(const struct answer *answer, const char *name);
/* What came with the request, at most 64 KiB; malloc'ed, with a NUL behind it. */
char *answer_body(const struct answer *answer, size_t *ret_len);
bool answer_has_body(const struct answer *answer);
/* Adds one to the answer, before it begins. */
void answer_set_header(struct answer *answer, const char *name, const char *value);

/* A whole document as it stands; the text is emptied. */
void answer_document(struct answer *answer, int code, const char *content_type, struct text *text);
/* The same in JSON; a newline is added and the text emptied. */
void answer_json(struct answer *answer, int code, struct text *json);
/* 204: it is done, and there is nothing to say. */
void answer_nothing(struct answer *answer);
/* {"error":{"code":NAME,"message":…}} */
void answer_error(struct answer *answer, int code, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* In parts, the connection being closed at the end: no length is known. */
void answer_begin(struct answer *answer, const char *content_type);
/* The text is emptied; an empty one is not sent, and then nothing is drained. */
void answer_write(struct answer *answer, struct text *part);
void answer_end(struct answer *answer);

/* A long answer, made a slice a turn so that no check is late for it.  `make` writes one by
 * answer_write_slice(), and the last by answer_write() and answer_end(); it is called now and
 * whenever there is room: in the next turn of the loop, or once a peer that reads more slowly
 * has read.
 */
void answer_slices(struct answer *answer, void (*make)(struct answer *answer));
/* The text is emptied, and may be empty: then there is only more to look through. */
void answer_write_slice(struct answer *answer, struct text *part);

struct slice {
	usec_t until; /* CPU time of the thread */
	unsigned looks;
};

struct slice slice_begin(void);
/* Asked before each piece; some are let through before anything is looked at. */
bool slice_is_full(struct slice *slice, const struct text *part);
