/* tls.h - what a TLS handshake showed, also where verification failed or is off. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

struct certificate {
	char *subject, *issuer; /* owned; RFC 2253 */
	char *serial; /* owned; upper-case hexadecimal */
	char *fingerprint; /* owned; SHA-256 of the certificate, lower-case hexadecimal */
	char *spki; /* owned; SHA-256 of the public key info, base64 */
	char **names; /* owned; DNS names and addresses of the subjectAltName */
	size_t names_count;
	int64_t not_before, not_after; /* seconds since 1970 */
};

/* What the server said of its certificate by OCSP, stapled to the handshake (RFC 6066, 8).
 * It is always asked for.
 */
enum tls_staple {
	STAPLE_UNSEEN, /* the handshake did not get that far */
	STAPLE_ABSENT, /* asked for, not given: nothing is known */
	STAPLE_GOOD,
	STAPLE_REVOKED,
	STAPLE_UNKNOWN, /* the authority does not know the certificate */
	STAPLE_INVALID, /* malformed, out of date, for another certificate, or not signed as it must be */
	STAPLES,
};

struct tls_facts {
	unsigned version; /* 12 is TLS 1.2, 13 is TLS 1.3; 0: not agreed on */
	char *cipher; /* owned; or NULL */
	struct certificate *chain; /* owned array, leaf first, as the server sent it */
	size_t chain_count; /* at most 16 are kept */
	int64_t chain_ends; /* when the first of the chain up to a trusted root expires, in seconds
			     * since 1970; 0: it does not lead to one
			     */
	enum tls_staple staple;
	int64_t revoked_at; /* seconds since 1970, where the staple says revoked; else 0 */
};

/* "good", "absent", …; NULL for STAPLE_UNSEEN. */
const char *tls_staple_name(enum tls_staple staple);

void tls_facts_free(struct tls_facts *facts);
