/* http_shared.h - what the http checks of one loop have in common. */
#pragma once

struct http_tokens; /* probe/http_token.h */
struct tls_files; /* probe/tls_files.h */

struct http_shared {
	struct tls_files *files; /* owned */
	struct http_tokens *tokens; /* owned */
};
