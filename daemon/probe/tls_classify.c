/* tls_classify.c - what a failed handshake was.
 *
 * Sources: ssl3.h and tls1.h for alerts (RFC 8446, 6.2), sslerr.h and x509err.h for
 * the errors of OpenSSL 3.0.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "base/units.h"
#include "model/tls.h"
#include "probe/tls_watch.h"

/* In the order in which they are told where several hold. */
static const enum failure_class faults[] = {
	CLASS_tls_expired, CLASS_tls_self_signed,   CLASS_tls_untrusted,
	CLASS_tls_revoked, CLASS_tls_name_mismatch, CLASS_tls_weak,
};

/* The first certificate of the chain that is out of its time. */
static void tell_dates(const struct tls_facts *facts, struct text *detail)
{
	const int64_t now = (int64_t)(clock_wall() / USEC_PER_SEC);

	for (size_t i = 0; i < facts->chain_count; i++) {
		const struct certificate *certificate = &facts->chain[i];
		const bool is_early = now < certificate->not_before;
		const int64_t at = is_early ? certificate->not_before : certificate->not_after;

		if ((!is_early && now <= certificate->not_after) || at < 0)
			continue;
		text_print(detail, "the certificate of %s %s ", certificate->subject,
			   is_early ? "is not valid before" : "expired at");
		units_time_print(detail, (usec_t)at * USEC_PER_SEC);
		return;
	}
}

enum { NAMES_TOLD = 5 };

static void tell_names(const struct tls_watch *watch, struct text *detail)
{
	const struct certificate *leaf = &watch->facts->chain[0];

	text_print(detail, "the certificate is not for %s but for ", watch->name);
	for (size_t i = 0; i < leaf->names_count && i < NAMES_TOLD; i++)
		text_print(detail, "%s%s", i ? ", " : "", leaf->names[i]);
	if (leaf->names_count == 0)
		text_append(detail, leaf->subject);
	if (leaf->names_count > NAMES_TOLD)
		text_print(detail, " and %zu more", leaf->names_count - NAMES_TOLD);
}

static void tell_revoked(const struct tls_facts *facts, struct text *detail)
{
	text_print(detail, "%s has revoked the certificate of %s, ", facts->chain[0].issuer,
		   facts->chain[0].subject);
	if (facts->staple == STAPLE_REVOKED && facts->revoked_at > 0) {
		text_append(detail, "says the server's own OCSP staple: at ");
		units_time_print(detail, (usec_t)facts->revoked_at * USEC_PER_SEC);
	} else if (facts->staple == STAPLE_REVOKED) {
		text_append(detail, "says the server's own OCSP staple");
	} else {
		text_print(detail, "serial %s: it is in the revocation list",
			   facts->chain[0].serial);
	}
}

/* As good as an unknown root: only whoever set the server up knows what it was to send. */
static void tell_missing_link(const struct tls_facts *facts, struct text *detail)
{
	const struct certificate *last = &facts->chain[facts->chain_count - 1];

	text_print(detail,
		   "the certificate of %s, issued by %s: that issuer is not trusted here, and the "
		   "server sent no certificate of it that would lead to one that is",
		   last->subject, last->issuer);
}

static void tell_fault(const struct tls_watch *watch, enum failure_class class, struct text *detail)
{
	if (!watch->facts || watch->facts->chain_count == 0)
		return;
	if (class == CLASS_tls_expired)
		tell_dates(watch->facts, detail);
	else if (class == CLASS_tls_name_mismatch)
		tell_names(watch, detail);
	else if (class == CLASS_tls_revoked)
		tell_revoked(watch->facts, detail);
	else if (watch->verify_error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
		tell_missing_link(watch->facts, detail);
	else
		text_print(detail, "the certificate of %s, issued by %s: %s",
			   watch->facts->chain[0].subject, watch->facts->chain[0].issuer,
			   X509_verify_cert_error_string(watch->verify_error));
}

static enum failure_class class_of_reason(int reason)
{
	switch (reason) {
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_HTTPS_PROXY_REQUEST:
	case SSL_R_PACKET_LENGTH_TOO_LONG:
	case SSL_R_BAD_PACKET_LENGTH:
	case SSL_R_UNEXPECTED_MESSAGE:
	case SSL_R_UNEXPECTED_RECORD:
	case SSL_R_UNKNOWN_PROTOCOL:
		return CLASS_tls_not_tls;
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_NO_PROTOCOLS_AVAILABLE:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_DH_KEY_TOO_SMALL:
	case SSL_R_EE_KEY_TOO_SMALL:
	case SSL_R_CA_KEY_TOO_SMALL:
	case SSL_R_CA_MD_TOO_WEAK:
	case SSL_R_WRONG_SIGNATURE_TYPE:
	case SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED:
	case SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED:
		return CLASS_tls_weak;
	default:
		return CLASS_NONE;
	}
}

/* Of what is too weak, what it is. */
static void tell_weakness(const struct tls_watch *watch, struct text *detail)
{
	static const char *const versions[] = {
		[TLS_1_0] = "1.0", [TLS_1_1] = "1.1", [TLS_1_2] = "1.2", [TLS_1_3] = "1.3"
	};
	const int reason = ERR_GET_REASON(watch->error);
	const char *text = ERR_reason_error_string(watch->error);

	if (watch->alert == TLS1_AD_PROTOCOL_VERSION || reason == SSL_R_UNSUPPORTED_PROTOCOL ||
	    reason == SSL_R_VERSION_TOO_LOW)
		text_print(detail, "the server speaks no version of TLS from %s to %s",
			   versions[watch->options->min_version],
			   versions[watch->options->max_version]);
	else if (watch->alert < 0 && text)
		text_print(detail, "what the server offers is too weak: %s", text);
}

static enum failure_class class_of_alert(const struct tls_watch *watch, struct text *detail)
{
	switch (watch->alert) {
	case SSL3_AD_HANDSHAKE_FAILURE:
	case SSL3_AD_BAD_CERTIFICATE:
	case SSL3_AD_CERTIFICATE_UNKNOWN:
	case TLS1_AD_ACCESS_DENIED:
	case TLS13_AD_CERTIFICATE_REQUIRED:
		if (watch->wants_certificate)
			return CLASS_tls_client_cert_required;
		break;
	case TLS1_AD_PROTOCOL_VERSION:
	case TLS1_AD_INSUFFICIENT_SECURITY:
		tell_weakness(watch, detail);
		return CLASS_tls_weak;
	default:
		break;
	}
	text_print(detail, "the server ended the handshake with the alert '%s'",
		   SSL_alert_desc_string_long(watch->alert));
	return CLASS_tls_failure;
}

static enum failure_class class_of_handshake(const struct tls_watch *watch, int error,
					     struct text *detail)
{
	const char *reason = ERR_reason_error_string(watch->error);
	enum failure_class class;

	if (watch->alert >= 0)
		return class_of_alert(watch, detail);
	class = class_of_reason(ERR_GET_REASON(watch->error));
	if (watch->error && class == CLASS_tls_weak)
		tell_weakness(watch, detail);
	if (watch->error && class)
		return class;
	if (error == ECONNRESET || error == EPIPE)
		return CLASS_reset;
	if (!watch->error || ERR_GET_LIB(watch->error) == ERR_LIB_SYS ||
	    ERR_GET_REASON(watch->error) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return CLASS_empty_reply;
	text_print(detail, "the handshake failed: %s", reason ? reason : "unknown reason");
	return CLASS_tls_failure;
}

static void tell_file(const struct tls_watch *watch, struct text *detail)
{
	text_print(detail, "%s: %s",
		   watch->local_file ? watch->local_file : "the system's certificates",
		   strerror(-watch->local));
}

enum failure_class tls_watch_classify(const struct tls_watch *watch, int error, struct text *detail)
{
	if (watch->local) {
		tell_file(watch, detail);
		return CLASS_local;
	}
	if (watch->faults && watch->options->verify) {
		for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
			if (watch->faults & TLS_FAULT(faults[i])) {
				tell_fault(watch, faults[i], detail);
				return faults[i];
			}
	}
	/* In TLS 1.3 the server looks at the client's certificate when this side is done. */
	if (watch->began && (!watch->ended || (watch->alert >= 0 && watch->wants_certificate)))
		return class_of_handshake(watch, error, detail);
	return CLASS_NONE;
}
