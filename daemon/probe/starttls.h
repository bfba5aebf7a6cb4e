/* starttls.h - how a server of each protocol is asked to go on under TLS.
 *
 * Bytes in, bytes out: it knows no socket and no time.
 * Sources: RFC 3207 (smtp), RFC 9051 6.2.1 (imap), RFC 2595 (pop3), RFC 4217 (ftp),
 * RFC 6120 5 (xmpp), RFC 4511 4.14 (ldap), PostgreSQL's "SSL Session Encryption" (protocol
 * flow), MySQL's Protocol::HandshakeV10 and Protocol::SSLRequest.
 */
#pragma once

#include <stddef.h>

#include "option/option.h"

enum starttls_protocol {
	STARTTLS_NONE,
	STARTTLS_SMTP,
	STARTTLS_IMAP,
	STARTTLS_POP3,
	STARTTLS_FTP,
	STARTTLS_XMPP,
	STARTTLS_LDAP,
	STARTTLS_POSTGRES,
	STARTTLS_MYSQL,
};

/* The words of the key `starttls`, and its row. */
extern const struct option_word starttls_words[];

#define STARTTLS_ROW(type, member)                                                                 \
	{                                                                                          \
		.key = "starttls", .kind = OPTION_CHOICE,                                          \
		.offset = MEMBER(type, member, enum starttls_protocol), .fallback = "none",        \
		.words = starttls_words,                                                           \
		.about = "Protocol in which the server is asked to go on under TLS.",              \
	}

struct starttls {
	enum starttls_protocol protocol;
	const char *host; /* borrowed; xmpp names the domain it wants */
	unsigned step; /* from 0 */
};

enum starttls_next {
	STARTTLS_WAITS, /* for more from the server */
	STARTTLS_GOES, /* the handshake is next, behind what there is to say */
	STARTTLS_REFUSED, /* the server does not want to, or can't */
	STARTTLS_NONSENSE, /* that is not the protocol */
};

/* What the server said and nobody took yet; begins with nothing.  *ret_used is how much of it
 * is done with; `say` gets what is to be sent.
 */
enum starttls_next starttls_step(struct starttls *starttls, const char *data, size_t len,
				 size_t *ret_used, struct text *say);
