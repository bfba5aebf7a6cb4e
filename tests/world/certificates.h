/* certificates.h - an authority of our own and a certificate for every occasion.
 *
 * The first label of the name a client asks for, or else the port, says what is
 * wrong with the certificate: words joined by '-', as in `expired-misnamed.shop.test`:
 *
 *   good expired notyet misnamed selfsigned untrusted revoked weak
 *   clientcert   a client certificate is required
 *   stapled      the authority says by OCSP that it is good, or revoked
 *   old          no version above TLS 1.1; a port's only
 *
 * All certificates are made when they are first asked for.  Source: RFC 5280.
 */
#pragma once

typedef struct ssl_st SSL;

struct certificates;

/* Writes ca.pem, crl.pem, other-ca.pem, client.pem and client.key into `folder`. */
struct certificates *certificates_new(const char *folder);
void certificates_free(struct certificates *certificates);
/* `local` is the name where the client asks for none. */
SSL *certificates_session(struct certificates *certificates, const char *kind, const char *local);
/* Are these words of a kind? */
int certificates_kind(const char *text, unsigned *ret_kind);
