/* certificate.h - a certificate as data: what expectations ask and evidence shows. */
#pragma once

#include <openssl/ssl.h>

struct tls_facts;

/* What the peer of `ssl` showed, at most 16 certificates, for tls_facts_free(). */
struct tls_facts *certificate_facts(SSL *ssl);
