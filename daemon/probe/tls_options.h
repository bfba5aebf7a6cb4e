/* tls_options.h - the keys of `tls:` in any probe. */
#pragma once

#include <stdbool.h>

struct arena;
struct option_table;

enum tls_version { TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 };

struct tls_options {
	const char *ca, *crl, *cert, *key; /* paths, or NULL */
	const char *server_name; /* or NULL: the host */
	bool verify;
	enum tls_version min_version, max_version;
	const char *const *alpn; /* NULL: what the probe offers */
};

extern const struct option_table tls_table;

/* The names (NULL: none) as the handshake has them, in the arena; NULL for none.
 * RFC 7301, 3.1: each with its length before it.
 */
const char *tls_alpn(const char *const *protocols, struct arena *arena, unsigned *ret_len);
