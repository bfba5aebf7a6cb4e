/* fetch.c - one document by HTTP. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/units.h"
#include "loop/fetch.h"

enum { HEADERS_BYTES = 64 * 1024 };

struct fetch {
	struct fetch_request request;
	fetch_done *done;
	void *context;
	struct errand *errand; /* owned */
	struct curl_slist *headers; /* owned */
	struct text body;
	size_t headers_read;
	bool is_too_large;
};

static void fetch_free(struct fetch *fetch)
{
	curl_slist_free_all(fetch->headers);
	text_done(&fetch->body);
	free(fetch);
}

static size_t take_header(char *data, size_t size, size_t count, void *context)
{
	struct fetch *fetch = context;

	(void)data;
	fetch->headers_read += size * count;
	return fetch->headers_read > HEADERS_BYTES ? 0 : size * count;
}

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
	struct fetch *fetch = context;
	const size_t len = size * count;

	if (len > fetch->request.body_max - fetch->body.len) {
		fetch->is_too_large = true;
		return 0;
	}
	text_append_len(&fetch->body, data, len);
	return len;
}

static void set_up(CURL *easy, void *context)
{
	struct fetch *fetch = context;

	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "picket/" PICKET_VERSION);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fetch->headers);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, fetch);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
}

/* "Application/JSON; charset=utf-8" is "application/json". */
static char *media_type(CURL *easy)
{
	const char *given = NULL;
	char *type;

	(void)curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &given);
	type = memory_text_len(given ? given : "", given ? strcspn(given, "; \t") : 0);
	for (char *at = type; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return type;
}

static void explain(const struct fetch *fetch, CURLcode code, struct text *sentence)
{
	text_print(sentence, "%s: ", errand_host(fetch->errand));
	if (fetch->is_too_large) {
		text_append(sentence, "what it sends is larger than ");
		units_size_print(sentence, fetch->request.body_max);
	} else if (code == CURLE_PARTIAL_FILE) {
		text_append(sentence, "it closed the connection in the middle of its answer");
	} else {
		text_append(sentence, errand_fault(code) ? errand_fault(code)
							 : "what it answered is no HTTP");
	}
}

static void over(CURL *easy, CURLcode code, const char *fault, void *context)
{
	struct fetch *fetch = context;
	cleanup(text)
	struct text sentence = { 0 };
	cleanup(free)
	char *type = easy ? media_type(easy) : NULL;
	struct fetch_result result = { .type = type ? type : "", .body = &fetch->body };
	long status = 0;

	if (easy)
		(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (easy && code == CURLE_OK && status >= 200)
		result.status = (unsigned)status;
	else if (easy)
		explain(fetch, code, &sentence);
	else
		text_append(&sentence, fault);
	if (!result.status)
		result.fault = text_string(&sentence);
	fetch->done(&result, fetch->context);
	fetch_free(fetch);
}

struct fetch *fetch_start(const struct post_tools *tools, const struct fetch_request *request,
			  fetch_done *done, void *context)
{
	struct fetch *fetch = MEMORY_NEW(struct fetch);
	const struct errand_request wanted = {
		.url = request->url,
		.schemes = "http,https",
		.timeout = request->timeout,
		.set_up = set_up,
		.over = over,
	};

	fetch->request = *request;
	fetch->done = done;
	fetch->context = context;
	for (const char *const *line = request->headers; line && *line; line++) {
		fetch->headers = curl_slist_append(fetch->headers, *line);
		if (!fetch->headers)
			abort();
	}
	fetch->errand = errand_start(tools, &wanted, fetch);
	return fetch;
}

void fetch_cancel(struct fetch *fetch)
{
	errand_cancel(fetch->errand);
	fetch_free(fetch);
}
