/* certificate.c - a certificate as data. */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "base/memory.h"
#include "base/text.h"
#include "model/tls.h"
#include "probe/certificate.h"

/* Of one certificate and of one chain; what is more is left out. */
enum { NAMES_MAX = 1000, CHAIN_MAX = 16, TEXT_MAX = 4096 };

static char *hexadecimal(const unsigned char *bytes, size_t len, const char *digits)
{
	char *text = memory_new(2 * len + 1, 1);

	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return text;
}

/* RFC 2253, with UTF-8 as it is. */
static char *name_text(const X509_NAME *name)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *data;
	long len;

	(void)X509_NAME_print_ex(out, name, 0,
				 XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
	len = BIO_get_mem_data(out, &data);

	char *text = memory_text_len(data, len > TEXT_MAX ? TEXT_MAX : (size_t)len);

	BIO_free(out);
	return text;
}

static char *serial_text(const X509 *x509)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x509);
	const int len = ASN1_STRING_length(serial);

	/* RFC 5280, 4.1.2.2: at most 20 bytes; others send more. */
	return hexadecimal(ASN1_STRING_get0_data(serial), len > 64 ? 64 : (size_t)len,
			   "0123456789ABCDEF");
}

static char *fingerprint_text(const X509 *x509)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	(void)X509_digest(x509, EVP_sha256(), digest, &len);
	return hexadecimal(digest, len, "0123456789abcdef");
}

/* As HTTP Public Key Pinning had it (RFC 7469, 2.4), which is what people compare with. */
static char *spki_text(const X509 *x509)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	unsigned char *der = NULL;
	const int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &der);
	char *text = memory_new(4 * ((sizeof(digest) + 2) / 3) + 1, 1);

	if (len > 0) {
		(void)SHA256(der, (size_t)len, digest);
		(void)EVP_EncodeBlock((unsigned char *)text, digest, sizeof(digest));
	}
	OPENSSL_free(der);
	return text;
}

static char *alternative_text(const GENERAL_NAME *name)
{
	char address[INET6_ADDRSTRLEN];
	int kind;
	const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &kind);
	const unsigned char *data;
	int len;

	if (kind != GEN_DNS && kind != GEN_IPADD)
		return NULL;
	data = ASN1_STRING_get0_data(value);
	len = ASN1_STRING_length(value);
	if (kind == GEN_DNS)
		return memory_text_len((const char *)data, len > 255 ? 255 : (size_t)len);
	if (len != 4 && len != 16)
		return NULL;
	(void)inet_ntop(len == 4 ? AF_INET : AF_INET6, data, address, sizeof(address));
	return memory_text(address);
}

static void note_names(struct certificate *certificate, const X509 *x509)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	int count = names ? sk_GENERAL_NAME_num(names) : 0;

	if (count > NAMES_MAX)
		count = NAMES_MAX;
	if (count > 0)
		certificate->names = memory_new((size_t)count, sizeof(char *));
	for (int i = 0; i < count; i++) {
		char *text = alternative_text(sk_GENERAL_NAME_value(names, i));

		if (text)
			certificate->names[certificate->names_count++] = text;
	}
	GENERAL_NAMES_free(names);
}

static int64_t seconds(const ASN1_TIME *time)
{
	struct tm parts = { 0 };

	return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : 0;
}

static void note_certificate(struct certificate *certificate, const X509 *x509)
{
	certificate->subject = name_text(X509_get_subject_name(x509));
	certificate->issuer = name_text(X509_get_issuer_name(x509));
	certificate->serial = serial_text(x509);
	certificate->fingerprint = fingerprint_text(x509);
	certificate->spki = spki_text(x509);
	certificate->not_before = seconds(X509_get0_notBefore(x509));
	certificate->not_after = seconds(X509_get0_notAfter(x509));
	note_names(certificate, x509);
}

void certificate_take_chain(struct tls_facts *facts, STACK_OF(X509) * chain)
{
	int count = chain ? sk_X509_num(chain) : 0;

	if (count > CHAIN_MAX)
		count = CHAIN_MAX;
	if (count > 0)
		facts->chain = memory_new((size_t)count, sizeof(*facts->chain));
	for (; facts->chain_count < (size_t)count; facts->chain_count++)
		note_certificate(&facts->chain[facts->chain_count],
				 sk_X509_value(chain, (int)facts->chain_count));
	/* What could not be read of a broken certificate is nobody else's error. */
	ERR_clear_error();
}

struct tls_facts *certificate_facts(SSL *ssl)
{
	struct tls_facts *facts = MEMORY_NEW(struct tls_facts);

	facts->version = SSL_version(ssl) >= TLS1_VERSION
				 ? 10 + (unsigned)SSL_version(ssl) - TLS1_VERSION
				 : 0;
	if (SSL_get_cipher_name(ssl))
		facts->cipher = memory_text(SSL_get_cipher_name(ssl));
	certificate_take_chain(facts, SSL_get_peer_cert_chain(ssl));
	return facts;
}

int64_t certificate_chain_ends(const STACK_OF(X509) * chain)
{
	int64_t first = 0;

	for (int i = 0; i < sk_X509_num(chain); i++) {
		const int64_t end = seconds(X509_get0_notAfter(sk_X509_value(chain, i)));

		if (i == 0 || end < first)
			first = end;
	}
	return first;
}
