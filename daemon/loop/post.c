/* post.c - one HTTP request to somebody who is to be told something. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "loop/post.h"

enum { BODY_KEPT_BYTES = 4096, BODY_READ_BYTES = 64 * 1024, HEADERS_BYTES = 64 * 1024 };

static const char schemes[] = "http,https";
static const usec_t retry_after_max = USEC_PER_HOUR;

struct post {
	struct post_request request;
	post_done *done;
	void *context;
	struct errand *errand; /* owned */
	struct curl_slist *headers; /* owned */
	size_t read, headers_read;
	usec_t retry_after;
	struct text body;
};

static void post_free(struct post *post)
{
	curl_slist_free_all(post->headers);
	text_done(&post->body);
	free(post);
}

bool post_check_url(const char *url, const char **ret_wanted)
{
	return errand_check_url(url, schemes, ret_wanted);
}

/* RFC 9110, 10.2.3: seconds, or a date. */
static void note_retry_after(struct post *post, const char *value)
{
	char *end;
	const unsigned long long seconds = strtoull(value, &end, 10);
	const time_t date = end == value ? curl_getdate(value, NULL) : -1;
	const time_t now = time(NULL);

	if (end != value)
		post->retry_after = seconds < 3600 ? seconds * USEC_PER_SEC : retry_after_max;
	else if (date > now)
		post->retry_after =
			date - now < 3600 ? (usec_t)(date - now) * USEC_PER_SEC : retry_after_max;
}

static size_t take_header(char *data, size_t size, size_t count, void *context)
{
	static const char name[] = "retry-after:";
	struct post *post = context;
	const size_t len = size * count;
	cleanup(free)
	char *line = NULL;

	post->headers_read += len;
	if (post->headers_read > HEADERS_BYTES)
		return 0;
	if (len < sizeof(name) || strncasecmp(data, name, sizeof(name) - 1) != 0)
		return len;
	line = memory_text_len(data + sizeof(name) - 1, len - sizeof(name) + 1);
	line[strcspn(line, "\r\n")] = '\0';
	note_retry_after(post, line + strspn(line, " \t"));
	return len;
}

/* More than is kept is read, so that the peer sees its answer taken, and no more than that. */
static size_t take_body(char *data, size_t size, size_t count, void *context)
{
	struct post *post = context;
	const size_t len = size * count;

	text_append_len(&post->body, data, len);
	post->read += len;
	return post->read > BODY_READ_BYTES ? 0 : len;
}

static void set_up(CURL *easy, void *context)
{
	struct post *post = context;
	const struct post_request *request = &post->request;

	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "picket/" PICKET_VERSION);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, post->headers);
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	(void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, post);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, post);
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
}

static void over(CURL *easy, CURLcode code, const char *fault, void *context)
{
	struct post *post = context;
	cleanup(text)
	struct text sentence = { 0 };
	struct post_result result = { .retry_after = post->retry_after, .body = &post->body };
	long status = 0;

	if (easy)
		(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	/* A status that has come counts, whatever became of the rest. */
	if (status >= 200)
		result.status = (unsigned)status;
	else if (easy)
		text_print(&sentence, "%s: %s", errand_host(post->errand),
			   errand_fault(code) ? errand_fault(code) : "what it answered is no HTTP");
	else
		text_append(&sentence, fault);
	if (!result.status)
		result.fault = text_string(&sentence);
	post->done(&result, post->context);
	post_free(post);
}

static void add_header(struct post *post, const char *line)
{
	post->headers = curl_slist_append(post->headers, line);
	if (!post->headers)
		memory_out();
}

struct post *post_start(const struct post_tools *tools, const struct post_request *request,
			post_done *done, void *context)
{
	struct post *post = MEMORY_NEW(struct post);
	const struct errand_request wanted = {
		.url = request->url,
		.schemes = schemes,
		.ca = request->ca,
		.cert = request->cert,
		.key = request->key,
		.timeout = request->timeout,
		.set_up = set_up,
		.over = over,
	};

	post->request = *request;
	post->done = done;
	post->context = context;
	post->body.limit_bytes = BODY_KEPT_BYTES;
	add_header(post, "Expect:");
	for (const char *const *line = request->headers; line && *line; line++)
		add_header(post, *line);
	post->errand = errand_start(tools, &wanted, post);
	return post;
}

void post_cancel(struct post *post)
{
	errand_cancel(post->errand);
	post_free(post);
}
