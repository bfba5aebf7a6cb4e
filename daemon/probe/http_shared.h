/* http_shared.h - what the http checks of one loop have in common. */
#pragma once

struct http_tokens; /* probe/http_token.h */

struct http_shared {
	struct http_tokens *tokens; /* owned */
};
