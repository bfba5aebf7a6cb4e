/* handover.c - libcurl working on sockets that it did not connect.
 *
 * The whole of http rests on this: the connector connects, OPENSOCKETFUNCTION
 * hands the socket over, and libcurl neither resolves, nor opens a connection,
 * nor loads a certificate of its own.  What holds here was found with 7.88.1;
 * should another version fail, this says so first.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "certificate.h"
#include "loop/connect.h"
#include "loop/loop.h"

#define NAME "handover.test"

enum { TRANSFERS = 300, TOGETHER = 50 };

static unsigned bundles_read;
static char hosts[] = "/tmp/handover-XXXXXX"; /* has NAME */

/* OpenSSL and libcurl open files through here, so what is read can be counted. */
FILE *fopen64(const char *path, const char *mode)
{
	FILE *(*real)(const char *, const char *);

	*(void **)&real = dlsym(RTLD_NEXT, "fopen64");
	if (strstr(path, "/ssl/"))
		bundles_read++;
	return real(path, mode);
}

struct server {
	pid_t pid;
	uint16_t port;
};

/* Reads until the headers end; says how many connections there have been. */
static void answer(int fd, SSL *tls, unsigned number)
{
	char text[4096], reply[128];
	size_t len = 0;
	int n;

	while (len < sizeof(text) - 1) {
		n = tls ? SSL_read(tls, text + len, (int)(sizeof(text) - 1 - len))
			: (int)read(fd, text + len, sizeof(text) - 1 - len);
		if (n <= 0)
			return;
		len += (size_t)n;
		text[len] = '\0';
		if (strstr(text, "\r\n\r\n"))
			break;
	}
	n = snprintf(reply, sizeof(reply), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%u\n",
		     number);
	if (tls) {
		(void)SSL_write(tls, reply, n);
		(void)SSL_shutdown(tls);
	} else {
		(void)!write(fd, reply, (size_t)n);
	}
}

static _Noreturn void serve(int listener, SSL_CTX *context)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned number = 1;; number++) {
		int fd = accept(listener, NULL, NULL);
		SSL *tls = NULL;

		if (fd < 0)
			_exit(1);
		if (context) {
			tls = SSL_new(context);
			SSL_set_fd(tls, fd);
		}
		if (!tls || SSL_accept(tls) == 1)
			answer(fd, tls, number);
		SSL_free(tls);
		(void)close(fd);
	}
}

static void server_start(struct server *server, SSL_CTX *context)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	assert_return_code(bind(listener, (struct sockaddr *)&address, len), errno);
	assert_return_code(listen(listener, 512), errno);
	assert_return_code(getsockname(listener, (struct sockaddr *)&address, &len), errno);
	server->port = ntohs(address.sin_port);
	server->pid = fork();
	assert_return_code(server->pid, errno);
	if (server->pid == 0)
		serve(listener, context);
	(void)close(listener);
}

static void server_stop(const struct server *server)
{
	assert_return_code(kill(server->pid, SIGKILL), errno);
	assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
}

struct client {
	struct event_base *base;
	struct resolver *resolver;
	struct connector *connector;
	struct event *timer;
	CURLM *multi;
	const struct server *server;
	X509_STORE *store; /* NULL: plain http */
	unsigned wanted, started, running, good;
	unsigned numbers; /* the largest that the server told */
	unsigned verified;
	unsigned threads;
	CURLcode last;
};

struct transfer {
	struct client *client;
	CURL *easy;
	struct curl_slist *to;
	int fd;
	char body[64];
	size_t body_len;
};

static unsigned threads_now(void)
{
	DIR *folder = opendir("/proc/self/task");
	unsigned count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	assert_int_equal(closedir(folder), 0);
	return count - 2;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;

	if (transfer->body_len + count >= sizeof(transfer->body))
		return 0;
	memcpy(transfer->body + transfer->body_len, data, count);
	transfer->body_len += count;
	return size * count;
}

static curl_socket_t hand_over(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = context;
	int fd = transfer->fd;

	transfer->fd = CURL_SOCKET_BAD;
	return fd;
}

static int is_connected(void *context, curl_socket_t fd, curlsocktype purpose)
{
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

/* Notes, and lets the handshake go on: libcurl looks at the result itself. */
static int on_verify(int is_fine, X509_STORE_CTX *verification)
{
	const SSL *tls =
		X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct transfer *transfer = SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls));

	if (is_fine)
		transfer->client->verified++;
	return 1;
}

static CURLcode on_tls(CURL *easy, void *context, void *parameter)
{
	struct transfer *transfer = parameter;

	SSL_CTX_set_app_data((SSL_CTX *)context, transfer);
	SSL_CTX_set1_cert_store(context, transfer->client->store);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verify);
	return CURLE_OK;
}

static void transfer_start(struct client *client);

static void collect(struct client *client)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(client->multi, &left))) {
		struct transfer *transfer;
		CURL *easy = message->easy_handle;

		client->last = message->data.result;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
		if (client->last == CURLE_OK) {
			unsigned number = (unsigned)strtoul(transfer->body, NULL, 10);

			client->good++;
			if (number > client->numbers)
				client->numbers = number;
		}
		curl_multi_remove_handle(client->multi, easy);
		curl_easy_cleanup(easy);
		curl_slist_free_all(transfer->to);
		if (transfer->fd >= 0)
			(void)close(transfer->fd);
		free(transfer);
		client->running--;
		if (threads_now() > client->threads)
			client->threads = threads_now();
		transfer_start(client);
	}
	if (client->running == 0)
		event_base_loopbreak(client->base);
}

static void act(struct client *client, curl_socket_t fd, int what)
{
	int running;

	assert(curl_multi_socket_action(client->multi, fd, what, &running) == CURLM_OK);
	collect(client);
}

static void on_timer(int fd, short what, void *context)
{
	act(context, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer_wanted(CURLM *multi, long ms, void *context)
{
	struct client *client = context;
	struct timeval after = { ms / 1000, ms % 1000 * 1000 };

	if (ms < 0)
		event_del(client->timer);
	else
		event_add(client->timer, &after);
	return 0;
}

static void on_socket(int fd, short what, void *context)
{
	act(context, fd,
	    (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
	struct client *client = context;
	struct event *event = known;
	const short events = (short)((what & CURL_POLL_IN ? EV_READ : 0) |
				     (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST);

	if (event)
		event_free(event);
	event = NULL;
	if (what != CURL_POLL_REMOVE) {
		event = event_new(client->base, fd, events, on_socket, client);
		event_add(event, NULL);
	}
	curl_multi_assign(client->multi, fd, event);
	return 0;
}

static void on_connected(const struct connected *connected, void *context)
{
	struct transfer *transfer = context;

	assert(connected->outcome == CONNECT_OK);
	transfer->fd = connected->fd;
	assert(curl_multi_add_handle(transfer->client->multi, transfer->easy) == CURLM_OK);
}

static CURL *easy_new(struct transfer *transfer)
{
	const struct client *client = transfer->client;
	CURL *easy = curl_easy_init();
	char url[128], to[128];

	(void)snprintf(url, sizeof(url), "%s://" NAME ":%u/", client->store ? "https" : "http",
		       client->server->port);
	(void)snprintf(to, sizeof(to), NAME ":%u:127.0.0.1:%u", client->server->port,
		       client->server->port);
	transfer->to = curl_slist_append(NULL, to);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_CONNECT_TO, transfer->to);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, hand_over);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, is_connected);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	/* Else the multi keeps the first store it saw and gives it to all others. */
	curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer);
	return easy;
}

static void transfer_start(struct client *client)
{
	const struct connect_target target = { .host = NAME, .port = client->server->port };
	struct transfer *transfer;

	if (client->started == client->wanted)
		return;
	transfer = calloc(1, sizeof(*transfer));
	assert(transfer);
	transfer->client = client;
	transfer->easy = easy_new(transfer);
	transfer->fd = -1;
	(void)connect_start(client->connector, &target, on_connected, transfer);
	client->started++;
	client->running++;
}

static void client_run(struct client *client, unsigned wanted)
{
	client->wanted = wanted;
	client->started = client->good = 0;
	for (unsigned i = 0; i < TOGETHER && i < wanted; i++)
		transfer_start(client);
	event_base_dispatch(client->base);
}

static void client_init(struct client *client, const struct server *server, X509_STORE *store)
{
	const struct resolver_options options = { .timeout = USEC_PER_SEC, .hosts = hosts };

	*client = (struct client){ .server = server, .store = store, .base = loop_new() };
	client->resolver = resolver_new(client->base, &options);
	client->connector = connector_new(client->base, client->resolver);
	client->timer = evtimer_new(client->base, on_timer, client);
	client->multi = curl_multi_init();
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
}

static void client_done(struct client *client)
{
	curl_multi_cleanup(client->multi);
	event_free(client->timer);
	connector_free(client->connector);
	resolver_free(client->resolver);
	event_base_free(client->base);
}

static void plain_http_uses_only_the_handed_sockets(void **state)
{
	struct server server;
	struct client client;

	server_start(&server, NULL);
	client_init(&client, &server, NULL);
	client_run(&client, TRANSFERS);
	assert_int_equal(client.good, TRANSFERS);
	assert_int_equal(client.numbers, TRANSFERS);
	assert_int_equal(client.threads, 1);
	client_done(&client);
	server_stop(&server);
}

static int store_size(X509_STORE *store)
{
	return sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
}

static void https_trusts_only_the_given_store(void **state)
{
	struct authority authority;
	struct server server;
	struct client client;
	SSL_CTX *context;
	X509_STORE *store = X509_STORE_new(), *empty = X509_STORE_new();

	authority_init(&authority, "Handover Authority");
	context = authority_server(&authority, NAME);
	X509_STORE_add_cert(store, authority.certificate);
	server_start(&server, context);
	client_init(&client, &server, store);
	bundles_read = 0;
	client_run(&client, TRANSFERS);
	assert_int_equal(client.good, TRANSFERS);
	assert_int_equal(client.numbers, TRANSFERS);
	assert_int_equal(client.threads, 1);
	assert_true(client.verified >= TRANSFERS);
	assert_int_equal(store_size(store), 1);

	/* The next check, with another store in the same multi, does not see the first. */
	client.store = empty;
	client_run(&client, 1);
	assert_int_equal(client.good, 0);
	assert_int_equal(client.last, CURLE_PEER_FAILED_VERIFICATION);
	assert_int_equal(store_size(empty), 0);
	assert_int_equal(bundles_read, 0);

	client_done(&client);
	server_stop(&server);
	SSL_CTX_free(context);
	X509_STORE_free(store);
	X509_STORE_free(empty);
	authority_done(&authority);
}

/* The count above means something: a read of the bundle does move it. */
static void a_read_of_the_bundle_is_noticed(void **state)
{
	X509_STORE *store = X509_STORE_new();

	bundles_read = 0;
	(void)X509_STORE_load_file(store, "/etc/ssl/certs/ca-certificates.crt");
	assert_true(bundles_read > 0);
	X509_STORE_free(store);
}

static int set_up(void **state)
{
	const int fd = mkstemp(hosts);

	assert_return_code(fd, errno);
	assert_true(dprintf(fd, "127.0.0.1 " NAME "\n") > 0);
	return close(fd);
}

static int tear_down(void **state)
{
	return unlink(hosts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_http_uses_only_the_handed_sockets),
		cmocka_unit_test(https_trusts_only_the_given_store),
		cmocka_unit_test(a_read_of_the_bundle_is_noticed),
	};
	int r;

	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	r = cmocka_run_group_tests(tests, set_up, tear_down);
	curl_global_cleanup();
	return r;
}
