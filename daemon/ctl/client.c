/* client.c - asks the daemon over its Unix socket, with libcurl. */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <curl/curl.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"

enum {
	ANSWER_MAX = 64 * 1024 * 1024,
	CONNECT_WAIT_MS = 5000,
	ANSWER_WAIT_S = 30, /* without a byte */
	CHECK_WAIT_S = 900, /* for a verdict; the daemon itself gives up sooner */
	AT_ONCE = 16,
	PATIENCE_MS = 1000, /* between two looks at requests in flight */
};

struct transfer {
	CURL *easy; /* owned */
	char *url; /* owned */
	struct text body;
	bool (*take)(const char *data, size_t len, void *context);
	void *context;
	bool is_ended; /* by take() */
	size_t index;
};

static void cleanup_transfer(struct transfer *transfer)
{
	if (transfer->easy)
		curl_easy_cleanup(transfer->easy);
	free(transfer->url);
	text_done(&transfer->body);
}

void client_escape(struct text *path, const char *text)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	for (; *text; text++) {
		if (strchr(plain, *text))
			text_append_char(path, *text);
		else
			text_print(path, "%%%02X", (unsigned char)*text);
	}
}

static size_t receive(char *data, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	long code = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &code);
	if (transfer->take && code == 200) {
		transfer->is_ended = !transfer->take(data, size * count, transfer->context);
		return transfer->is_ended ? CURL_WRITEFUNC_ERROR : size * count;
	}
	text_append_len(&transfer->body, data, size * count);
	return transfer->body.is_cut ? CURL_WRITEFUNC_ERROR : size * count;
}

void client_set_up(CURL *easy, const char *method, const char *url)
{
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, ctl_settings()->socket);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_WAIT_MS);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)ANSWER_WAIT_S);
}

static void set_up(struct transfer *transfer, const char *method, const char *path)
{
	CURL *easy = curl_easy_init();

	if (!easy)
		abort();
	transfer->easy = easy;
	transfer->url = memory_print("http://picket%s", path);
	transfer->body.limit_bytes = ANSWER_MAX;
	client_set_up(easy, method, transfer->url);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
}

/* The socket is there, and not for us: who may ask? */
static void say_denied(const char *socket)
{
	const struct group *group = NULL;
	struct stat status;

	if (stat(socket, &status) == 0)
		group = getgrgid(status.st_gid);
	if (group)
		(void)fprintf(stderr,
			      "picketctl: permission denied on the socket '%s'; "
			      "members of the group '%s' may ask.\n",
			      socket, group->gr_name);
	else
		(void)fprintf(stderr,
			      "picketctl: permission denied on the way to the socket '%s'; "
			      "'ls -ld' on its folder says who may ask.\n",
			      socket);
}

static int say_failed(CURL *easy, CURLcode result)
{
	const char *socket = ctl_settings()->socket;
	long error = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
	if (result == CURLE_COULDNT_CONNECT && error == EACCES) {
		say_denied(socket);
		return CTL_REFUSED;
	}
	if (result == CURLE_COULDNT_CONNECT && (error == ENOENT || error == ECONNREFUSED))
		(void)fprintf(stderr,
			      "picketctl: no picketd answers on the socket '%s': %s. "
			      "Is picket.service running, and is this its socket (-s)?\n",
			      socket, strerror((int)error));
	else if (result == CURLE_COULDNT_CONNECT && error)
		(void)fprintf(stderr, "picketctl: cannot connect to the socket '%s': %s.\n", socket,
			      strerror((int)error));
	else if (result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST)
		(void)fprintf(stderr, "picketctl: cannot connect to the socket '%s'.\n", socket);
	else if (result == CURLE_OPERATION_TIMEDOUT)
		(void)fprintf(stderr,
			      "picketctl: the daemon on '%s' takes connections but does not "
			      "answer; 'systemctl status picket' may say why.\n",
			      socket);
	else if (result == CURLE_WRITE_ERROR)
		(void)fprintf(stderr, "picketctl: the answer is larger than %d MiB.\n",
			      ANSWER_MAX / 1024 / 1024);
	else
		(void)fprintf(stderr,
			      "picketctl: the connection to '%s' broke before the answer was "
			      "complete (%s).\n",
			      socket, curl_easy_strerror(result));
	return CTL_NO_DAEMON;
}

static int perform(struct transfer *transfer, int *ret_code)
{
	const CURLcode result = curl_easy_perform(transfer->easy);
	long code = 0;

	if (result != CURLE_OK && !transfer->is_ended)
		return say_failed(transfer->easy, result);
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &code);
	*ret_code = (int)code;
	return 0;
}

/* With `json` behind it, or NULL. */
static int ask(const char *method, const char *path, const struct text *json, struct text *ret_body,
	       int *ret_code)
{
	cleanup(transfer)
	struct transfer transfer = { 0 };
	int r;

	set_up(&transfer, method, path);
	if (json) {
		curl_easy_setopt(transfer.easy, CURLOPT_POSTFIELDSIZE, (long)json->len);
		curl_easy_setopt(transfer.easy, CURLOPT_POSTFIELDS, json->data);
	}
	/* A reload may take its time; the daemon says when it is over. */
	if (strcmp(method, "GET") != 0)
		curl_easy_setopt(transfer.easy, CURLOPT_LOW_SPEED_TIME, (long)CHECK_WAIT_S);
	r = perform(&transfer, ret_code);
	if (r != 0)
		return r;
	*ret_body = transfer.body;
	transfer.body = (struct text){ 0 };
	return 0;
}

int client_ask(const char *method, const char *path, struct text *ret_body, int *ret_code)
{
	return ask(method, path, NULL, ret_body, ret_code);
}

int client_send(const char *path, const struct text *json, struct text *ret_body, int *ret_code)
{
	return ask("POST", path, json, ret_body, ret_code);
}

int client_get(const char *path, struct text *ret_body)
{
	int code;
	int r = client_ask("GET", path, ret_body, &code);

	if (r != 0)
		return r;
	return code == 200 ? 0 : client_refused(code, ret_body);
}

int client_refused(int code, const struct text *body)
{
	cleanup(json)
	json_t *json = document_parse(body);
	cleanup(text)
	struct text message = { 0 };

	document_show(&message, json_object_get(json, "error"), "message");
	if (message.len)
		(void)fprintf(stderr, "picketctl: %s\n", message.data);
	else
		(void)fprintf(stderr, "picketctl: the daemon answers with status %d.\n", code);
	return CTL_REFUSED;
}

int client_follow(const char *path, bool (*take)(const char *data, size_t len, void *context),
		  void *context)
{
	cleanup(transfer)
	struct transfer transfer = { .take = take, .context = context };
	int code = 0;
	int r;

	set_up(&transfer, "GET", path);
	r = perform(&transfer, &code);
	if (r != 0 || code == 200)
		return r;
	return client_refused(code, &transfer.body);
}

struct posts {
	CURLM *multi; /* owned */
	char *const *paths;
	size_t count, started, in_flight;
	void (*done)(size_t index, int code, const struct text *body, void *context);
	void *context;
};

static void start_post(struct posts *posts)
{
	struct transfer *transfer = MEMORY_NEW(struct transfer);

	transfer->index = posts->started;
	set_up(transfer, "POST", posts->paths[posts->started++]);
	curl_easy_setopt(transfer->easy, CURLOPT_LOW_SPEED_TIME, (long)CHECK_WAIT_S);
	(void)curl_multi_add_handle(posts->multi, transfer->easy);
	posts->in_flight++;
}

/* One is over: 0, or an exit status where it did not get through. */
static int end_post(struct posts *posts, CURL *easy, CURLcode result)
{
	struct transfer *transfer = NULL;
	long code = 0;
	int r = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
	(void)curl_multi_remove_handle(posts->multi, easy);
	posts->in_flight--;
	if (result != CURLE_OK)
		r = say_failed(easy, result);
	else
		posts->done(transfer->index, (int)code, &transfer->body, posts->context);
	cleanup_transfer(transfer);
	free(transfer);
	return r;
}

int client_post_all(char *const *paths, size_t count,
		    void (*done)(size_t index, int code, const struct text *body, void *context),
		    void *context)
{
	struct posts posts = { .multi = curl_multi_init(),
			       .paths = paths,
			       .count = count,
			       .done = done,
			       .context = context };
	int r = 0, running;

	if (!posts.multi)
		abort();
	while (posts.in_flight > 0 || (r == 0 && posts.started < count)) {
		const CURLMsg *message;

		while (r == 0 && posts.started < count && posts.in_flight < AT_ONCE)
			start_post(&posts);
		(void)curl_multi_perform(posts.multi, &running);
		while ((message = curl_multi_info_read(posts.multi, &running))) {
			const int failed =
				end_post(&posts, message->easy_handle, message->data.result);

			/* Once is enough to say that the daemon is gone. */
			if (failed)
				r = failed;
		}
		if (posts.in_flight > 0)
			(void)curl_multi_poll(posts.multi, NULL, 0, PATIENCE_MS, NULL);
	}
	(void)curl_multi_cleanup(posts.multi);
	return r;
}
