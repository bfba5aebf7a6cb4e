/* http_checks.h - what the values of `http:` must look like, one option_check a kind. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text;

bool http_check_url(const char *text, size_t len, struct text *wanted);
bool http_check_proxy(const char *text, size_t len, struct text *wanted);
bool http_check_method(const char *text, size_t len, struct text *wanted);
bool http_check_header_name(const char *text, size_t len, struct text *wanted);
/* Whether what stands under that name lets somebody in: a token, a key, a cookie. */
bool http_header_is_secret(const char *name);
/* One line: what goes into a header must not begin another. */
bool http_check_line(const char *text, size_t len, struct text *wanted);

/* The URL of a proxy with an http scheme instead of its own, to be parsed as one, and
 * what it is; NULL if the scheme is none of a proxy.  The caller frees it.
 */
char *http_proxy_as_url(const char *text, int *ret_kind);
