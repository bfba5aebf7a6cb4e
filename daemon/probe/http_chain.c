/* http_chain.c - the requests of one check. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "model/address.h"
#include "probe/http_chain.h"

void http_chain_init(struct http_chain *chain, const struct http_options *options,
		     const char *const *secrets)
{
	*chain = (struct http_chain){
		.options = options,
		.secrets = secrets,
		.method = options->method,
		.body = options->body,
		.body_len = options->body_len,
	};
}

void http_chain_done(struct http_chain *chain)
{
	http_url_done(&chain->away);
}

const struct http_url *http_chain_url(const struct http_chain *chain)
{
	return chain->away.text ? &chain->away : &chain->options->url;
}

static void add_credentials(const struct http_chain *chain, struct http_request *request)
{
	const struct http_auth *auth = chain->options->auth;
	const struct http_basic *basic = NULL;

	if (auth && auth->basic)
		basic = auth->basic;
	else if (auth && auth->digest)
		basic = auth->digest;
	if (basic) {
		request->auth = auth->digest ? AUTH_DIGEST : AUTH_BASIC;
		request->user = basic->user;
		request->secret = basic->password;
	} else if (auth) {
		request->auth = AUTH_BEARER;
		request->secret = auth->bearer ? auth->bearer : chain->token;
	}
}

void http_chain_request(const struct http_chain *chain, struct http_request *ret_request)
{
	const struct http_options *options = chain->options;
	const struct http_url *url = http_chain_url(chain);
	const bool is_home = http_url_is_same_origin(url, &options->url);

	*ret_request = (struct http_request){
		.url = url,
		.method = chain->method,
		.body = chain->body,
		.body_len = chain->body_len,
		.headers = is_home ? options->headers_home : options->headers_abroad,
		.is_home = is_home,
		.offers_certificate = is_home,
		.no_private =
			chain->count > 0 && chain->is_public && !options->redirects.to_private,
		.keeps_cookies = options->cookies && options->redirects.follow,
	};
	if (url->user) {
		ret_request->auth = AUTH_BASIC;
		ret_request->user = url->user;
		ret_request->secret = url->password ? url->password : "";
	} else if (is_home) {
		add_credentials(chain, ret_request);
		if (!options->auth && options->url.user) {
			ret_request->auth = AUTH_BASIC;
			ret_request->user = options->url.user;
			ret_request->secret = options->url.password ? options->url.password : "";
		}
	}
}

bool http_chain_is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* RFC 9110, 15.4; POST becomes GET at 301 and 302 because everybody does so. */
static void rewrite(struct http_chain *chain, unsigned status)
{
	const bool is_post = strcmp(chain->method, "POST") == 0;

	if (status == 307 || status == 308 || strcmp(chain->method, "HEAD") == 0 ||
	    (status != 303 && !is_post))
		return;
	chain->method = "GET";
	chain->body = NULL;
	chain->body_len = 0;
}

static bool holds_secret(const struct http_chain *chain)
{
	for (const char *const *secret = chain->secrets; secret && *secret; secret++)
		if (chain->body_len > 0 &&
		    memmem(chain->body, chain->body_len, *secret, strlen(*secret)))
			return true;
	return false;
}

/* A literal is known to be private before anybody connects, through a proxy too. */
static bool is_private(const struct http_chain *chain, const struct http_url *url)
{
	struct address address;

	return chain->is_public && !chain->options->redirects.to_private &&
	       address_parse(url->host, &address) == 0 && address_is_private(&address);
}

static void show(struct text *detail, const char *before, const char *url)
{
	text_append(detail, before);
	http_url_show(detail, url);
}

enum failure_class http_chain_follow(struct http_chain *chain, unsigned status,
				     const char *location, unsigned max, struct text *detail)
{
	struct http_url url = { 0 };
	enum failure_class class = CLASS_NONE;
	const char *fault;
	int r;

	if (chain->count == max) {
		text_print(detail, "more than %u redirects, the next one to ", max);
		show(detail, "", location);
		return CLASS_too_many_redirects;
	}
	r = http_url_parse(location, &url, &fault);
	if (r == -EPROTONOSUPPORT) {
		show(detail, "the redirect leads to another protocol: ", location);
		return CLASS_redirect_refused;
	}
	if (r < 0) {
		text_print(detail, "the redirect's target %s: ", fault);
		show(detail, "", location);
		return CLASS_malformed_reply;
	}
	rewrite(chain, status);
	if (is_private(chain, &url)) {
		show(detail, "the redirect leads to a private address: ", location);
		class = CLASS_redirect_refused;
	} else if (holds_secret(chain) && !http_url_is_same_origin(&url, &chain->options->url)) {
		show(detail, "the redirect would take a body with a secret to ", location);
		class = CLASS_redirect_refused;
	}
	chain->is_downgrade = http_chain_url(chain)->is_https && !url.is_https;
	http_url_done(&chain->away);
	chain->away = url;
	chain->count++;
	return class;
}
