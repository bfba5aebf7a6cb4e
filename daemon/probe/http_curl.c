/* http_curl.c - a hop as settings of a libcurl handle.
 *
 * What fails for want of memory only is not looked at: the transfer fails then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "loop/transfer.h"
#include "model/address.h"
#include "probe/http_curl.h"
#include "probe/http_hop.h"
#include "probe/http_reply.h"
#include "probe/http_shared.h"
#include "probe/probe.h"

static const long usual_version = CURL_HTTP_VERSION_2TLS;

static void set_method(const struct http_request *request, CURL *easy)
{
	const char *custom = NULL;

	/* Also takes back what the hop before wanted. */
	(void)curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	if (request->body) {
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
				       (curl_off_t)request->body_len);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
		custom = strcmp(request->method, "POST") == 0 ? NULL : request->method;
	} else if (strcmp(request->method, "HEAD") == 0) {
		(void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	} else if (strcmp(request->method, "GET") != 0) {
		custom = request->method;
	}
	(void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, custom);
}

static void set_auth(const struct http_request *request, CURL *easy)
{
	static const long kinds[] = {
		[AUTH_NONE] = (long)CURLAUTH_BASIC,
		[AUTH_BASIC] = (long)CURLAUTH_BASIC,
		[AUTH_DIGEST] = (long)CURLAUTH_DIGEST,
		[AUTH_BEARER] = (long)CURLAUTH_BEARER,
	};
	const bool is_bearer = request->auth == AUTH_BEARER;

	(void)curl_easy_setopt(easy, CURLOPT_HTTPAUTH, kinds[request->auth]);
	(void)curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, is_bearer ? request->secret : NULL);
	(void)curl_easy_setopt(easy, CURLOPT_USERNAME, is_bearer ? NULL : request->user);
	(void)curl_easy_setopt(easy, CURLOPT_PASSWORD, is_bearer ? NULL : request->secret);
}

static void watch_proxy(struct http_hop *hop)
{
	struct tls_watch *watch = &hop->proxy_tls;
	struct address literal;

	watch->name = hop->options->proxy_url.host;
	watch->sni = address_parse(watch->name, &literal) == 0 ? NULL : watch->name;
}

static void watch_server(struct http_hop *hop)
{
	const struct http_options *options = hop->options;
	struct tls_watch *watch = &hop->tls;

	watch->sni = hop->request.is_home ? options->tls.server_name : NULL;
	watch->offers_certificate = hop->request.offers_certificate;
	watch->name = watch->sni ? watch->sni : hop->request.url->host;
	watch->alpn = options->alpn;
	watch->alpn_len = options->alpn_len;
}

/* libcurl has made the context of one handshake: the proxy's comes first. */
static CURLcode watch_context(CURL *easy, void *context, void *data)
{
	struct http_hop *hop = data;
	const bool is_proxy =
		hop->proxy && hop->options->proxy_kind == PROXY_HTTPS && !hop->proxy_tls.name;
	struct tls_watch *watch = is_proxy ? &hop->proxy_tls : &hop->tls;

	watch->options = &hop->options->tls;
	watch->stores = hop->tools->stores;
	watch->files = hop->tools->files;
	if (is_proxy)
		watch_proxy(hop);
	else
		watch_server(hop);
	return tls_watch_attach(watch, context) < 0 ? CURLE_SSL_CERTPROBLEM : CURLE_OK;
}

static void set_tls(struct http_hop *hop, CURL *easy)
{
	const long verify = hop->options->tls.verify;

	/* With either of these set, libcurl reads them into the store that it is given. */
	(void)curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	/* Else the multi keeps the first store it is given, and gives it to everybody. */
	(void)curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify);
	/* The name is looked at with all the rest, in tls_watch.c. */
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, watch_context);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, hop);
	if (!hop->proxy || hop->options->proxy_kind != PROXY_HTTPS)
		return;
	(void)curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, verify);
	(void)curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, 0L);
}

/* The connection leads to the proxy already; libcurl only has to speak to it. */
static void set_proxy(struct http_hop *hop, CURL *easy)
{
	static const char *const nowhere[] = {
		[PROXY_HTTP] = "http://127.0.0.1:1",
		[PROXY_HTTPS] = "https://127.0.0.1:1",
		[PROXY_SOCKS4A] = "socks4a://127.0.0.1:1",
		[PROXY_SOCKS5H] = "socks5h://127.0.0.1:1",
	};
	const struct http_options *options = hop->options;
	const char *user = hop->proxy->user ? hop->proxy->user : options->proxy_url.user;
	const char *password =
		hop->proxy->user ? hop->proxy->password : options->proxy_url.password;

	(void)curl_easy_setopt(easy, CURLOPT_PROXY, nowhere[options->proxy_kind]);
	(void)curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_PROXYUSERNAME, user);
	(void)curl_easy_setopt(easy, CURLOPT_PROXYPASSWORD, password);
	/* A request to connect has none of our headers. */
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "picket/" PICKET_VERSION);
	/* From here on this says where the proxy is to connect, so what keeps libcurl from
	 * resolving must go; with a proxy that resolves, it does not.
	 */
	curl_slist_free_all(hop->connect_to);
	hop->connect_to = NULL;
	if (hop->request.is_home && options->connect_to) {
		char *to = memory_print("::%s", options->connect_to);

		hop->connect_to = curl_slist_append(NULL, to);
		free(to);
	}
	(void)curl_easy_setopt(easy, CURLOPT_CONNECT_TO, hop->connect_to);
}

static long version_of(const struct http_options *options, bool is_https)
{
	if (options->version == HTTP_1_1)
		return CURL_HTTP_VERSION_1_1;
	if (options->version == HTTP_2 && !is_https)
		return CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
	return usual_version;
}

/* What goes out, as it goes out.  libcurl tells so only where it also prints what it does,
 * which costs as much as the request itself: so from http_reply_begins() on, and once is
 * enough, but where a challenge or a proxy makes it several requests.
 */
static int note_sent(CURL *easy, curl_infotype kind, char *data, size_t len, void *context)
{
	struct http_hop *hop = context;

	if (kind != CURLINFO_HEADER_OUT)
		return 0;
	text_clear(&hop->sent);
	text_append_len(&hop->sent, data, len);
	if (hop->request.auth != AUTH_DIGEST && !hop->proxy)
		transfer_tell(hop->transfer, false);
	return 0;
}

void http_curl_prepare(CURL *easy)
{
	(void)curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, http_reply_begins);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_reply_header);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_reply_body);
	(void)curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, note_sent);
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, usual_version);
}

/* What is the same for all hops of a chain. */
static void set_chain(struct http_hop *hop)
{
	CURL *easy;

	if (!hop->options->compressed && !hop->request.shares_cookies)
		return;
	easy = transfer_handle(hop->transfer);
	if (hop->options->compressed)
		(void)curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	if (hop->request.shares_cookies)
		(void)curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
	for (const struct curl_slist *cookie = hop->request.cookies; cookie; cookie = cookie->next)
		(void)curl_easy_setopt(easy, CURLOPT_COOKIELIST, cookie->data);
}

void http_curl_set(struct http_hop *hop, bool is_first)
{
	const struct http_options *options = hop->options;
	const struct http_request *request = &hop->request;
	const long version = version_of(options, request->url->is_https);

	transfer_set(hop->transfer, request->url->text, request->headers, hop);
	if (is_first)
		set_chain(hop);
	if (!is_first || version != usual_version)
		(void)curl_easy_setopt(transfer_handle(hop->transfer), CURLOPT_HTTP_VERSION,
				       version);
	if (!is_first || request->body || strcmp(request->method, "GET") != 0)
		set_method(request, transfer_handle(hop->transfer));
	if (!is_first || request->auth != AUTH_NONE)
		set_auth(request, transfer_handle(hop->transfer));
	if (request->url->is_https || (hop->proxy && options->proxy_kind == PROXY_HTTPS))
		set_tls(hop, transfer_handle(hop->transfer));
	if (hop->proxy)
		set_proxy(hop, transfer_handle(hop->transfer));
	if (request->keeps_connection)
		transfer_keep(hop->transfer, request->token, request->beat);
}
