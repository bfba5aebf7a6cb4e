/* access.h - within alert/: how a receiver's server is trusted, and logged in to. */
#pragma once

#include "option/option.h"

/* `tls:` */
struct access_tls {
	const char *ca; /* PEM files; NULL: the system's */
	const char *cert, *key; /* NULL: none; the key may be in the certificate's file */
};

/* `auth:` of what speaks HTTP: one of both, or none */
struct access_auth {
	const char *bearer;
	const void *basic; /* struct access_basic; or NULL */
};

struct access_basic {
	const char *user, *password;
};

extern const struct option_table access_tls_table;
extern const struct option_table access_auth_table;

/* The header's line, or what of it is a secret beside the texts themselves; malloc'ed, or NULL. */
char *access_header(const struct access_auth *auth);
char *access_secret(const struct access_auth *auth);
