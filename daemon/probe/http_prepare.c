/* http_prepare.c - what the keys of `http:` lead to, worked out once at load. */
#include <curl/curl.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/address.h"
#include "probe/http_checks.h"
#include "probe/http_options.h"
#include "probe/reach.h"

enum { BODY_FILE_MAX = 16 * 1024 * 1024 };

/* Headers that say nothing about who asks, and so may go to any host. */
static const char *const harmless[] = {
	"Accept",	"Accept-Charset",   "Accept-Encoding", "Accept-Language", "Cache-Control",
	"Content-Type", "Content-Language", "Pragma",	       "User-Agent",
};

static bool is_harmless(const struct option_pair *pair)
{
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (strcasecmp(pair->key, harmless[i]) == 0)
			return !pair->is_secret;
	return false;
}

/* libcurl only reads the list, so it may live in the arena. */
static void add_header(struct curl_slist **list, const char *line, struct arena *arena)
{
	struct curl_slist *node = arena_take(arena, sizeof(*node));

	node->data = arena_text(arena, line);
	node->next = NULL;
	while (*list)
		list = &(*list)->next;
	*list = node;
}

/* Not by CURLOPT_USERAGENT, which is printed twice into each request; the last of a list. */
static void add_user_agent(struct curl_slist **list)
{
	static char line[] = HTTP_USER_AGENT;
	static struct curl_slist user_agent = { line, NULL };

	while (*list)
		list = &(*list)->next;
	*list = &user_agent;
}

static void add_body_headers(struct http_options *options, bool has_type, struct arena *arena)
{
	/* Without these libcurl waits a second for a server to say that it wants the body,
	 * and calls every body a form.
	 */
	add_header(&options->headers_home, "Expect:", arena);
	add_header(&options->headers_abroad, "Expect:", arena);
	if (!has_type) {
		add_header(&options->headers_home, "Content-Type:", arena);
		add_header(&options->headers_abroad, "Content-Type:", arena);
	}
}

static void prepare_headers(struct http_options *options, struct arena *arena)
{
	bool has_type = false, says_who = false, says_who_abroad = false;

	/* It may be prepared again, with what was captured before. */
	options->headers_home = options->headers_abroad = NULL;
	for (unsigned i = 0; i < options->headers.count; i++) {
		const struct option_pair *pair = &options->headers.pairs[i];
		cleanup(text)
		struct text line = { 0 };

		/* libcurl leaves out a header that ends with a colon, and sends one with a
		 * semicolon as an empty one.
		 */
		text_print(&line, pair->value[0] ? "%s: %s" : "%s;%s", pair->key, pair->value);
		add_header(&options->headers_home, text_string(&line), arena);
		if (is_harmless(pair))
			add_header(&options->headers_abroad, text_string(&line), arena);
		has_type |= strcasecmp(pair->key, "Content-Type") == 0;
		if (strcasecmp(pair->key, "User-Agent") == 0) {
			says_who = true;
			says_who_abroad = is_harmless(pair);
		}
	}
	if (options->body)
		add_body_headers(options, has_type, arena);
	if (!says_who)
		add_user_agent(&options->headers_home);
	if (!says_who_abroad)
		add_user_agent(&options->headers_abroad);
}

static bool wants_body(const char *method)
{
	return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
	       strcmp(method, "PATCH") == 0;
}

static void prepare_body(struct http_options *options, struct arena *arena,
			 struct complaints *complaints, const struct option_places *places)
{
	cleanup(free)
	char *text = NULL;
	int r;

	options->body = options->body_text;
	options->body_len = options->body ? strlen(options->body) : 0;
	if (options->body_file) {
		r = file_read(options->body_file, BODY_FILE_MAX, &text, &options->body_len);
		if (r < 0)
			option_complain(complaints, places, "body_file",
					"'body_file' cannot be read: %s: %s", options->body_file,
					r == -EFBIG ? "it is larger than 16 MiB" : strerror(-r));
		else
			options->body = arena_text_len(arena, text, options->body_len);
	}
	/* An empty one has a length of 0, which servers want to be told. */
	if (!options->body && wants_body(options->method))
		options->body = "";
}

/* Most are for libcurl and for people what was written: then it is kept once. */
static void prepare_own(void *object, const void *rest, struct arena *arena,
			struct complaints *complaints, const struct option_places *places)
{
	const struct http_options *options = rest;
	struct http_own *own = object;
	char *written = (char *)(uintptr_t)own->url_text;
	cleanup(text)
	struct text shown = { 0 };
	const char *fault;

	if (http_url_parse(own->url_text, &own->url, &fault) < 0)
		return;
	if (strcmp(own->url.text, written) == 0) {
		free(TAKE(own->url.text));
		http_url_settle(&own->url, arena);
		own->url.text = written;
	} else {
		http_url_settle(&own->url, arena);
	}
	http_url_show(&shown, own->url_text);
	own->shown_url = strcmp(text_string(&shown), written) == 0
				 ? written
				 : arena_text(arena, text_string(&shown));
	if (own->url.user && options->auth)
		option_complain(complaints, places, "auth",
				"'auth' and a user in 'url' exclude each other");
}

static void prepare_proxy(struct http_options *options, struct arena *arena)
{
	int kind = PROXY_HTTP;
	cleanup(free)
	char *url = http_proxy_as_url(options->proxy->url, &kind);
	const char *fault;

	options->proxy_kind = (enum http_proxy_kind)kind;
	if (url && http_url_parse(url, &options->proxy_url, &fault) == 0)
		http_url_settle(&options->proxy_url, arena);
}

static void prepare_alpn(struct http_options *options, struct arena *arena)
{
	static const char *const only_http2[] = { "h2", NULL };
	const char *const *protocols = options->tls.alpn;

	if (!protocols && options->version == HTTP_2)
		protocols = only_http2;
	options->alpn = tls_alpn(protocols, arena, &options->alpn_len);
}

static void prepare_rest(void *object, struct arena *arena, struct complaints *complaints,
			 const struct option_places *places)
{
	struct http_options *options = object;
	const char *fault;

	prepare_body(options, arena, complaints, places);
	prepare_headers(options, arena);
	prepare_alpn(options, arena);
	if (options->proxy)
		prepare_proxy(options, arena);
	options->resolver_address = reach_resolver(options->resolver, arena);
	if (options->connect_to)
		(void)http_url_split(options->connect_to, arena, &options->connect_host,
				     &options->connect_port);
	if (options->auth && options->auth->oauth2 &&
	    http_url_parse(options->auth->oauth2->token_url, &options->token_url, &fault) == 0)
		http_url_settle(&options->token_url, arena);
}

static void part(void *object, void *own)
{
	struct http_options *options = object;

	*(struct http_own *)own = (struct http_own){ .url_text = TAKE(options->url_text) };
}

void http_options_join(void *object, const void *part)
{
	struct http_options *options = object;
	const struct http_own *own = part;

	options->url_text = own->url_text;
	options->url = own->url;
	options->shown_url = own->shown_url;
}

static const char *text_of(const void *part)
{
	const struct http_own *own = part;

	return own->url_text;
}

static const char *host_of(const void *part)
{
	const struct http_own *own = part;

	return own->url.host;
}

const struct probe_parts http_parts = {
	.own_size = sizeof(struct http_own),
	.text = text_of,
	.host = host_of,
	.part = part,
	.join = http_options_join,
	.prepare = prepare_rest,
	.prepare_own = prepare_own,
};

void http_options_prepare(void *options, struct arena *arena, struct complaints *complaints,
			  const struct option_places *places)
{
	struct http_own own = { 0 };

	part(options, &own);
	prepare_own(&own, options, arena, complaints, places);
	prepare_rest(options, arena, complaints, places);
	http_options_join(options, &own);
}

char *http_options_credentials(const void *options)
{
	const struct http_options *http = options;
	const struct http_basic *basic = http->auth ? http->auth->basic : NULL;
	const char *user = basic ? basic->user : http->url.user;
	const char *password = basic ? basic->password : http->url.password;
	struct text pair = { 0 };
	char *encoded;

	if (!user || !password)
		return NULL;
	text_print(&pair, "%s:%s", user, password);
	encoded = memory_new(pair.len / 3 * 4 + 5, 1);
	(void)EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)pair.data,
			      (int)pair.len);
	text_done(&pair);
	return encoded;
}

/* ".example.com" is that and all below it. */
static bool is_below(const char *host, const char *domain)
{
	const size_t host_len = strlen(host), domain_len = strlen(domain);

	if (domain[0] != '.')
		return strcasecmp(host, domain) == 0;
	return strcasecmp(host, domain + 1) == 0 ||
	       (host_len > domain_len && strcasecmp(host + host_len - domain_len, domain) == 0);
}

bool http_proxy_excepts(const struct http_proxy *proxy, const char *host)
{
	struct address address;
	const bool is_literal = address_parse(host, &address) == 0;

	for (const char *const *except = proxy->except; except && *except; except++)
		if (is_below(host, *except) ||
		    (is_literal && address_is_within(&address, *except) > 0))
			return true;
	return false;
}
