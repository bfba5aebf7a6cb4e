/* certificates.c - which certificate a client gets to see; one key for all leaves. */
#include "certificates.h"

#include <assert.h>
#include <errno.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "base/memory.h"
#include "words.h"

#define MOST_LEAVES 10000

struct certificates {
	struct authority authority, other, middle; /* the last one under the first */
	EVP_PKEY *key, *weak_key;
	SSL_CTX *context;
	struct map *leaves; /* of struct leaf, owned */
};

struct leaf {
	char *name; /* owned */
	X509 *certificate;
};

/* What a session is to pretend, while it shakes hands; owned by it. */
struct wish {
	struct certificates *certificates;
	unsigned kind;
	unsigned shown; /* `kind`, and what the name that was asked for says besides */
	char name[256];
};

int certificates_kind(const char *text, unsigned *ret_kind)
{
	static const char *const names[] = { "expired",	  "notyet",  "misnamed", "selfsigned",
					     "untrusted", "revoked", "weak",	 "clientcert",
					     "old",	  "stapled", "middle",	 "gap",
					     "sha1" };
	cleanup(free)
	char *copy = memory_text(text);
	char *rest = copy, *word;
	unsigned kind = 0;

	while ((word = words_next(&rest, "-"))) {
		size_t i = 0;

		if (strcmp(word, "good") == 0)
			continue;
		while (i < sizeof(names) / sizeof(names[0]) && strcmp(names[i], word) != 0)
			i++;
		if (i == sizeof(names) / sizeof(names[0]))
			return -EINVAL;
		kind |= 1u << i;
	}
	*ret_kind = kind;
	return 0;
}

static struct authority *authority_of(struct certificates *certificates, unsigned kind)
{
	if (kind & KIND_UNTRUSTED)
		return &certificates->other;
	return kind & KIND_MIDDLE ? &certificates->middle : &certificates->authority;
}

static X509 *leaf_find(struct certificates *certificates, const char *name, unsigned kind)
{
	char *key = memory_print("%u %s", kind, name);
	struct leaf *leaf = map_find(certificates->leaves, key);

	if (leaf) {
		free(key);
		return leaf->certificate;
	}
	assert(map_count(certificates->leaves) < MOST_LEAVES);
	leaf = MEMORY_NEW(struct leaf);
	leaf->name = key;
	leaf->certificate =
		authority_leaf(authority_of(certificates, kind), name,
			       kind & KIND_WEAK ? certificates->weak_key : certificates->key, kind);
	(void)map_set(certificates->leaves, leaf->name, leaf);
	return leaf->certificate;
}

static int accept_any(int ok, X509_STORE_CTX *context)
{
	return 1;
}

/* SSL_CTX_set_cert_cb(3): the client has said which name it wants. */
static int choose(SSL *ssl, void *context)
{
	struct wish *wish = SSL_get_app_data(ssl);
	const char *asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	const char *name = asked ? asked : wish->name;
	cleanup(free)
	char *label = memory_text_len(name, strcspn(name, "."));
	unsigned kind = wish->kind, words;

	if (asked && certificates_kind(label, &words) == 0)
		kind |= words;
	wish->shown = kind;
	if (kind & KIND_CLIENTCERT)
		SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
	if (kind & (KIND_WEAK | KIND_SHA1))
		SSL_set_security_level(ssl, 0);
	return SSL_use_certificate(ssl, leaf_find(wish->certificates, name, kind)) == 1 &&
	       SSL_use_PrivateKey(ssl, kind & KIND_WEAK ? wish->certificates->weak_key
							: wish->certificates->key) == 1 &&
	       (!(kind & KIND_MIDDLE) || kind & KIND_GAP ||
		SSL_add1_chain_cert(ssl, wish->certificates->middle.certificate) == 1);
}

/* SSL_CTX_set_tlsext_status_cb(3): the client wants to know. */
static int staple(SSL *ssl, void *context)
{
	const struct wish *wish = SSL_get_app_data(ssl);
	unsigned char *der;
	int len;

	if (!(wish->shown & KIND_STAPLED))
		return SSL_TLSEXT_ERR_NOACK;
	len = authority_staple(&wish->certificates->authority, SSL_get_certificate(ssl),
			       wish->shown, &der);
	return SSL_set_tlsext_status_ocsp_resp(ssl, der, len) == 1 ? SSL_TLSEXT_ERR_OK
								   : SSL_TLSEXT_ERR_NOACK;
}

static void wish_free(void *parent, void *wish, CRYPTO_EX_DATA *data, int index, long argl,
		      void *argp)
{
	free(wish);
}

/* HTTP/1.1 is all there is, whatever else is offered. */
static int choose_protocol(SSL *ssl, const unsigned char **ret_name, unsigned char *ret_len,
			   const unsigned char *offered, unsigned len, void *context)
{
	static const unsigned char own[] = "\x08http/1.1";
	unsigned char *name;

	if (SSL_select_next_proto(&name, ret_len, own, sizeof(own) - 1, offered, len) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*ret_name = name;
	return SSL_TLSEXT_ERR_OK;
}

static int wish_index = -1;

SSL *certificates_session(struct certificates *certificates, const char *kind, const char *local)
{
	struct wish *wish = MEMORY_NEW(struct wish);
	SSL *ssl = SSL_new(certificates->context);

	wish->certificates = certificates;
	(void)certificates_kind(kind, &wish->kind);
	(void)snprintf(wish->name, sizeof(wish->name), "%s", local);
	(void)SSL_set_app_data(ssl, wish);
	(void)SSL_set_ex_data(ssl, wish_index, wish);
	if (wish->kind & KIND_OLD) {
		SSL_set_security_level(ssl, 0);
		(void)SSL_set_min_proto_version(ssl, TLS1_VERSION);
		(void)SSL_set_max_proto_version(ssl, TLS1_1_VERSION);
	}
	return ssl;
}

struct certificates *certificates_new(const char *folder)
{
	struct certificates *certificates = MEMORY_NEW(struct certificates);

	wish_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, wish_free);
	certificates->leaves = map_new();
	authority_init(&certificates->authority, "picket test authority", NULL);
	authority_init(&certificates->other, "another authority", NULL);
	authority_init(&certificates->middle, "one in the middle", &certificates->authority);
	certificates->key = EVP_EC_gen("P-256");
	certificates->weak_key = EVP_RSA_gen(1024);
	certificates->context = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_cert_cb(certificates->context, choose, NULL);
	(void)SSL_CTX_set_tlsext_status_cb(certificates->context, staple);
	SSL_CTX_set_alpn_select_cb(certificates->context, choose_protocol, NULL);

	authority_write_certificate(folder, "ca.pem", certificates->authority.certificate);
	authority_write_certificate(folder, "other-ca.pem", certificates->other.certificate);
	authority_write_revoked(folder, "crl.pem", &certificates->authority);
	authority_write_key(folder, "client.key", certificates->key);
	authority_write_certificate(folder, "client.pem",
				    leaf_find(certificates, "client.test", 0));
	return certificates;
}

void certificates_free(struct certificates *certificates)
{
	const char *key;
	size_t at = 0;
	void *value;

	while (map_next(certificates->leaves, &at, &key, &value)) {
		struct leaf *leaf = value;

		X509_free(leaf->certificate);
		free(leaf->name);
		free(leaf);
	}
	map_free(certificates->leaves);
	SSL_CTX_free(certificates->context);
	EVP_PKEY_free(certificates->key);
	EVP_PKEY_free(certificates->weak_key);
	authority_done(&certificates->authority);
	authority_done(&certificates->other);
	authority_done(&certificates->middle);
	free(certificates);
}
