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

struct tls_facts {
	unsigned version; /* 12 is TLS 1.2, 13 is TLS 1.3; 0: not agreed on */
	char *cipher; /* owned; or NULL */
	struct certificate *chain; /* owned array, leaf first, as the server sent it */
	size_t chain_count; /* at most 16 are kept */
};

void tls_facts_free(struct tls_facts *facts);
