/* authority.c - subjects, validity, names, signatures. */
#include "authority.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"

#define REVOKED_SERIAL 4660

static void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert(extension);
	(void)X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
}

/* `issuer` NULL: signed with its own key. */
static X509 *certificate_new(const char *name, EVP_PKEY *key, const struct authority *issuer,
			     long serial, unsigned kind)
{
	const long day = 24 * 3600;
	X509 *certificate = X509_new();
	X509_NAME *subject = X509_get_subject_name(certificate);
	X509_NAME *by = issuer ? X509_get_subject_name(issuer->certificate) : subject;
	const long from = kind & KIND_NOTYET ? day : kind & KIND_EXPIRED ? -60 * day : -day;
	const long until = kind & KIND_EXPIRED ? -day : 365 * day;

	(void)X509_set_version(certificate, X509_VERSION_3);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
	(void)X509_gmtime_adj(X509_getm_notBefore(certificate), from);
	(void)X509_gmtime_adj(X509_getm_notAfter(certificate), until);
	(void)X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name,
					 (int)strnlen(name, 64), -1, 0);
	(void)X509_set_issuer_name(certificate, by);
	(void)X509_set_pubkey(certificate, key);
	return certificate;
}

static void certificate_sign(X509 *certificate, EVP_PKEY *key, unsigned kind)
{
	int r = X509_sign(certificate, key, kind & KIND_SHA1 ? EVP_sha1() : EVP_sha256());

	assert(r > 0);
}

void authority_init(struct authority *authority, const char *name, const struct authority *above)
{
	X509 *certificate;

	authority->key = EVP_EC_gen("P-256");
	authority->serial = 10000;
	certificate = certificate_new(name, authority->key, above, 1, 0);
	extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
	extend(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
	extend(certificate, certificate, NID_subject_key_identifier, "hash");
	certificate_sign(certificate, above ? above->key : authority->key, 0);
	authority->certificate = certificate;
}

void authority_done(struct authority *authority)
{
	EVP_PKEY_free(authority->key);
	X509_free(authority->certificate);
}

X509 *authority_leaf(struct authority *authority, const char *name, EVP_PKEY *key, unsigned kind)
{
	const bool is_own = kind & KIND_SELFSIGNED;
	const long serial = kind & KIND_REVOKED ? REVOKED_SERIAL : ++authority->serial;
	const char *named = kind & KIND_MISNAMED ? "elsewhere.test" : name;
	cleanup(free)
	char *names = NULL;
	uint8_t address[16];
	X509 *leaf, *issuer;

	leaf = certificate_new(named, key, is_own ? NULL : authority, serial, kind);
	issuer = is_own ? leaf : authority->certificate;
	if (inet_pton(AF_INET, named, address) == 1 || inet_pton(AF_INET6, named, address) == 1)
		names = memory_print("IP:%s", named);
	else
		names = memory_print("DNS:%s", named);
	extend(leaf, issuer, NID_subject_alt_name, names);
	extend(leaf, issuer, NID_basic_constraints, "CA:FALSE");
	certificate_sign(leaf, is_own ? key : authority->key, kind);
	return leaf;
}

int authority_staple(const struct authority *authority, X509 *leaf, unsigned kind,
		     unsigned char **ret_der)
{
	const bool is_revoked = kind & KIND_REVOKED;
	ASN1_TIME *from = X509_gmtime_adj(NULL, -3600), *until = X509_gmtime_adj(NULL, 86400);
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), leaf, authority->certificate);
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_RESPONSE *response;
	int len;

	(void)OCSP_basic_add1_status(
		basic, id, is_revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD,
		OCSP_REVOKED_STATUS_KEYCOMPROMISE, is_revoked ? from : NULL, from, until);
	(void)OCSP_basic_sign(basic, authority->certificate, authority->key, EVP_sha256(), NULL, 0);
	response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	*ret_der = NULL;
	len = i2d_OCSP_RESPONSE(response, ret_der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	return len;
}

static FILE *file_new(const char *folder, const char *name)
{
	cleanup(free)
	char *path = memory_print("%s/%s", folder, name);
	FILE *file = fopen(path, "we");

	if (!file) {
		(void)fprintf(stderr, "world: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return file;
}

void authority_write_certificate(const char *folder, const char *name, X509 *certificate)
{
	FILE *file = file_new(folder, name);

	(void)PEM_write_X509(file, certificate);
	(void)fclose(file);
}

void authority_write_key(const char *folder, const char *name, EVP_PKEY *key)
{
	FILE *file = file_new(folder, name);

	(void)PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	(void)fclose(file);
}

void authority_write_revoked(const char *folder, const char *name,
			     const struct authority *authority)
{
	FILE *file = file_new(folder, name);
	X509_REVOKED *revoked = X509_REVOKED_new();
	ASN1_INTEGER *serial = ASN1_INTEGER_new();
	ASN1_TIME *time = X509_gmtime_adj(NULL, -3600);
	X509_CRL *list = X509_CRL_new();

	(void)X509_CRL_set_version(list, X509_CRL_VERSION_2);
	(void)X509_CRL_set_issuer_name(list, X509_get_subject_name(authority->certificate));
	(void)X509_CRL_set1_lastUpdate(list, time);
	(void)X509_REVOKED_set_revocationDate(revoked, time);
	(void)ASN1_INTEGER_set(serial, REVOKED_SERIAL);
	(void)X509_REVOKED_set_serialNumber(revoked, serial);
	(void)X509_CRL_add0_revoked(list, revoked);
	(void)X509_gmtime_adj(time, 365L * 24 * 3600);
	(void)X509_CRL_set1_nextUpdate(list, time);
	(void)X509_CRL_sign(list, authority->key, EVP_sha256());
	(void)PEM_write_X509_CRL(file, list);
	(void)fclose(file);
	X509_CRL_free(list);
	ASN1_INTEGER_free(serial);
	ASN1_TIME_free(time);
}
