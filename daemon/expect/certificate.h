/* certificate.h - what a TLS handshake showed, for the table in subject.c.
 *
 * Of the certificates that the server sent the first is its own.  All of it is
 * known where verification failed or was not asked for, too.
 */
#pragma once

#include "expect/subject.h"

subject_get certificate_tls_version, certificate_tls_cipher;
subject_get certificate_expires_in, certificate_chain_expires_in;
subject_get certificate_subject, certificate_issuer, certificate_serial;
subject_get certificate_fingerprint, certificate_spki;
subject_get certificate_names;
