/* tls_options.c - the keys of `tls:` in any probe. */
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "option/option.h"
#include "probe/tls_options.h"

const struct option_word tls_versions[] = {
	{ "1.0", TLS_1_0 }, { "1.1", TLS_1_1 }, { "1.2", TLS_1_2 }, { "1.3", TLS_1_3 }, { 0 }
};

/* RFC 6066, 3: a name without its last dot, and no address. */
bool tls_check_server_name(const char *text, size_t len, struct text *wanted)
{
	if (len <= 253 && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789-_.") == len)
		return true;
	text_append(wanted, "must be a host name");
	return false;
}

/* RFC 7301, 3.1. */
bool tls_check_protocol(const char *text, size_t len, struct text *wanted)
{
	if (len >= 1 && len <= 32)
		return true;
	text_append(wanted, "must be protocol names of 1 to 32 bytes");
	return false;
}

void tls_examine(const void *object, struct complaints *complaints,
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

#define TLS_MEMBER(member, of) MEMBER(struct tls_options, member, of)

static const struct option options[] = {
#include "probe/tls_rows.inc"
	OPTION_END
};

const struct option_table tls_table = {
	.options = options,
	.size = sizeof(struct tls_options),
	.examine = tls_examine,
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
