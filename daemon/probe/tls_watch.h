/* tls_watch.h - one handshake, watched: when it was, what was shown, why it failed.
 *
 * Verification goes on after an error, so that all that is wrong with a certificate is
 * known; the result is a failure all the same.  Loop thread only.
 * Source: SSL_CTX_set_info_callback(3), SSL_CTX_set_cert_verify_callback(3).
 */
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>

#include "base/clock.h"
#include "model/verdict.h"
#include "probe/tls_options.h"

struct text;
struct tls_files; /* probe/tls_files.h */
struct tls_facts;
struct tls_stores;

/* A bit of tls_watch.faults for one of the classes of TLS. */
#define TLS_FAULT(class) (1u << ((class) - CLASS_tls_expired))

struct tls_watch {
	/* Set before. */
	const struct tls_options *options; /* borrowed */
	struct tls_stores *stores; /* borrowed */
	struct tls_files *files; /* borrowed */
	const char *name; /* borrowed; name or literal that the certificate must be for */
	const char *sni; /* borrowed; name to ask for; NULL: what the context's owner asks for */
	const char *alpn; /* borrowed; wire format; NULL: what the context has */
	unsigned alpn_len;
	bool offers_certificate; /* the client's, where the options name one */

	SSL_CTX *context; /* owned reference; whose callbacks come here; or NULL */
	bool is_kept; /* the handshake was that of an earlier watch */

	/* Seen. */
	usec_t began, ended; /* monotonic; 0: it did not happen */
	struct tls_facts *facts; /* owned; NULL where no certificate was shown */
	unsigned faults; /* TLS_FAULT() of all that is wrong with what was shown */
	int verify_error; /* the first X509_V_ERR_… that verification came upon */
	int alert; /* the last fatal alert from the peer, or -1 */
	unsigned long error; /* of ERR_peek_error() when the handshake stopped, or 0 */
	bool wants_certificate; /* the peer asked for a client's, and there is none */
	bool is_http2; /* agreed on in the handshake */
	int local; /* -errno: a file of `options` is unreadable or no use */
	const char *local_file; /* borrowed; which, or NULL: the system's certificates */
};

/* What still comes of the connection, which may live on, is nobody's then. */
void tls_watch_done(struct tls_watch *watch);

/* Sets `context` to what the options say, and to be watched; the watch must outlive its
 * handshakes.  0 or -errno with `local` set.
 */
int tls_watch_attach(struct tls_watch *watch, SSL_CTX *context);

/* Goes on with the connection `ssl` of an earlier watch: facts are what was shown then, and
 * there is no beginning and no end.
 */
void tls_watch_adopt(struct tls_watch *watch, SSL *ssl);

/* What a failed handshake was, or CLASS_NONE where nothing in TLS failed.  `detail`
 * gets a sentence, or nothing where the class says it all.
 */
enum failure_class tls_watch_classify(const struct tls_watch *watch, int error,
				      struct text *detail);
