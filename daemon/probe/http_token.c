/* http_token.c - OAuth 2.0 tokens.
 *
 * The first of those that wait for a token fetches it, with its own options and limits; should
 * it give up, the next one does.  So nothing here outlives the checks but the
 * tokens themselves.
 */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/map.h"
#include "base/memory.h"
#include "model/check.h"
#include "probe/http_hop.h"
#include "probe/http_shared.h"
#include "probe/http_token.h"
#include "probe/probe.h"

enum { REPLY_MAX = 64 * 1024, TOKEN_MAX = 16 * 1024 };

/* Where the reply does not say; and how long before its end a token is no longer used. */
static const usec_t lifetime = 5 * USEC_PER_MIN;
static const usec_t lifetime_max = 30 * USEC_PER_DAY;
static const usec_t margin_max = 30 * USEC_PER_SEC;

struct http_tokens {
	struct map *by_key; /* of struct token */
};

struct token {
	char *key; /* owned */
	char *value; /* owned; NULL while there is none */
	usec_t good_until; /* monotonic */
	struct list waiting; /* of http_token_wait; the first one fetches */
};

struct http_token_wait {
	struct token *token; /* borrowed */
	struct probe_tools *tools; /* borrowed */
	const struct check *check; /* borrowed */
	http_token_came *came;
	void *context;
	struct list link;
	bool is_fetching;
	struct http_hop hop;
	struct observation seen;
	char *user, *password, *body; /* owned; of the request */
	struct curl_slist *headers; /* owned */
};

static char *encoded(const char *text)
{
	char *escaped = curl_easy_escape(NULL, text, 0);
	char *copy = memory_text(escaped ? escaped : "");

	curl_free(escaped);
	return copy;
}

static const struct http_options *options_of(const struct check *check)
{
	return check->endpoint->options;
}

static struct token *token_of(struct probe_tools *tools, const struct check *check)
{
	const struct http_oauth2 *oauth2 = options_of(check)->auth->oauth2;
	struct map *by_key = tools->http->tokens->by_key;
	/* None of these can hold a line end. */
	cleanup(free)
	char *key = memory_print("%s\n%s\n%s\n%s", oauth2->token_url, oauth2->client_id,
				 oauth2->client_secret, oauth2->scope ? oauth2->scope : "");
	struct token *token = map_find(by_key, key);

	if (token)
		return token;
	token = MEMORY_NEW(struct token);
	token->key = TAKE(key);
	list_init(&token->waiting);
	(void)map_set(by_key, token->key, token);
	return token;
}

static void token_free(struct token *token)
{
	assert(list_is_empty(&token->waiting));
	free(token->key);
	free(token->value);
	free(token);
}

struct http_tokens *http_tokens_new(void)
{
	struct http_tokens *tokens = MEMORY_NEW(struct http_tokens);

	tokens->by_key = map_new();
	return tokens;
}

void http_tokens_free(struct http_tokens *tokens)
{
	const char *key;
	void *token;

	for (size_t at = 0; map_next(tokens->by_key, &at, &key, &token);)
		token_free(token);
	map_free(tokens->by_key);
	free(tokens);
}

const char *http_token_find(struct probe_tools *tools, const struct check *check)
{
	const struct token *token = token_of(tools, check);

	return token->value && clock_now() < token->good_until ? token->value : NULL;
}

void http_token_forget(struct probe_tools *tools, const struct check *check)
{
	token_of(tools, check)->good_until = 0;
}

static bool is_line(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f)
			return false;
	return len > 0 && len <= TOKEN_MAX;
}

static void keep(struct token *token, const char *value, const json_t *expires)
{
	usec_t good = lifetime;

	if (json_is_number(expires) && json_number_value(expires) >= 0) {
		const double seconds = json_number_value(expires);

		good = seconds < 30.0 * 86400 ? (usec_t)(seconds * 1e6) : lifetime_max;
	}
	good -= good / 10 < margin_max ? good / 10 : margin_max;
	free(token->value);
	token->value = memory_text(value);
	token->good_until = clock_now() + good;
}

/* RFC 6749, 5.1. */
static void read_reply(struct token *token, struct observation *seen)
{
	json_t *root;
	const json_t *value;

	if (seen->class)
		return;
	if (seen->status != 200) {
		observation_fail(seen, CLASS_malformed_reply, PHASE_TRANSFER, "status is %u",
				 seen->status);
		return;
	}
	root = json_loadb(text_string(&seen->body), seen->body.len, 0, NULL);
	value = json_object_get(root, "access_token");
	if (json_is_string(value) && is_line(json_string_value(value), json_string_length(value)))
		keep(token, json_string_value(value), json_object_get(root, "expires_in"));
	else
		observation_fail(seen, CLASS_malformed_reply, PHASE_TRANSFER,
				 "the reply has no 'access_token'");
	json_decref(root);
}

static void wait_free(struct http_token_wait *wait)
{
	list_remove(&wait->link);
	if (wait->is_fetching)
		http_hop_done(&wait->hop);
	observation_done(&wait->seen);
	free(wait->user);
	free(wait->password);
	free(wait->body);
	curl_slist_free_all(wait->headers);
	free(wait);
}

/* Tells all that wait, the one that fetched last: the others are shown what it saw. */
static void fetched(struct http_hop *hop, void *context)
{
	struct http_token_wait *fetcher = context;
	struct token *token = fetcher->token;
	struct list told;

	read_reply(token, &fetcher->seen);
	list_init(&told);
	list_remove(&fetcher->link);
	list_append(&told, &fetcher->link);
	/* Whoever asks again from here on begins anew. */
	while (!list_is_empty(&token->waiting))
		list_prepend(&told, list_take_first(&token->waiting));
	while (!list_is_empty(&told)) {
		struct http_token_wait *wait =
			LIST_ENTRY(list_first(&told), struct http_token_wait, link);
		http_token_came *came = wait->came;
		void *context_of_wait = wait->context;
		const bool is_last = wait == fetcher;

		if (!is_last)
			wait_free(wait);
		else
			list_remove(&wait->link);
		came(fetcher->seen.class ? NULL : token->value,
		     fetcher->seen.class ? &fetcher->seen : NULL, context_of_wait);
		if (is_last)
			break;
	}
	wait_free(fetcher);
}

static void add_header(struct http_token_wait *wait, const char *line)
{
	wait->headers = curl_slist_append(wait->headers, line);
	if (!wait->headers)
		memory_out();
}

/* RFC 6749, 4.4.2 and, for the client's name and secret, 2.3.1. */
static void fetch(struct http_token_wait *wait)
{
	const struct http_options *options = options_of(wait->check);
	const struct http_oauth2 *oauth2 = options->auth->oauth2;
	cleanup(free)
	char *scope = oauth2->scope ? encoded(oauth2->scope) : NULL;

	add_header(wait, "Content-Type: application/x-www-form-urlencoded");
	add_header(wait, "Accept: application/json");
	add_header(wait, "Expect:");
	add_header(wait, HTTP_USER_AGENT);
	wait->user = encoded(oauth2->client_id);
	wait->password = encoded(oauth2->client_secret);
	wait->body = memory_print("grant_type=client_credentials%s%s", scope ? "&scope=" : "",
				  scope ? scope : "");

	const struct http_request request = {
		.url = &options->token_url,
		.method = "POST",
		.body = wait->body,
		.body_len = strlen(wait->body),
		.headers = wait->headers,
		.auth = AUTH_BASIC,
		.user = wait->user,
		.secret = wait->password,
		.offers_certificate = true,
	};

	wait->is_fetching = true;
	http_hop_init(&wait->hop, wait->tools, options, wait->check->limits);
	wait->hop.body_limit = REPLY_MAX;
	http_hop_start(&wait->hop, &request, &wait->seen, fetched, wait);
}

struct http_token_wait *http_token_get(struct probe_tools *tools, const struct check *check,
				       http_token_came *came, void *context)
{
	struct http_token_wait *wait = MEMORY_NEW(struct http_token_wait);

	wait->token = token_of(tools, check);
	wait->tools = tools;
	wait->check = check;
	wait->came = came;
	wait->context = context;
	list_append(&wait->token->waiting, &wait->link);
	if (list_first(&wait->token->waiting) == &wait->link)
		fetch(wait);
	return wait;
}

void http_token_cancel(struct http_token_wait *wait)
{
	struct token *token = wait->token;
	const bool was_fetching = wait->is_fetching;
	struct list *next;

	wait_free(wait);
	next = list_first(&token->waiting);
	if (was_fetching && next)
		fetch(LIST_ENTRY(next, struct http_token_wait, link));
}
