/* tls_options.h - the keys of `tls:` in any probe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "option/option.h"

enum tls_version { TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 };

struct tls_options {
	const char *ca, *crl, *cert, *key; /* paths, or NULL */
	const char *server_name; /* or NULL: the host */
	bool verify;
	enum tls_version min_version, max_version;
	const char *const *alpn; /* NULL: what the probe offers */
};

extern const struct option_table tls_table;

/* The same rows are in probe/tls_rows.inc, for tables that have them beside others; these are
 * what the rows refer to, and the table's examine().
 */
extern const struct option_word tls_versions[];
bool tls_check_server_name(const char *text, size_t len, struct text *wanted);
bool tls_check_protocol(const char *text, size_t len, struct text *wanted);
void tls_examine(const void *object, struct complaints *complaints,
		 const struct option_places *places);

/* The names (NULL: none) as the handshake has them, in the arena; NULL for none.
 * RFC 7301, 3.1: each with its length before it.
 */
const char *tls_alpn(const char *const *protocols, struct arena *arena, unsigned *ret_len);
