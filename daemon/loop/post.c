/* post.c - one HTTP request to somebody who is to be told something. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "loop/connect.h"
#include "loop/post.h"
#include "loop/tls.h"
#include "loop/transfer.h"

enum { BODY_KEPT_BYTES = 4096, BODY_READ_BYTES = 64 * 1024, HEADERS_BYTES = 64 * 1024 };

static const usec_t retry_after_max = USEC_PER_HOUR;

struct post {
	struct post_tools tools;
	struct post_request request;
	post_done *done;
	void *context;
	char *host; /* owned; without brackets */
	uint16_t port;
	struct event *timer; /* owned; the deadline, and what went wrong at once */
	struct connection *connection; /* owned; while it connects */
	struct transfer *transfer; /* owned; from then on */
	struct curl_slist *headers; /* owned */
	size_t read, headers_read;
	usec_t retry_after;
	struct text body;
	struct text fault;
};

static void post_free(struct post *post)
{
	struct connected so_far;

	if (post->connection)
		connect_cancel(post->connection, &so_far);
	if (post->transfer)
		transfer_give(post->transfer);
	event_free(post->timer);
	curl_slist_free_all(post->headers);
	free(post->host);
	text_done(&post->body);
	text_done(&post->fault);
	free(post);
}

static void finish(struct post *post, unsigned status)
{
	const struct post_result result = {
		.status = status,
		.retry_after = post->retry_after,
		.fault = status ? NULL : text_string(&post->fault),
		.body = &post->body,
	};

	post->done(&result, post->context);
	post_free(post);
}

/* A scheme that we speak, the host and the port of a URL. */
static bool read_url(const char *url, char **ret_host, uint16_t *ret_port, const char **ret_wanted)
{
	CURLU *parts = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL;
	bool is_fine = parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
		       curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		       curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		       curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;

	*ret_wanted = "be a URL";
	if (is_fine && strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0) {
		*ret_wanted = "begin with http:// or https://";
		is_fine = false;
	}
	if (is_fine && ret_host) {
		const size_t len = strlen(host);

		*ret_host = *host == '[' ? memory_text_len(host + 1, len - 2) : memory_text(host);
		*ret_port = (uint16_t)strtoul(port, NULL, 10);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parts);
	return is_fine;
}

bool post_check_url(const char *url, const char **ret_wanted)
{
	return read_url(url, NULL, NULL, ret_wanted);
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

/* The store alone says whom to trust; libcurl verifies chain and name by it. */
static CURLcode set_store(CURL *easy, void *context, void *data)
{
	struct post *post = data;
	X509_STORE *store;

	(void)easy;
	if (tls_stores_get(post->tools.stores, post->request.ca, &store) < 0)
		return CURLE_SSL_CACERT_BADFILE;
	SSL_CTX_set1_cert_store(context, store);
	return CURLE_OK;
}

static void set_up(struct post *post)
{
	const struct post_request *request = &post->request;
	CURL *easy = transfer_handle(post->transfer);

	(void)curl_easy_setopt(easy, CURLOPT_URL, request->url);
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
	/* See loop/connect.h and probe/http_curl.c on stores and libcurl 7.88. */
	(void)curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_store);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, post);
}

/* libcurl's own texts mislead; its codes do not. */
static const char *fault_of(CURLcode code)
{
	switch ((int)code) {
	case CURLE_PEER_FAILED_VERIFICATION:
		return "its certificate does not verify";
	case CURLE_SSL_CONNECT_ERROR:
		return "the TLS handshake failed";
	case CURLE_SSL_CACERT_BADFILE:
		return "the file of CA certificates cannot be read";
	case CURLE_GOT_NOTHING:
		return "it closed the connection without an answer";
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return "the connection was cut";
	default:
		return "what it answered is no HTTP";
	}
}

static void transferred(CURLcode code, void *context)
{
	struct post *post = context;
	long status = 0;

	(void)curl_easy_getinfo(transfer_handle(post->transfer), CURLINFO_RESPONSE_CODE, &status);
	/* A status that has come counts, whatever became of the rest. */
	if (status < 200)
		status = 0;
	if (!status)
		text_print(&post->fault, "%s: %s", post->host, fault_of(code));
	finish(post, (unsigned)status);
}

static const char *outcome_of(const struct connected *connected)
{
	switch (connected->outcome) {
	case CONNECT_UNRESOLVED:
		return "its name cannot be resolved";
	case CONNECT_REFUSED:
		return "it refuses connections";
	case CONNECT_UNREACHABLE:
		return "it cannot be reached";
	case CONNECT_RESET:
		return "it resets connections";
	case CONNECT_TIMED_OUT:
		return "it does not answer";
	case CONNECT_FORBIDDEN:
	case CONNECT_LOCAL:
	case CONNECT_OK:
		break;
	}
	return "no connection can be made from here";
}

static void connected(const struct connected *connected, void *context)
{
	struct post *post = context;

	post->connection = NULL;
	if (connected->outcome != CONNECT_OK) {
		text_print(&post->fault, "%s: %s%s%s%s", post->host, outcome_of(connected),
			   connected->detail ? " (" : "",
			   connected->detail ? connected->detail : "",
			   connected->detail ? ")" : "");
		finish(post, 0);
		return;
	}
	post->transfer = transfer_take(post->tools.transfers);
	set_up(post);
	transfer_start(post->transfer, connected->fd, transferred, post);
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
	struct post *post = context;

	(void)fd;
	(void)what;
	if (!post->fault.len)
		text_print(&post->fault, "%s: no answer in time", post->host);
	finish(post, 0);
}

static void add_header(struct post *post, const char *line)
{
	post->headers = curl_slist_append(post->headers, line);
	if (!post->headers)
		abort();
}

struct post *post_start(const struct post_tools *tools, const struct post_request *request,
			post_done *done, void *context)
{
	struct post *post = MEMORY_NEW(struct post);
	struct timeval in = { (time_t)(request->timeout / USEC_PER_SEC),
			      (suseconds_t)(request->timeout % USEC_PER_SEC) };
	struct connect_target target = { 0 };
	const char *wanted;

	post->tools = *tools;
	post->request = *request;
	post->done = done;
	post->context = context;
	post->body.limit_bytes = BODY_KEPT_BYTES;
	post->timer = evtimer_new(tools->base, timer_fired, post);
	add_header(post, "Expect:");
	for (const char *const *line = request->headers; line && *line; line++)
		add_header(post, *line);
	if (read_url(request->url, &post->host, &post->port, &wanted)) {
		target.host = post->host;
		target.port = post->port;
		post->connection = connect_start(tools->connector, &target, connected, post);
	} else {
		text_print(&post->fault, "a URL to post to must %s", wanted);
		in = (struct timeval){ 0 };
	}
	(void)evtimer_add(post->timer, &in);
	return post;
}

void post_cancel(struct post *post)
{
	post_free(post);
}
