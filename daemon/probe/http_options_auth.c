/* http_options_auth.c - the keys of `http: auth:` and `http: proxy:`. */
#include <stddef.h>

#include "probe/http_checks.h"
#include "probe/http_options.h"

static const struct option basic_options[] = {
	{
		.key = "user",
		.kind = OPTION_TEXT,
		.is_required = true,
		.offset = MEMBER(struct http_basic, user, const char *),
		.max = 1024,
		.check = http_check_line,
		.about = "User name.",
		.example = "picket",
	},
	{
		.key = "password",
		.kind = OPTION_SECRET,
		.is_required = true,
		.offset = MEMBER(struct http_basic, password, const char *),
		.max = 4096,
		.check = http_check_line,
		.about = "Password.",
		.example = "${credential:password}",
	},
	OPTION_END
};

static const struct option_table basic_table = {
	.options = basic_options,
	.size = sizeof(struct http_basic),
};

static const struct option oauth2_options[] = {
	{
		.key = "token_url",
		.kind = OPTION_TEXT,
		.is_url = true,
		.is_required = true,
		.offset = MEMBER(struct http_oauth2, token_url, const char *),
		.max = 8192,
		.check = http_check_url,
		.about = "Where the token is fetched.",
		.example = "https://id.example.com/token",
	},
	{
		.key = "client_id",
		.kind = OPTION_TEXT,
		.is_required = true,
		.offset = MEMBER(struct http_oauth2, client_id, const char *),
		.max = 1024,
		.check = http_check_line,
		.about = "The client's name.",
		.example = "picket",
	},
	{
		.key = "client_secret",
		.kind = OPTION_SECRET,
		.is_required = true,
		.offset = MEMBER(struct http_oauth2, client_secret, const char *),
		.max = 4096,
		.check = http_check_line,
		.about = "The client's secret.",
		.example = "${credential:client}",
	},
	{
		.key = "scope",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct http_oauth2, scope, const char *),
		.max = 1024,
		.check = http_check_line,
		.about = "What the token is to be good for.",
		.example = "health:read",
	},
	OPTION_END
};

static const struct option_table oauth2_table = {
	.options = oauth2_options,
	.size = sizeof(struct http_oauth2),
	.about = "Client credentials (RFC 6749, 4.4). A token is kept until shortly before it "
		 "expires.",
};

static const struct option auth_options[] = {
	{
		.key = "bearer",
		.kind = OPTION_SECRET,
		.offset = MEMBER(struct http_auth, bearer, const char *),
		.min = 1,
		.max = 16384,
		.check = http_check_line,
		.about = "Token for Authorization: Bearer.",
		.example = "${credential:token}",
	},
	{
		.key = "basic",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.table = &basic_table,
		.offset = MEMBER(struct http_auth, basic, const struct http_basic *),
		.about = "User and password, sent with the first request.",
	},
	{
		.key = "digest",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.table = &basic_table,
		.offset = MEMBER(struct http_auth, digest, const struct http_basic *),
		.about = "User and password, answering the server's challenge.",
	},
	{
		.key = "oauth2",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.table = &oauth2_table,
		.offset = MEMBER(struct http_auth, oauth2, const struct http_oauth2 *),
		.about = "Fetches a token and sends it.",
	},
	OPTION_END
};

static void examine_auth(const void *object, struct complaints *complaints,
			 const struct option_places *places)
{
	const struct http_auth *auth = object;
	const int ways = !!auth->bearer + !!auth->basic + !!auth->digest + !!auth->oauth2;

	if (ways > 1)
		option_complain(complaints, places, NULL,
				"'auth' has more than one of 'bearer', 'basic', 'digest' and "
				"'oauth2'");
}

const struct option_table http_auth_table = {
	.options = auth_options,
	.size = sizeof(struct http_auth),
	.examine = examine_auth,
	.about = "One of the following. It is never sent to another host than the url's.",
};

static const struct option proxy_options[] = {
	{
		.key = "url",
		.kind = OPTION_TEXT,
		.is_url = true,
		.is_required = true,
		.offset = MEMBER(struct http_proxy, url, const char *),
		.max = 8192,
		.check = http_check_proxy,
		.about = "http://, https://, socks4a:// or socks5h://, host and port. The proxy "
			 "resolves the names.",
		.example = "http://proxy.example.com:3128",
	},
	{
		.key = "user",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct http_proxy, user, const char *),
		.max = 255,
		.check = http_check_line,
		.about = "User name for the proxy.",
		.example = "picket",
	},
	{
		.key = "password",
		.kind = OPTION_SECRET,
		.offset = MEMBER(struct http_proxy, password, const char *),
		.max = 255,
		.check = http_check_line,
		.about = "Password for the proxy.",
		.example = "${credential:proxy}",
	},
	{
		.key = "except",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct http_proxy, except, const char *const *),
		.about = "Hosts to be asked directly: names, .domains with all below them, "
			 "addresses, networks.",
		.example = "[.internal.example.com, 192.0.2.0/24]",
	},
	OPTION_END
};

static void examine_proxy(const void *object, struct complaints *complaints,
			  const struct option_places *places)
{
	const struct http_proxy *proxy = object;

	if (proxy->password && !proxy->user)
		option_complain(complaints, places, "password",
				"'password' needs 'user' beside it");
}

const struct option_table http_proxy_table = {
	.options = proxy_options,
	.size = sizeof(struct http_proxy),
	.short_key = "url",
	.examine = examine_proxy,
	.about = "Goes through a proxy. What the environment says about proxies counts for "
		 "nothing.",
};
