/* tls_staple.h - what a server staples to its handshake: its authority's word, by OCSP, on
 * whether the certificate still holds.
 *
 * Source: RFC 6960, RFC 6066 8; OCSP_basic_verify(3), SSL_get_tlsext_status_ocsp_resp(3).
 */
#pragma once

#include <openssl/ssl.h>
#include <stdint.h>

#include "model/tls.h"

/* Of a handshake that is over and asked for it; never STAPLE_UNSEEN.  *ret_revoked_at is set
 * where it is STAPLE_REVOKED.
 */
enum tls_staple tls_staple_read(SSL *ssl, int64_t *ret_revoked_at);
/* The same of the bytes of one, about the first of a chain, where the store has who is trusted. */
enum tls_staple tls_staple_judge(const unsigned char *bytes, long len, STACK_OF(X509) * chain,
				 X509_STORE *store, int64_t *ret_revoked_at);
