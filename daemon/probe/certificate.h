/* certificate.h - a certificate as data: what expectations ask and evidence shows. */
#pragma once

#include <openssl/ssl.h>
#include <stdint.h>

struct tls_facts;

/* What the peer of `ssl` showed, at most 16 certificates, for tls_facts_free(). */
struct tls_facts *certificate_facts(SSL *ssl);
/* The same of a chain, leaf first; NULL: of none. */
void certificate_take_chain(struct tls_facts *facts, STACK_OF(X509) * chain);
/* When the first of a chain that was found good expires, in seconds since 1970; 0: of none. */
int64_t certificate_chain_ends(const STACK_OF(X509) * chain);
