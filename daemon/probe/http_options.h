/* http_options.h - the keys of `http:`, and what they lead to.
 *
 * The upper part is set by the tables, the lower by http_options_prepare() once at
 * load; afterwards nobody changes anything.
 */
#pragma once

#include <curl/curl.h>

#include "loop/connect.h"
#include "option/option.h"
#include "probe/http_url.h"
#include "probe/probe.h"
#include "probe/tls_options.h"

struct http_basic {
	const char *user, *password;
};

struct http_oauth2 {
	const char *token_url, *client_id, *client_secret;
	const char *scope; /* or NULL */
};

struct http_auth {
	const char *bearer;
	const struct http_basic *basic, *digest;
	const struct http_oauth2 *oauth2;
};

enum http_proxy_kind { PROXY_HTTP, PROXY_HTTPS, PROXY_SOCKS4A, PROXY_SOCKS5H };

struct http_proxy {
	const char *url;
	const char *user, *password; /* or NULL */
	const char *const *except; /* hosts that are asked directly; or NULL */
};

struct http_redirects {
	bool follow;
	unsigned max;
	bool to_private;
};

enum http_ip { HTTP_IP_ANY, HTTP_IP_4, HTTP_IP_6, HTTP_IP_BOTH, HTTP_IP_EACH };
enum http_version { HTTP_ANY, HTTP_1_1, HTTP_2 };
enum http_connection { HTTP_FRESH, HTTP_REUSE };

/* What a request says of who sends it, unless `headers` says something else. */
#define HTTP_USER_AGENT "User-Agent: picket/" PICKET_VERSION

struct http_options {
	const char *url_text;
	const char *method;
	struct option_pairs headers;
	const char *body_text;
	const char *body_file;
	const struct http_auth *auth; /* NULL: none */
	struct tls_options tls;
	enum http_ip ip;
	const char *resolver;
	const char *source;
	const char *connect_to;
	const struct http_proxy *proxy; /* NULL: none */
	struct http_redirects redirects;
	bool cookies;
	enum http_version version;
	bool compressed;
	enum http_connection connection;
	size_t body_limit; /* 0: that of all checks */

	/* Prepared. */
	struct http_url url;
	char *shown_url; /* for people */
	const char *body; /* NULL: none */
	size_t body_len;
	struct curl_slist *headers_home; /* to the first origin */
	struct curl_slist *headers_abroad; /* to any other: what cannot hold a secret */
	const char *connect_host; /* of connect_to; NULL: none */
	uint16_t connect_port;
	const char *resolver_address; /* of resolver, with its port; NULL: none */
	const char *alpn; /* what to offer instead of libcurl's, in wire format; NULL: libcurl's */
	unsigned alpn_len;
	enum http_proxy_kind proxy_kind; /* where there is a proxy */
	struct http_url proxy_url; /* its `text` is of no use: the scheme may be of SOCKS */
	struct http_url token_url; /* of auth.oauth2, where there is one */
};

/* What mostly is of one endpoint only: the parts of the above. */
struct http_own {
	const char *url_text;
	struct http_url url;
	char *shown_url;
};

extern const struct probe_parts http_parts;
void http_options_join(void *options, const void *own);

extern const struct option_table http_table, http_auth_table, http_proxy_table;

/* What the rows in http_rows.inc refer to, and the table's examine(). */
extern const struct option_table http_redirects_table;
extern const struct option_word http_ips[], http_versions[], http_connections[];
void http_examine(const void *object, struct complaints *complaints,
		  const struct option_places *places);

void http_options_prepare(void *options, struct arena *arena, struct complaints *complaints,
			  const struct option_places *places);
/* The user and password as a header has them (RFC 7617, 2), malloc'ed; NULL: none. */
char *http_options_credentials(const void *options);

/* Whether `host` is one that the proxy's exceptions name. */
bool http_proxy_excepts(const struct http_proxy *proxy, const char *host);
