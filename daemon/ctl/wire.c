/* wire.c - several requests to the daemon at once, with libcurl's multi interface. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/wire.h"

enum { ANSWER_MAX = 64 * 1024 * 1024 };

struct request {
	struct list link;
	CURL *easy; /* owned */
	char *url, *json, *subject; /* owned; the last two may be NULL */
	struct text body;
	wire_take *take; /* NULL: the answer is wanted as a whole */
	wire_done *done;
	void *context;
};

struct wire {
	CURLM *multi; /* owned */
	struct list requests;
};

struct wire *wire_new(void)
{
	struct wire *wire = MEMORY_NEW(struct wire);

	wire->multi = curl_multi_init();
	if (!wire->multi)
		abort();
	list_init(&wire->requests);
	return wire;
}

static void request_free(struct wire *wire, struct request *request)
{
	list_remove(&request->link);
	(void)curl_multi_remove_handle(wire->multi, request->easy);
	curl_easy_cleanup(request->easy);
	free(request->url);
	free(request->json);
	free(request->subject);
	text_done(&request->body);
	free(request);
}

void wire_clear(struct wire *wire)
{
	while (!list_is_empty(&wire->requests))
		request_free(wire, LIST_ENTRY(wire->requests.after, struct request, link));
}

void wire_free(struct wire *wire)
{
	wire_clear(wire);
	(void)curl_multi_cleanup(wire->multi);
	free(wire);
}

/* A callback of libcurl may not ask anything, so bytes are only kept here. */
static size_t receive(char *data, size_t size, size_t count, void *context)
{
	struct request *request = context;

	text_append_len(&request->body, data, size * count);
	return request->body.is_cut ? CURL_WRITEFUNC_ERROR : size * count;
}

static struct request *start(struct wire *wire, const char *method, const char *path,
			     const char *json)
{
	struct request *request = MEMORY_NEW(struct request);

	request->easy = curl_easy_init();
	if (!request->easy)
		abort();
	request->url = memory_print("http://picket%s", path);
	request->body.limit_bytes = ANSWER_MAX;
	client_set_up(request->easy, method, request->url);
	curl_easy_setopt(request->easy, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(request->easy, CURLOPT_WRITEDATA, request);
	curl_easy_setopt(request->easy, CURLOPT_PRIVATE, request);
	if (json) {
		request->json = memory_text(json);
		curl_easy_setopt(request->easy, CURLOPT_POSTFIELDS, request->json);
	}
	list_append(&wire->requests, &request->link);
	(void)curl_multi_add_handle(wire->multi, request->easy);
	return request;
}

void wire_ask(struct wire *wire, const char *method, const char *path, const char *json,
	      const char *subject, wire_done *done, void *context)
{
	struct request *request = start(wire, method, path, json);

	request->subject = subject ? memory_text(subject) : NULL;
	request->done = done;
	request->context = context;
}

void wire_follow(struct wire *wire, const char *path, wire_take *take, wire_done *done,
		 void *context)
{
	struct request *request = start(wire, "GET", path, NULL);

	request->take = take;
	request->done = done;
	request->context = context;
}

static void end(struct wire *wire, CURL *easy, CURLcode result)
{
	struct request *request = NULL;
	cleanup(text)
	struct text body = { 0 };
	cleanup(free)
	char *subject = NULL;
	wire_done *done;
	void *context;
	long code = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &request);
	if (result == CURLE_OK)
		(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
	body = request->body;
	request->body = (struct text){ 0 };
	subject = TAKE(request->subject);
	done = request->done;
	context = request->context;
	/* Before the callback, which may clear the wire. */
	request_free(wire, request);
	done((int)code, &body, subject, context);
}

/* Gives on what a stream has brought.  One there is at most. */
static void give_on(struct wire *wire)
{
	list_each (link, &wire->requests) {
		struct request *request = LIST_ENTRY(link, struct request, link);
		cleanup(text)
		struct text part = { 0 };
		long code = 0;

		if (!request->take || request->body.len == 0)
			continue;
		(void)curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &code);
		if (code != 200)
			continue;
		part = request->body;
		request->body = (struct text){ .limit_bytes = ANSWER_MAX };
		request->take(part.data, part.len, request->context);
		return;
	}
}

void wire_wait(struct wire *wire, struct curl_waitfd *fds, unsigned count, int timeout_ms)
{
	const CURLMsg *message;
	int running, left;

	(void)curl_multi_perform(wire->multi, &running);
	(void)curl_multi_poll(wire->multi, fds, count, timeout_ms, NULL);
	(void)curl_multi_perform(wire->multi, &running);
	give_on(wire);
	while ((message = curl_multi_info_read(wire->multi, &left)))
		end(wire, message->easy_handle, message->data.result);
}
