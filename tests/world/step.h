/* step.h - how one request is answered: words, from the script or from the path.
 *
 *   delay=800ms status=503 x3        in a script
 *   /delay/800/status/503            in a path
 *
 * README.md lists the words.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/text.h"

enum fault {
	FAULT_NONE,
	FAULT_SILENT, /* never answers */
	FAULT_CLOSE, /* closes instead of answering */
	FAULT_RESET, /* the same with RST */
	FAULT_HALF, /* half of the body, then closes */
	FAULT_GARBAGE, /* bytes that are not HTTP */
	FAULT_ENDLESS_HEADERS,
	FAULT_ENDLESS_BODY,
};

enum content { CONTENT_TEXT, CONTENT_FILLER, CONTENT_JSON, CONTENT_ECHO };

struct step {
	unsigned count; /* requests it lasts; 0: not given */
	usec_t lasts; /* or the time; 0: not given */
	bool is_at_accept; /* `fault` happens before anything is read */

	enum fault fault;
	usec_t delay; /* before the first byte */
	usec_t slow; /* between two bytes of the body */
	usec_t slow_head; /* between two bytes of the head */

	unsigned status; /* 0: 200, or 302 with a place to go */
	enum content content;
	char *body; /* owned; NULL: "ok\n" */
	size_t size; /* of a filler or a document */
	char *type; /* owned; NULL: by the content */
	struct text headers; /* further lines, each with its CRLF */
	size_t long_header; /* bytes of one header line */
	bool has_length;
	size_t length; /* the Content-Length that is claimed */
	bool is_gzip, is_bad_gzip, is_chunked, is_last;

	bool has_redirects;
	unsigned redirects; /* how many are left to follow */
	char *location; /* owned */
};

/* The steps are separated by commas; `again` behind the last one starts over.
 * 0 or -EINVAL with *ret_fault (owned by the caller) saying which word.
 */
int steps_parse(const char *line, struct step **ret_steps, size_t *ret_count, bool *ret_again,
		char **ret_fault);
void steps_free(struct step *steps, size_t count);

/* The words among the segments of a path; the rest is a name. */
void step_read_path(struct step *step, const char *path);
void step_done(struct step *step);
