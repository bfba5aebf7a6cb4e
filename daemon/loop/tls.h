/* tls.h - certificate stores of our own, shared by all handshakes.
 *
 * One X509_STORE per CA file, read once and again when the file's mtime changes.
 * No check ever reads the system bundle.  Loop thread only.
 */
#pragma once

#include <openssl/ssl.h>

struct tls_stores;

struct tls_stores *tls_stores_new(void);
void tls_stores_free(struct tls_stores *stores);

/* The store for `ca` (PEM file) or, with NULL, the system's bundle.  Borrowed; an
 * SSL_CTX that uses it takes its own reference (SSL_CTX_set1_cert_store).
 * 0 or -errno (the file is unreadable or holds no certificate): then class `local`.
 */
int tls_stores_get(struct tls_stores *stores, const char *ca, X509_STORE **ret_store);
