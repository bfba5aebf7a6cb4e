/* certificate.h - throw-away authorities and server certificates for tests. */
#pragma once

#include <openssl/ssl.h>

struct authority {
	EVP_PKEY *key; /* owned */
	X509 *certificate; /* owned */
};

void authority_init(struct authority *authority, const char *name);
void authority_done(struct authority *authority);
/* Its certificate as PEM, in a file of that name. */
void authority_write(const struct authority *authority, const char *path);
/* A server's context with a certificate for the DNS name. */
SSL_CTX *authority_server(const struct authority *authority, const char *name);
