/* certificate.c - what a server shows of itself: certificates, and what it staples to them.
 *
 * A byte: how many certificates, at most 31.  Each is two bytes with its length, and DER; then
 * comes the staple.  The last certificate is trusted.
 *
 * Over: probe/certificate.c probe/tls_staple.c model/tls.c
 */
#include "probe/certificate.h"
#include "base/memory.h"
#include "fuzz.h"
#include "model/tls.h"
#include "probe/tls_staple.h"

enum { CHAIN_MAX = 16, COUNT_MAX = 31, NAMES_MAX = 1000 };

static X509 *take_certificate(struct fuzz *input)
{
	const size_t high = fuzz_byte(input), wanted = high << 8 | fuzz_byte(input);
	const size_t len = wanted < input->len ? wanted : input->len;
	const unsigned char *der = input->data;
	X509 *certificate = d2i_X509(NULL, &der, (long)len);

	input->data += len;
	input->len -= len;
	return certificate;
}

static void check_certificate(const struct certificate *certificate)
{
	assert(certificate->subject && certificate->issuer && certificate->serial);
	assert(strlen(certificate->serial) % 2 == 0 && strlen(certificate->serial) <= 128);
	assert(strlen(certificate->fingerprint) == 64);
	assert(strlen(certificate->spki) == 44 || *certificate->spki == '\0');
	assert(certificate->names_count <= NAMES_MAX);
	for (size_t i = 0; i < certificate->names_count; i++)
		assert(strlen(certificate->names[i]) <= 255);
}

static void check_chain(STACK_OF(X509) * chain)
{
	struct tls_facts *facts = MEMORY_NEW(struct tls_facts);
	const size_t shown = (size_t)sk_X509_num(chain);

	certificate_take_chain(facts, chain);
	assert(facts->chain_count == (shown < CHAIN_MAX ? shown : CHAIN_MAX));
	for (size_t i = 0; i < facts->chain_count; i++)
		check_certificate(&facts->chain[i]);
	(void)certificate_chain_ends(chain);
	tls_facts_free(facts);
}

static void check_staple(STACK_OF(X509) * chain, const uint8_t *bytes, size_t len)
{
	X509_STORE *store = X509_STORE_new();
	const int last = sk_X509_num(chain) - 1;
	int64_t revoked_at = -1;
	enum tls_staple staple;

	if (last >= 0)
		(void)X509_STORE_add_cert(store, sk_X509_value(chain, last));
	staple = tls_staple_judge(len ? bytes : NULL, (long)len, chain, store, &revoked_at);
	assert(staple != STAPLE_UNSEEN && tls_staple_name(staple));
	assert((staple == STAPLE_ABSENT) == (len == 0));
	assert(staple == STAPLE_REVOKED || revoked_at == -1);
	X509_STORE_free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	STACK_OF(X509) *chain = sk_X509_new_null();
	unsigned count = fuzz_byte(&input) & COUNT_MAX;

	for (; count > 0 && input.len > 2; count--) {
		X509 *certificate = take_certificate(&input);

		if (certificate)
			(void)sk_X509_push(chain, certificate);
	}
	check_chain(chain);
	check_staple(chain, input.data, input.len);
	sk_X509_pop_free(chain, X509_free);
	return 0;
}
