/* tls_files.h - client certificates and revocation lists, read once and again when
 * their files change.  Loop thread only.
 */
#pragma once

#include <openssl/ssl.h>

struct tls_files;

struct tls_files *tls_files_new(void);
void tls_files_free(struct tls_files *files);

/* Certificate, chain and key for `context`.  0 or -errno (unreadable, none in it, or key
 * and certificate do not belong together) with *ret_file set to the one at fault.
 */
int tls_files_use(struct tls_files *files, SSL_CTX *context, const char *cert, const char *key,
		  const char **ret_file);
/* Borrowed until the next call.  0 or -errno. */
int tls_files_revoked(struct tls_files *files, const char *crl, STACK_OF(X509_CRL) * *ret_lists);
