/* http_token.h - OAuth 2.0 tokens, fetched with client credentials and kept while good.
 *
 * Fetching is part of a check's preparation: it counts against the deadline, not as
 * latency.  Checks that want the same token wait for one fetch together.  Loop
 * thread only.
 * Source: RFC 6749, 4.4 and 5.
 */
#pragma once

struct check;
struct http_token_wait;
struct http_tokens;
struct observation;
struct probe_tools;

struct http_tokens *http_tokens_new(void);
/* Nobody may be waiting. */
void http_tokens_free(struct http_tokens *tokens);

/* The token for the endpoint of `check`, or NULL where it has to be fetched.  Borrowed until
 * the next call of anything here.
 */
const char *http_token_find(struct probe_tools *tools, const struct check *check);
/* It was refused: nobody is to be given it any more. */
void http_token_forget(struct probe_tools *tools, const struct check *check);

/* Exactly one of both is NULL. */
typedef void http_token_came(const char *token, const struct observation *failure, void *context);

/* Fetches it, or waits for who does already.  came() runs once, in a later turn. */
struct http_token_wait *http_token_get(struct probe_tools *tools, const struct check *check,
				       http_token_came *came, void *context);
/* came() does not run any more. */
void http_token_cancel(struct http_token_wait *wait);
