/* mail.h - one mail to people, by SMTP over the connector.
 *
 * libcurl speaks SMTP and builds the MIME; what goes into headers is made safe here: no line
 * break gets through, and what is not ASCII becomes encoded words.  Loop thread only.
 * Sources: RFC 5321, RFC 5322, RFC 2047.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/text.h"
#include "loop/errand.h"

struct mail;

/* All texts are borrowed until done(). */
struct mail_request {
	const char *url; /* smtp://HOST[:PORT], or smtps:// */
	bool starts_tls; /* smtp:// without it is refused */
	const char *user, *password; /* or NULL */
	const char *ca; /* PEM file; NULL: the system's */
	const char *cert, *key; /* PEM files of our own; or NULL */
	const char *from; /* address, without <> */
	const char *const *to; /* addresses, NULL-terminated */
	const char *subject; /* any text */
	const char *id; /* any text; equal for the same mail sent again */
	usec_t date; /* wall */
	const char *body; /* UTF-8 */
	size_t body_len;
	usec_t timeout;
};

enum mail_outcome {
	MAIL_TAKEN, /* for one of them at least */
	MAIL_REFUSED, /* for good, as far as the server knows */
	MAIL_FAILED, /* may be better later */
};

struct mail_result {
	enum mail_outcome outcome;
	const char
		*fault; /* a sentence where there was no answer, else NULL; valid during done() */
	const char *answer; /* the server's line that tells most, or ""; valid during done() */
};

typedef void mail_done(const struct mail_result *result, void *context);

/* done() runs once, in a later turn. */
struct mail *mail_start(const struct post_tools *tools, const struct mail_request *request,
			mail_done *done, void *context);
/* done() does not run any more. */
void mail_cancel(struct mail *mail);

/* Whether a URL is a mail server's; else what it must be, to stand behind "must ". */
bool mail_check_url(const char *url, const char **ret_wanted);
/* A header's text on lines of their own length: as it is, or as encoded words of RFC 2047. */
void mail_append_header_text(struct text *text, const char *value);
