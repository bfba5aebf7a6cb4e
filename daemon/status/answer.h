/* answer.h - what is said to one request: whole, or in parts.
 *
 * An answer lives from the request until its last byte was given to the kernel, or
 * the connection is lost.  Whoever answers later sets `lost` and `work`; after
 * answer_document(), answer_json(), answer_error() or answer_end() it may not be touched any more.
 * Loop thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct evhttp_request;
struct status;
struct text;
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
