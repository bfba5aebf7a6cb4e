/* wire.h - several requests to the daemon at once, beside other things to wait for.
 *
 * Callbacks run from wire_wait() only, and may ask again.  Answers are bounded as those of
 * client.h are.  Nothing is said on stderr.
 */
#pragma once

#include <stddef.h>

#include <curl/curl.h>

struct text;
struct wire;

/* Once, at the end: the HTTP status, or 0 where no whole answer came.  `subject` is what
 * was handed to wire_ask(), or NULL.
 */
typedef void wire_done(int code, const struct text *body, const char *subject, void *context);
/* What a stream has brought since it was called last. */
typedef void wire_take(const char *data, size_t len, void *context);

struct wire *wire_new(void);
void wire_free(struct wire *wire);
/* Forgets all that is in flight; no callback of theirs runs any more. */
void wire_clear(struct wire *wire);

/* `path` is escaped already; `json` (or NULL) goes with it.  All texts are copied. */
void wire_ask(struct wire *wire, const char *method, const char *path, const char *json,
	      const char *subject, wire_done *done, void *context);
void wire_follow(struct wire *wire, const char *path, wire_take *take, wire_done *done,
		 void *context);

/* Waits for the daemon, for one of `fds`, or for so long; then runs what there is to run. */
void wire_wait(struct wire *wire, struct curl_waitfd *fds, unsigned count, int timeout_ms);
