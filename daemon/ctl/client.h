/* client.h - asks the daemon over its Unix socket.
 *
 * Answers are bounded, and so is the wait for one.  What goes wrong is said on
 * stderr, once, in a sentence that tells what to do.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

struct text;

/* One request; `path` is escaped already.  Whole answers are below 64 MiB.  0, or a
 * positive exit status after a message on stderr.
 */
int client_ask(const char *method, const char *path, struct text *ret_body, int *ret_code);
/* POSTs a JSON document, in the same way. */
int client_send(const char *path, const struct text *json, struct text *ret_body, int *ret_code);
/* The same for an answer with 200 only; any other one is said as the error that it is. */
int client_get(const char *path, struct text *ret_body);

/* Says the error in an answer that is not 200, and returns the exit status for it. */
int client_refused(int code, const struct text *body);

/* Gives what comes to `take` until the daemon ends it or `take` returns false.  0, or a
 * positive exit status after a message.
 */
int client_follow(const char *path, bool (*take)(const char *data, size_t len, void *context),
		  void *context);

/* Several requests, a few at a time; `done` runs for each as it is answered, in any order,
 * with the index of its path.  0, or a positive exit status after a message.
 */
int client_post_all(char *const *paths, size_t count,
		    void (*done)(size_t index, int code, const struct text *body, void *context),
		    void *context);

/* Appends text as a part of a path or the value of a parameter (RFC 3986). */
void client_escape(struct text *path, const char *text);

/* Where every request goes, and how long it may take; `url` is kept by `easy` as a copy. */
void client_set_up(CURL *easy, const char *method, const char *url);
