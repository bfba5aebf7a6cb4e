/* tls.h - certificate stores of our own, shared by all handshakes.
 *
 * One X509_STORE per CA file, read once, and again when the file is another one by
 * its time, size or inode: looked at most every 2 s, when somebody asks for it.
 * No check ever reads the system's bundle.  The files are named by the
 * administrator; one on a hanging file system hangs the loop.  Loop thread only.
 */
#pragma once

#include <openssl/ssl.h>

#include "base/clock.h"

struct tls_stores;

struct tls_stores *tls_stores_new(void);
void tls_stores_free(struct tls_stores *stores);

/* The store for `ca` (PEM file) or, with NULL, the system's bundle.  Borrowed until
 * the next call; an SSL_CTX that uses it takes its own reference (SSL_CTX_set1_cert_store).
 * `now` is monotonic.  0, -ENODATA (no certificate in it), -EBADMSG (one that can't be
 * read) or what reading says: then class `local`.
 */
int tls_stores_get_at(struct tls_stores *stores, const char *ca, usec_t now,
		      X509_STORE **ret_store);

static inline int tls_stores_get(struct tls_stores *stores, const char *ca, X509_STORE **ret_store)
{
	return tls_stores_get_at(stores, ca, clock_now(), ret_store);
}

/* How many files were read so far, well or not. */
uint64_t tls_stores_reads(const struct tls_stores *stores);
