/* certificates.h - certificates made for one test, good and bad ones. */
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>

struct pki {
	char folder[64]; /* of its own; ends with the pki */
	char ca_path[96], client_path[96], key_path[96], crl_path[96];
	X509 *ca;
	EVP_PKEY *ca_key;
};

struct kind {
	const char *names; /* subjectAltName: "DNS:name.test" */
	long from_days, days; /* of validity, from now */
	int bits; /* of RSA; 0: elliptic */
	bool is_self_signed;
	bool is_foreign; /* issued by nobody that is trusted */
};

void pki_init(struct pki *pki);
void pki_done(struct pki *pki);

/* A context for a server that shows a certificate of that kind. */
SSL_CTX *pki_server(struct pki *pki, const struct kind *kind);
/* The server staples this status (V_OCSP_CERTSTATUS_…) of its certificate, said `age` seconds
 * ago for a day; signed by the authority, or by a stranger's key.
 */
void pki_staple(struct pki *pki, SSL_CTX *context, int status, long age, bool is_foreign);
/* The server's certificate is on the list at crl_path. */
void pki_revoke(struct pki *pki, SSL_CTX *context);
