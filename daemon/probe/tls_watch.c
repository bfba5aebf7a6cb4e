/* tls_watch.c - one handshake, watched. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "loop/tls.h"
#include "model/address.h"
#include "model/tls.h"
#include "probe/certificate.h"
#include "probe/tls_files.h"
#include "probe/tls_staple.h"
#include "probe/tls_watch.h"

/* What verification came upon, as a class.  Source: X509_STORE_CTX_get_error(3). */
static enum failure_class class_of(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return CLASS_tls_expired;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return CLASS_tls_self_signed;
	case X509_V_ERR_CERT_REVOKED:
		return CLASS_tls_revoked;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return CLASS_tls_name_mismatch;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return CLASS_tls_weak;
	default:
		return CLASS_tls_untrusted;
	}
}

static struct tls_watch *watch_of(const SSL *ssl)
{
	return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
}

/* Each thing that is wrong, one after the other; 1 goes on. */
static int note_fault(int is_fine, X509_STORE_CTX *verification)
{
	const SSL *ssl =
		X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_watch *watch = watch_of(ssl);
	const int error = X509_STORE_CTX_get_error(verification);

	if (is_fine || error == X509_V_OK)
		return 1;
	watch->faults |= TLS_FAULT(class_of(error));
	if (!watch->verify_error)
		watch->verify_error = error;
	/* While an error stands, OpenSSL keeps others to itself. */
	X509_STORE_CTX_set_error(verification, X509_V_OK);
	return 1;
}

/* In place of OpenSSL's own: it goes on after errors, and still says so at the end. */
static int verify(X509_STORE_CTX *verification, void *context)
{
	struct tls_watch *watch = context;
	SSL *ssl = X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx());
	STACK_OF(X509_CRL) * lists;

	if (watch->options->crl &&
	    tls_files_revoked(watch->files, watch->options->crl, &lists) == 0) {
		X509_STORE_CTX_set0_crls(verification, lists);
		X509_STORE_CTX_set_flags(verification, X509_V_FLAG_CRL_CHECK);
	}
	if (X509_verify_cert(verification) <= 0 && !watch->verify_error)
		watch->verify_error = X509_V_ERR_UNSPECIFIED;
	if (watch->verify_error)
		X509_STORE_CTX_set_error(verification, watch->verify_error);
	if (watch->verify_error && !watch->faults)
		watch->faults = TLS_FAULT(CLASS_tls_untrusted);
	if (watch->facts)
		tls_facts_free(watch->facts);
	watch->facts = certificate_facts(ssl);
	if (!watch->verify_error)
		watch->facts->chain_ends =
			certificate_chain_ends(X509_STORE_CTX_get0_chain(verification));
	return 1;
}

static int note_request(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
	watch_of(ssl)->wants_certificate = true;
	return 0;
}

/* A certificate that its own authority has revoked is as bad as one in a list. */
static void note_staple(struct tls_watch *watch, SSL *ssl)
{
	if (!watch->facts)
		return;
	watch->facts->staple = tls_staple_read(ssl, &watch->facts->revoked_at);
	if (watch->facts->staple != STAPLE_REVOKED)
		return;
	watch->faults |= TLS_FAULT(CLASS_tls_revoked);
	if (!watch->verify_error)
		watch->verify_error = X509_V_ERR_CERT_REVOKED;
	/* Before libcurl asks for it, which it does when the handshake is done. */
	SSL_set_verify_result(ssl, watch->verify_error);
}

static void note_agreed(struct tls_watch *watch, const SSL *ssl)
{
	const unsigned char *protocol;
	unsigned len;

	SSL_get0_alpn_selected(ssl, &protocol, &len);
	watch->is_http2 = len == 2 && memcmp(protocol, "h2", 2) == 0;
}

static void note_info(const SSL *ssl, int where, int value)
{
	struct tls_watch *watch = watch_of(ssl);

	/* A connection that is kept, and nobody talks over it. */
	if (!watch)
		return;
	/* In TLS 1.3 both come again for what is sent after the handshake. */
	if (where & (SSL_CB_HANDSHAKE_START | SSL_CB_HANDSHAKE_DONE) && watch->is_kept)
		return;
	if (where & SSL_CB_HANDSHAKE_START && !watch->began) {
		watch->began = clock_now();
		/* In time: this comes before the first message is written. */
		if (watch->sni)
			(void)SSL_set_tlsext_host_name((SSL *)ssl, watch->sni);
	} else if (where & SSL_CB_HANDSHAKE_DONE && !watch->ended) {
		watch->ended = clock_now();
		note_agreed(watch, ssl);
		note_staple(watch, (SSL *)ssl);
	} else if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) {
		if (value >> 8 == SSL3_AL_FATAL)
			watch->alert = value & 255;
	} else if (where & SSL_CB_EXIT && value <= 0 && ERR_peek_error()) {
		watch->error = ERR_peek_error();
	}
}

static const int versions[] = {
	[TLS_1_0] = TLS1_VERSION,
	[TLS_1_1] = TLS1_1_VERSION,
	[TLS_1_2] = TLS1_2_VERSION,
	[TLS_1_3] = TLS1_3_VERSION,
};

static void set_versions(const struct tls_options *options, SSL_CTX *context)
{
	(void)SSL_CTX_set_min_proto_version(context, versions[options->min_version]);
	(void)SSL_CTX_set_max_proto_version(context, versions[options->max_version]);
	/* Below this level OpenSSL speaks nothing older than 1.2 (SSL_CTX_set_security_level(3)). */
	if (options->min_version < TLS_1_2)
		SSL_CTX_set_security_level(context, 0);
}

static void set_host(const struct tls_watch *watch, SSL_CTX *context)
{
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(context);
	const char *name = watch->name;
	const size_t len = strlen(name);
	struct address address;

	if (address_parse(name, &address) == 0)
		(void)X509_VERIFY_PARAM_set1_ip(param, address.bytes, address.family == 4 ? 4 : 16);
	else
		(void)X509_VERIFY_PARAM_set1_host(param, name,
						  len > 0 && name[len - 1] == '.' ? len - 1 : len);
}

static int set_files(struct tls_watch *watch, SSL_CTX *context)
{
	const struct tls_options *options = watch->options;
	X509_STORE *store;
	STACK_OF(X509_CRL) * lists;
	int r;

	watch->local_file = options->ca;
	r = tls_stores_get(watch->stores, options->ca, &store);
	if (r < 0)
		return r;
	SSL_CTX_set1_cert_store(context, store);
	watch->local_file = options->crl;
	if (options->crl)
		r = tls_files_revoked(watch->files, options->crl, &lists);
	if (r == 0 && options->cert && watch->offers_certificate)
		r = tls_files_use(watch->files, context, options->cert, options->key,
				  &watch->local_file);
	return r;
}

static void leave(struct tls_watch *watch)
{
	SSL_CTX *context = TAKE(watch->context);

	if (context && SSL_CTX_get_app_data(context) == watch)
		SSL_CTX_set_app_data(context, NULL);
	SSL_CTX_free(context);
}

static void enter(struct tls_watch *watch, SSL_CTX *context)
{
	leave(watch);
	(void)SSL_CTX_up_ref(context);
	SSL_CTX_set_app_data(context, watch);
	watch->context = context;
	watch->alert = -1;
}

void tls_watch_adopt(struct tls_watch *watch, SSL *ssl)
{
	enter(watch, SSL_get_SSL_CTX(ssl));
	watch->is_kept = true;
	if (watch->facts)
		tls_facts_free(watch->facts);
	watch->facts = certificate_facts(ssl);
	if (SSL_get_verify_result(ssl) == X509_V_OK)
		watch->facts->chain_ends = certificate_chain_ends(SSL_get0_verified_chain(ssl));
	watch->facts->staple = tls_staple_read(ssl, &watch->facts->revoked_at);
	note_agreed(watch, ssl);
}

int tls_watch_attach(struct tls_watch *watch, SSL_CTX *context)
{
	enter(watch, context);
	SSL_CTX_set_info_callback(context, note_info);
	SSL_CTX_set_verify(context, SSL_CTX_get_verify_mode(context), note_fault);
	SSL_CTX_set_cert_verify_callback(context, verify, watch);
	SSL_CTX_set_client_cert_cb(context, note_request);
	/* Every handshake is a full one: that is what a new client would see. */
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	/* A connection closed without a farewell is for HTTP to judge: it knows lengths.  And
	 * what was judged stays: no other certificate later on, no handshake after the other.
	 */
	(void)SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF |
						   SSL_OP_NO_RENEGOTIATION);
	(void)SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp);
	set_versions(watch->options, context);
	set_host(watch, context);
	if (watch->alpn)
		(void)SSL_CTX_set_alpn_protos(context, (const unsigned char *)watch->alpn,
					      watch->alpn_len);
	watch->local = set_files(watch, context);
	return watch->local;
}

void tls_watch_done(struct tls_watch *watch)
{
	leave(watch);
	if (watch->facts)
		tls_facts_free(watch->facts);
	watch->facts = NULL;
}
