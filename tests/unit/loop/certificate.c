/* certificate.c - throw-away authorities and server certificates for tests. */
#include <assert.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "certificate.h"

static void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert(extension);
	assert(X509_add_ext(certificate, extension, -1));
	X509_EXTENSION_free(extension);
}

/* Unsigned, valid for a day. */
static X509 *draft(const char *name, EVP_PKEY *key)
{
	static long serial = 1;
	X509 *certificate = X509_new();

	assert(certificate);
	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
	X509_set_pubkey(certificate, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
				   (const unsigned char *)name, -1, -1, 0);
	return certificate;
}

void authority_init(struct authority *authority, const char *name)
{
	X509 *certificate;

	authority->key = EVP_EC_gen("P-256");
	assert(authority->key);
	certificate = draft(name, authority->key);
	X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
	extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
	extend(certificate, certificate, NID_subject_key_identifier, "hash");
	assert(X509_sign(certificate, authority->key, EVP_sha256()));
	authority->certificate = certificate;
}

void authority_done(struct authority *authority)
{
	X509_free(authority->certificate);
	EVP_PKEY_free(authority->key);
}

void authority_write(const struct authority *authority, const char *path)
{
	FILE *file = fopen(path, "w");

	assert(file);
	assert(PEM_write_X509(file, authority->certificate));
	assert(fclose(file) == 0);
}

SSL_CTX *authority_server(const struct authority *authority, const char *name)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate;
	char names[256];

	assert(tls && key);
	certificate = draft(name, key);
	(void)snprintf(names, sizeof(names), "DNS:%s", name);
	X509_set_issuer_name(certificate, X509_get_subject_name(authority->certificate));
	extend(certificate, authority->certificate, NID_subject_alt_name, names);
	assert(X509_sign(certificate, authority->key, EVP_sha256()));
	assert(SSL_CTX_use_certificate(tls, certificate) == 1);
	assert(SSL_CTX_use_PrivateKey(tls, key) == 1);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return tls;
}
