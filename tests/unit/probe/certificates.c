/* certificates.c - certificates made for one test, good and bad ones. */
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "certificates.h"

/* One at a time, for as long as the server runs. */
static struct {
	unsigned char *der;
	int len;
} staple;

static EVP_PKEY *make_key(int bits)
{
	return bits ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits)
		    : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

static void add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(x509, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

/* `issuer` NULL: signed by its own key. */
static X509 *make(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
		  const struct kind *kind, bool is_ca)
{
	static long serial = 0x1001;
	X509 *x509 = X509_new();
	X509_NAME *subject = X509_get_subject_name(x509);

	assert_int_equal(X509_set_version(x509, 2), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++), 1);
	assert_non_null(X509_time_adj_ex(X509_getm_notBefore(x509), (int)kind->from_days, 0, NULL));
	assert_non_null(X509_time_adj_ex(X509_getm_notAfter(x509),
					 (int)(kind->from_days + kind->days), 0, NULL));
	assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
						    (const unsigned char *)name, -1, -1, 0),
			 1);
	assert_int_equal(
		X509_set_issuer_name(x509, issuer ? X509_get_subject_name(issuer) : subject), 1);
	assert_int_equal(X509_set_pubkey(x509, key), 1);
	add_extension(x509, issuer ? issuer : x509, NID_basic_constraints,
		      is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (kind->names)
		add_extension(x509, issuer ? issuer : x509, NID_subject_alt_name, kind->names);
	assert_true(X509_sign(x509, issuer_key ? issuer_key : key, EVP_sha256()) > 0);
	return x509;
}

static void write_certificate(const char *path, X509 *x509)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, x509), 1);
	(void)fclose(file);
}

static void write_client(struct pki *pki)
{
	const struct kind kind = { .from_days = -1, .days = 10 };
	EVP_PKEY *key = make_key(0);
	X509 *x509 = make("a client", key, pki->ca, pki->ca_key, &kind, false);
	FILE *file;

	write_certificate(pki->client_path, x509);
	file = fopen(pki->key_path, "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	(void)fclose(file);
	X509_free(x509);
	EVP_PKEY_free(key);
}

void pki_init(struct pki *pki)
{
	const struct kind kind = { .from_days = -10, .days = 100 };

	memset(pki, 0, sizeof(*pki));
	(void)snprintf(pki->folder, sizeof(pki->folder), "/tmp/picket-test-XXXXXX");
	assert_non_null(mkdtemp(pki->folder));
	(void)snprintf(pki->ca_path, sizeof(pki->ca_path), "%s/ca.pem", pki->folder);
	(void)snprintf(pki->client_path, sizeof(pki->client_path), "%s/client.pem", pki->folder);
	(void)snprintf(pki->key_path, sizeof(pki->key_path), "%s/client.key", pki->folder);
	(void)snprintf(pki->crl_path, sizeof(pki->crl_path), "%s/crl.pem", pki->folder);
	pki->ca_key = make_key(0);
	pki->ca = make("an authority", pki->ca_key, NULL, NULL, &kind, true);
	write_certificate(pki->ca_path, pki->ca);
	write_client(pki);
}

void pki_done(struct pki *pki)
{
	OPENSSL_free(staple.der);
	staple.der = NULL;
	(void)unlink(pki->ca_path);
	(void)unlink(pki->client_path);
	(void)unlink(pki->key_path);
	(void)unlink(pki->crl_path);
	(void)rmdir(pki->folder);
	X509_free(pki->ca);
	EVP_PKEY_free(pki->ca_key);
}

SSL_CTX *pki_server(struct pki *pki, const struct kind *kind)
{
	const struct kind authority = { .from_days = -10, .days = 100 };
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = make_key(kind->bits);
	EVP_PKEY *other_key = kind->is_foreign ? make_key(0) : NULL;
	X509 *other =
		other_key ? make("a stranger", other_key, NULL, NULL, &authority, true) : NULL;
	X509 *issuer = kind->is_self_signed ? NULL : other ? other : pki->ca;
	EVP_PKEY *issuer_key = kind->is_self_signed ? NULL : other ? other_key : pki->ca_key;
	X509 *x509 = make("a server", key, issuer, issuer_key, kind, false);

	SSL_CTX_set_security_level(context, 0);
	assert_int_equal(SSL_CTX_use_certificate(context, x509), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
	X509_free(x509);
	X509_free(other);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other_key);
	return context;
}

static int give_staple(SSL *ssl, void *context)
{
	unsigned char *copy = OPENSSL_memdup(staple.der, (size_t)staple.len);

	return SSL_set_tlsext_status_ocsp_resp(ssl, copy, staple.len) == 1 ? SSL_TLSEXT_ERR_OK
									   : SSL_TLSEXT_ERR_NOACK;
}

void pki_staple(struct pki *pki, SSL_CTX *context, int status, long age, bool is_foreign)
{
	const struct kind kind = { .from_days = -1, .days = 10 };
	EVP_PKEY *key = is_foreign ? make_key(0) : pki->ca_key;
	X509 *signer = is_foreign ? make("an authority", key, NULL, NULL, &kind, true) : pki->ca;
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), SSL_CTX_get0_certificate(context), pki->ca);
	ASN1_TIME *from = X509_gmtime_adj(NULL, -age), *until = X509_gmtime_adj(NULL, 86400 - age);
	OCSP_RESPONSE *response;

	assert_non_null(OCSP_basic_add1_status(basic, id, status, OCSP_REVOKED_STATUS_KEYCOMPROMISE,
					       status == V_OCSP_CERTSTATUS_REVOKED ? from : NULL,
					       from, until));
	assert_int_equal(OCSP_basic_sign(basic, signer, key, EVP_sha256(), NULL, 0), 1);
	response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	OPENSSL_free(staple.der);
	staple.der = NULL;
	staple.len = i2d_OCSP_RESPONSE(response, &staple.der);
	assert_true(staple.len > 0);
	(void)SSL_CTX_set_tlsext_status_cb(context, give_staple);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	if (is_foreign) {
		X509_free(signer);
		EVP_PKEY_free(key);
	}
}

void pki_revoke(struct pki *pki, SSL_CTX *context)
{
	X509_CRL *list = X509_CRL_new();
	X509_REVOKED *revoked = X509_REVOKED_new();
	ASN1_TIME *time = X509_gmtime_adj(NULL, -3600);
	FILE *file = fopen(pki->crl_path, "w");

	assert_int_equal(X509_CRL_set_version(list, 1), 1);
	assert_int_equal(X509_CRL_set_issuer_name(list, X509_get_subject_name(pki->ca)), 1);
	assert_int_equal(X509_CRL_set1_lastUpdate(list, time), 1);
	assert_int_equal(X509_REVOKED_set_revocationDate(revoked, time), 1);
	assert_non_null(X509_gmtime_adj(time, 3600));
	assert_int_equal(X509_CRL_set1_nextUpdate(list, time), 1);
	assert_int_equal(X509_REVOKED_set_serialNumber(
				 revoked, X509_get_serialNumber(SSL_CTX_get0_certificate(context))),
			 1);
	assert_int_equal(X509_CRL_add0_revoked(list, revoked), 1);
	assert_true(X509_CRL_sign(list, pki->ca_key, EVP_sha256()) > 0);
	assert_non_null(file);
	assert_int_equal(PEM_write_X509_CRL(file, list), 1);
	(void)fclose(file);
	ASN1_TIME_free(time);
	X509_CRL_free(list);
}
