/* access.c - how a receiver's server is trusted, and logged in to. */
#include <stdlib.h>
#include <string.h>

#include "alert/access.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"

static bool check_line(const char *text, size_t len, struct text *wanted)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) {
			text_append(wanted, "must be one line, without control characters");
			return false;
		}
	return true;
}

static const struct option tls_options[] = {
	{
		.key = "ca",
		.kind = OPTION_PATH,
		.offset = MEMBER(struct access_tls, ca, const char *),
		.min = 1,
		.about = "A PEM file of the certificates to trust instead of the system's.",
		.example = "/etc/picket/ca.pem",
		.elsewhere = "ca_file cafile",
	},
	{
		.key = "cert",
		.kind = OPTION_PATH,
		.offset = MEMBER(struct access_tls, cert, const char *),
		.min = 1,
		.about =
			"A PEM file of our own certificate, and of those that lead to its authority.",
		.example = "/etc/picket/client.pem",
		.elsewhere = "cert_file certificate",
	},
	{
		.key = "key",
		.kind = OPTION_PATH,
		.offset = MEMBER(struct access_tls, key, const char *),
		.min = 1,
		.about = "A PEM file of its key, unless that stands beside the certificate.",
		.example = "/etc/picket/client.key",
		.elsewhere = "key_file",
	},
	OPTION_END,
};

static void examine_tls(const void *object, struct complaints *complaints,
			const struct option_places *places)
{
	const struct access_tls *tls = object;

	if (tls->key && !tls->cert)
		option_complain(complaints, places, "key", "a 'key' is of no use without 'cert'");
}

const struct option_table access_tls_table = {
	.options = tls_options,
	.size = sizeof(struct access_tls),
	.examine = examine_tls,
};

static const struct option basic_options[] = {
	{
		.key = "user",
		.kind = OPTION_TEXT,
		.is_required = true,
		.offset = MEMBER(struct access_basic, user, const char *),
		.max = 1024,
		.check = check_line,
		.about = "User name.",
		.example = "picket",
	},
	{
		.key = "password",
		.kind = OPTION_SECRET,
		.is_required = true,
		.offset = MEMBER(struct access_basic, password, const char *),
		.max = 4096,
		.check = check_line,
		.about = "Password.",
		.example = "${credential:password}",
	},
	OPTION_END,
};

static const struct option_table basic_table = {
	.options = basic_options,
	.size = sizeof(struct access_basic),
};

static const struct option auth_options[] = {
	{
		.key = "bearer",
		.kind = OPTION_SECRET,
		.offset = MEMBER(struct access_auth, bearer, const char *),
		.min = 1,
		.max = 16384,
		.check = check_line,
		.about = "A token.",
		.example = "${credential:token}",
		.elsewhere = "token bearer_token",
	},
	{
		.key = "basic",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.offset = MEMBER(struct access_auth, basic, const void *),
		.table = &basic_table,
		.about = "A name and a password.",
	},
	OPTION_END,
};

static void examine_auth(const void *object, struct complaints *complaints,
			 const struct option_places *places)
{
	const struct access_auth *auth = object;

	if (auth->bearer && auth->basic)
		option_complain(complaints, places, "basic",
				"'bearer' and 'basic' exclude each other");
}

const struct option_table access_auth_table = {
	.options = auth_options,
	.size = sizeof(struct access_auth),
	.examine = examine_auth,
};

char *access_secret(const struct access_auth *auth)
{
	const struct access_basic *basic = auth ? auth->basic : NULL;
	cleanup(text)
	struct text plain = { 0 };
	struct text encoded = { 0 };

	if (!basic)
		return NULL;
	text_print(&plain, "%s:%s", basic->user, basic->password);
	text_append_base64(&encoded, plain.data, plain.len);
	return text_take(&encoded);
}

char *access_header(const struct access_auth *auth)
{
	cleanup(free)
	char *encoded = access_secret(auth);

	if (encoded)
		return memory_print("Authorization: Basic %s", encoded);
	return auth && auth->bearer ? memory_print("Authorization: Bearer %s", auth->bearer) : NULL;
}
