/* tls.c - what a TLS handshake showed. */
#include <stdlib.h>

#include "model/tls.h"

static void certificate_done(struct certificate *certificate)
{
	for (size_t i = 0; i < certificate->names_count; i++)
		free(certificate->names[i]);
	free(certificate->names);
	free(certificate->subject);
	free(certificate->issuer);
	free(certificate->serial);
	free(certificate->fingerprint);
	free(certificate->spki);
}

const char *tls_staple_name(enum tls_staple staple)
{
	static const char *const names[STAPLES] = {
		[STAPLE_ABSENT] = "absent",   [STAPLE_GOOD] = "good",
		[STAPLE_REVOKED] = "revoked", [STAPLE_UNKNOWN] = "unknown",
		[STAPLE_INVALID] = "invalid",
	};

	return names[staple];
}

void tls_facts_free(struct tls_facts *facts)
{
	for (size_t i = 0; i < facts->chain_count; i++)
		certificate_done(&facts->chain[i]);
	free(facts->chain);
	free(facts->cipher);
	free(facts);
}
