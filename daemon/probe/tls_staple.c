/* tls_staple.c - an OCSP response, believed only where it is signed, in time and about this
 * certificate.
 */
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <time.h>

#include "base/cleanup.h"
#include "probe/tls_staple.h"

/* How far clocks may be apart; and how large a response may be, which is 2 KB at most. */
enum { CLOCKS_APART = 300, BYTES_MAX = 64 * 1024 };

static void cleanup_response(OCSP_RESPONSE **response)
{
	OCSP_RESPONSE_free(*response);
}

static void cleanup_basic(OCSP_BASICRESP **basic)
{
	OCSP_BASICRESP_free(*basic);
}

static void cleanup_id(OCSP_CERTID **id)
{
	OCSP_CERTID_free(*id);
}

/* The leaf and what it was signed with: as verified, which has the root too, or as sent. */
static STACK_OF(X509) * chain_of(SSL *ssl)
{
	STACK_OF(X509) *verified = SSL_get0_verified_chain(ssl);

	return verified && sk_X509_num(verified) > 1 ? verified : SSL_get_peer_cert_chain(ssl);
}

/* The answer about this leaf, named with whatever hash the authority likes. */
static OCSP_SINGLERESP *find_answer(OCSP_BASICRESP *basic, const X509 *leaf, const X509 *issuer)
{
	for (int i = 0; i < OCSP_resp_count(basic); i++) {
		OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
		const OCSP_CERTID *theirs = OCSP_SINGLERESP_get0_id(single);
		ASN1_OBJECT *hash = NULL;
		cleanup(id)
		OCSP_CERTID *ours = NULL;

		(void)OCSP_id_get0_info(NULL, &hash, NULL, NULL, (OCSP_CERTID *)theirs);
		ours = OCSP_cert_to_id(EVP_get_digestbyobj(hash), leaf, issuer);
		if (ours && OCSP_id_cmp(ours, theirs) == 0)
			return single;
	}
	return NULL;
}

static int64_t seconds(const ASN1_GENERALIZEDTIME *time)
{
	struct tm parts = { 0 };

	return time && ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : 0;
}

static enum tls_staple read_answer(OCSP_SINGLERESP *single, int64_t *ret_revoked_at)
{
	ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *until = NULL;
	const int status = OCSP_single_get0_status(single, NULL, &revoked, &from, &until);

	if (OCSP_check_validity(from, until, CLOCKS_APART, -1) != 1)
		return STAPLE_INVALID;
	if (status == V_OCSP_CERTSTATUS_GOOD)
		return STAPLE_GOOD;
	if (status != V_OCSP_CERTSTATUS_REVOKED)
		return STAPLE_UNKNOWN;
	*ret_revoked_at = seconds(revoked);
	return STAPLE_REVOKED;
}

static enum tls_staple judge(OCSP_BASICRESP *basic, STACK_OF(X509) * chain, X509_STORE *store,
			     int64_t *ret_revoked_at)
{
	OCSP_SINGLERESP *single;

	if (!chain || sk_X509_num(chain) < 2)
		return STAPLE_INVALID;
	single = find_answer(basic, sk_X509_value(chain, 0), sk_X509_value(chain, 1));
	if (!single || OCSP_basic_verify(basic, chain, store, 0) != 1)
		return STAPLE_INVALID;
	return read_answer(single, ret_revoked_at);
}

enum tls_staple tls_staple_judge(const unsigned char *bytes, long len, STACK_OF(X509) * chain,
				 X509_STORE *store, int64_t *ret_revoked_at)
{
	cleanup(response)
	OCSP_RESPONSE *response = NULL;
	cleanup(basic)
	OCSP_BASICRESP *basic = NULL;
	enum tls_staple staple = STAPLE_INVALID;

	if (!bytes || len <= 0)
		return STAPLE_ABSENT;
	if (len <= BYTES_MAX)
		response = d2i_OCSP_RESPONSE(NULL, &bytes, len);
	if (response && OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
		basic = OCSP_response_get1_basic(response);
	if (basic)
		staple = judge(basic, chain, store, ret_revoked_at);
	/* What is wrong with a staple is no error of the connection. */
	ERR_clear_error();
	return staple;
}

enum tls_staple tls_staple_read(SSL *ssl, int64_t *ret_revoked_at)
{
	const unsigned char *bytes = NULL;
	const long len = SSL_get_tlsext_status_ocsp_resp(ssl, &bytes);

	return tls_staple_judge(bytes, len, chain_of(ssl),
				SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl)), ret_revoked_at);
}
