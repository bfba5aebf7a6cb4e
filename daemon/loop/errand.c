/* errand.c - one transfer by libcurl to somebody who is to be told something. */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/memory.h"
#include "base/text.h"
#include "loop/connect.h"
#include "loop/errand.h"
#include "loop/tls.h"
#include "loop/transfer.h"

struct errand {
	struct post_tools tools;
	struct errand_request request;
	void *context;
	char *host; /* owned; without brackets */
	uint16_t port;
	struct event *timer; /* owned; the deadline, and what went wrong at once */
	struct connection *connection; /* owned; while it connects */
	struct transfer *transfer; /* owned; from then on */
	struct text fault;
};

static void errand_free(struct errand *errand)
{
	struct connected so_far;

	if (errand->connection)
		connect_cancel(errand->connection, &so_far);
	if (errand->transfer)
		transfer_give(errand->transfer);
	event_free(errand->timer);
	free(errand->host);
	text_done(&errand->fault);
	free(errand);
}

static void fail(struct errand *errand)
{
	errand->request.over(NULL, CURLE_OK, text_string(&errand->fault), errand->context);
	errand_free(errand);
}

/* Whether `scheme` is one of "http,https". */
static bool is_among(const char *scheme, const char *schemes)
{
	const size_t len = strlen(scheme);

	for (; schemes; schemes = strchr(schemes, ',')) {
		schemes += *schemes == ',';
		if (strncmp(schemes, scheme, len) == 0 &&
		    (schemes[len] == ',' || schemes[len] == '\0'))
			return true;
	}
	return false;
}

/* A scheme that we speak, the host and the port of a URL. */
static bool read_url(const char *url, const char *schemes, char **ret_host, uint16_t *ret_port,
		     const char **ret_wanted)
{
	CURLU *parts = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL;
	bool is_fine = parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
		       curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		       curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		       curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;

	*ret_wanted = "be a URL";
	if (is_fine && !is_among(scheme, schemes)) {
		*ret_wanted = is_among("http", schemes) ? "begin with http:// or https://"
							: "begin with smtp:// or smtps://";
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

bool errand_check_url(const char *url, const char *schemes, const char **ret_wanted)
{
	return read_url(url, schemes, NULL, NULL, ret_wanted);
}

const char *errand_host(const struct errand *errand)
{
	return errand->host;
}

/* The store alone says whom to trust; libcurl verifies chain and name by it. */
static CURLcode set_store(CURL *easy, void *context, void *data)
{
	struct errand *errand = data;
	X509_STORE *store;

	(void)easy;
	if (tls_stores_get(errand->tools.stores, errand->request.ca, &store) < 0)
		return CURLE_SSL_CACERT_BADFILE;
	SSL_CTX_set1_cert_store(context, store);
	return CURLE_OK;
}

static void set_up(struct errand *errand)
{
	CURL *easy = transfer_handle(errand->transfer);

	(void)curl_easy_setopt(easy, CURLOPT_URL, errand->request.url);
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, errand->request.schemes);
	/* See loop/connect.h and probe/http_curl.c on stores and libcurl 7.88. */
	(void)curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_store);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, errand);
	if (errand->request.cert) {
		(void)curl_easy_setopt(easy, CURLOPT_SSLCERT, errand->request.cert);
		(void)curl_easy_setopt(easy, CURLOPT_SSLKEY,
				       errand->request.key ? errand->request.key
							   : errand->request.cert);
	}
	errand->request.set_up(easy, errand->context);
}

const char *errand_fault(CURLcode code)
{
	switch ((int)code) {
	case CURLE_PEER_FAILED_VERIFICATION:
		return "its certificate does not verify";
	case CURLE_SSL_CONNECT_ERROR:
		return "the TLS handshake failed";
	case CURLE_SSL_CERTPROBLEM:
		return "our certificate or its key cannot be used";
	case CURLE_SSL_CACERT_BADFILE:
		return "the file of CA certificates cannot be read";
	case CURLE_GOT_NOTHING:
		return "it closed the connection without an answer";
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return "the connection was cut";
	default:
		return NULL;
	}
}

static void transferred(CURLcode code, void *context)
{
	struct errand *errand = context;

	errand->request.over(transfer_outcome(errand->transfer), code, NULL, errand->context);
	errand_free(errand);
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
	struct errand *errand = context;

	errand->connection = NULL;
	if (connected->outcome != CONNECT_OK) {
		text_print(&errand->fault, "%s: %s%s%s%s", errand->host, outcome_of(connected),
			   connected->detail ? " (" : "",
			   connected->detail ? connected->detail : "",
			   connected->detail ? ")" : "");
		fail(errand);
		return;
	}
	errand->transfer = transfer_take(errand->tools.transfers, NULL);
	set_up(errand);
	transfer_start(errand->transfer, connected->fd, transferred, errand);
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
	struct errand *errand = context;

	(void)fd;
	(void)what;
	if (!errand->fault.len)
		text_print(&errand->fault, "%s: no answer in time", errand->host);
	fail(errand);
}

struct errand *errand_start(const struct post_tools *tools, const struct errand_request *request,
			    void *context)
{
	struct errand *errand = MEMORY_NEW(struct errand);
	struct timeval in = { (time_t)(request->timeout / USEC_PER_SEC),
			      (suseconds_t)(request->timeout % USEC_PER_SEC) };
	struct connect_target target = { 0 };
	const char *wanted;

	errand->tools = *tools;
	errand->request = *request;
	errand->context = context;
	errand->timer = evtimer_new(tools->base, timer_fired, errand);
	if (read_url(request->url, request->schemes, &errand->host, &errand->port, &wanted)) {
		target.host = errand->host;
		target.port = errand->port;
		errand->connection = connect_start(tools->connector, &target, connected, errand);
	} else {
		text_print(&errand->fault, "its URL must %s", wanted);
		in = (struct timeval){ 0 };
	}
	(void)evtimer_add(errand->timer, &in);
	return errand;
}

void errand_cancel(struct errand *errand)
{
	errand_free(errand);
}
