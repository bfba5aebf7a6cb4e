/* tls_options.c - the keys of `tls:` in any probe. */
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "option/option.h"
#include "probe/tls_options.h"

static const struct option_word versions[] = {
	{ "1.0", TLS_1_0 }, { "1.1", TLS_1_1 }, { "1.2", TLS_1_2 }, { "1.3", TLS_1_3 }, { 0 }
};

/* RFC 6066, 3: a name without its last dot, and no address. */
static bool check_server_name(const char *text, size_t len, struct text *wanted)
{
	if (len <= 253 && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789-_.") == len)
		return true;
	text_append(wanted, "must be a host name");
	return false;
}

/* RFC 7301, 3.1. */
static bool check_protocol(const char *text, size_t len, struct text *wanted)
{
	if (len >= 1 && len <= 32)
		return true;
	text_append(wanted, "must be protocol names of 1 to 32 bytes");
	return false;
}

static void examine(const void *object, struct complaints *complaints,
		    const struct option_places *places)
{
	const struct tls_options *tls = object;

	if (tls->cert && !tls->key)
		option_complain(complaints, places, "cert", "'cert' needs 'key' beside it");
	if (tls->key && !tls->cert)
		option_complain(complaints, places, "key", "'key' needs 'cert' beside it");
	if (tls->min_version > tls->max_version)
		option_complain(complaints, places, "min_version",
				"'min_version' must not be above 'max_version'");
}

static const struct option options[] = {
	{
		.key = "ca",
		.kind = OPTION_PATH,
		.offset = MEMBER(struct tls_options, ca, const char *),
		.about = "Certificates (PEM) to trust instead of the system's.",
		.example = "/etc/picket/ca.pem",
	},
	{
		.key = "crl",
		.kind = OPTION_PATH,
		.offset = MEMBER(struct tls_options, crl, const char *),
		.about = "Revocation lists (PEM) that the certificate is looked up in.",
		.example = "/etc/picket/crl.pem",
	},
	{
		.key = "cert",
		.kind = OPTION_PATH,
		.offset = MEMBER(struct tls_options, cert, const char *),
		.about = "Client certificate (PEM), the chain behind it.",
		.example = "/etc/picket/client.pem",
	},
	{
		.key = "key",
		.kind = OPTION_PATH,
		.offset = MEMBER(struct tls_options, key, const char *),
		.about = "Private key (PEM) of the client certificate.",
		.example = "/etc/picket/client.key",
	},
	{
		.key = "server_name",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct tls_options, server_name, const char *),
		.min = 1,
		.max = 253,
		.check = check_server_name,
		.about = "Name to ask for (SNI) and to find in the certificate, instead of the "
			 "host's.",
		.example = "shop.example.com",
	},
	{
		.key = "verify",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct tls_options, verify, bool),
		.fallback = "true",
		.about = "Fail when the certificate is not trusted, expired or for another name.",
	},
	{
		.key = "min_version",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct tls_options, min_version, enum tls_version),
		.fallback = "1.2",
		.words = versions,
		.about = "Oldest version of TLS to accept.",
	},
	{
		.key = "max_version",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct tls_options, max_version, enum tls_version),
		.fallback = "1.3",
		.words = versions,
		.about = "Newest version of TLS to offer.",
	},
	{
		.key = "alpn",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct tls_options, alpn, const char *const *),
		.check = check_protocol,
		.about = "Protocols to offer, instead of those that the probe speaks.",
	},
	OPTION_END
};

const struct option_table tls_table = {
	.options = options,
	.size = sizeof(struct tls_options),
	.examine = examine,
	.about = "How the server's certificate is judged, and what is offered in the handshake.",
};

const char *tls_alpn(const char *const *protocols, struct arena *arena, unsigned *ret_len)
{
	cleanup(text)
	struct text wire = { 0 };

	for (; protocols && *protocols; protocols++) {
		text_append_char(&wire, (char)strlen(*protocols));
		text_append(&wire, *protocols);
	}
	*ret_len = (unsigned)wire.len;
	return wire.len ? arena_text_len(arena, wire.data, wire.len) : NULL;
}
