/* authority.h - certificates made with OpenSSL, and written to files.
 *
 * Source: RFC 5280.
 */
#pragma once

#include <openssl/x509v3.h>

enum kind {
	KIND_EXPIRED = 1 << 0,
	KIND_NOTYET = 1 << 1,
	KIND_MISNAMED = 1 << 2,
	KIND_SELFSIGNED = 1 << 3,
	KIND_UNTRUSTED = 1 << 4,
	KIND_REVOKED = 1 << 5,
	KIND_WEAK = 1 << 6,
	KIND_CLIENTCERT = 1 << 7,
	KIND_OLD = 1 << 8,
	KIND_STAPLED = 1 << 9,
	KIND_MIDDLE = 1 << 10,
	KIND_GAP = 1 << 11,
	KIND_SHA1 = 1 << 12,
};

struct authority {
	EVP_PKEY *key;
	X509 *certificate;
	long serial; /* the last one given out */
};

/* Under another authority, or with `above` NULL on its own. */
void authority_init(struct authority *authority, const char *name, const struct authority *above);
void authority_done(struct authority *authority);

/* A certificate for a host with this key; `kind` says what is wrong with it. */
X509 *authority_leaf(struct authority *authority, const char *name, EVP_PKEY *key, unsigned kind);

/* What the authority says of one of its certificates by OCSP (RFC 6960): that it is good, or
 * for KIND_REVOKED revoked.  DER for OPENSSL_free(); its length.
 */
int authority_staple(const struct authority *authority, X509 *leaf, unsigned kind,
		     unsigned char **ret_der);

/* Ends the process where that fails. */
void authority_write_certificate(const char *folder, const char *name, X509 *certificate);
void authority_write_key(const char *folder, const char *name, EVP_PKEY *key);
/* The list of all that is KIND_REVOKED. */
void authority_write_revoked(const char *folder, const char *name,
			     const struct authority *authority);
