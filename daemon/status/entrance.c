/* entrance.c - where requests come in: the Unix socket, and the TCP port of `listen:`. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <event2/bufferevent.h>
#include <event2/http.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/listen.h"
#include "model/address.h"
#include "status/door.h"
#include "status/entrance.h"
#include "status/inside.h"

/* At the TCP port the reserved places are where those who are too many are told so. */
enum { RESERVED_PLACES = 8, BACKLOG_BYTES = 1024 * 1024 };

static const struct {
	enum evhttp_cmd_type type;
	const char *name;
} methods[] = {
	{ EVHTTP_REQ_GET, "GET" },     { EVHTTP_REQ_POST, "POST" },
	{ EVHTTP_REQ_PUT, "PUT" },     { EVHTTP_REQ_DELETE, "DELETE" },
	{ EVHTTP_REQ_HEAD, "HEAD" },   { EVHTTP_REQ_OPTIONS, "OPTIONS" },
	{ EVHTTP_REQ_TRACE, "TRACE" }, { EVHTTP_REQ_CONNECT, "CONNECT" },
	{ EVHTTP_REQ_PATCH, "PATCH" },
};

static bool may_change(int fd, void *context)
{
	const struct status *status = context;
	struct peer peer;
	bool allowed;

	if (peer_read(fd, &peer) < 0)
		return false;
	allowed = rights_allow(&status->rights, &peer);
	peer_done(&peer);
	return allowed;
}

/* Nobody is known by a TCP connection. */
static bool may_not_change(int fd, void *context)
{
	(void)fd;
	(void)context;
	return false;
}

static void take_request(struct visitor *visitor, struct evhttp_request *request, void *context)
{
	struct answer *answer = answer_new(context, visitor, request);
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *method = "";

	if (door_kind(visitor->door) == DOOR_LISTEN &&
	    !entrance_knows_host(context, visitor, request)) {
		const char *host = evhttp_request_get_host(request);

		answer_error(answer, 421, "unknown_host",
			     "The host '%.128s' is not known here; 'listen_hosts' of 'picket:' "
			     "names those that are.",
			     host ? host : "");
		return;
	}
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].type == evhttp_request_get_command(request))
			method = methods[i].name;
	route_call(answer, method, evhttp_uri_get_path(uri), evhttp_uri_get_query(uri));
}

static void visitor_lost(struct visitor *visitor, void *context)
{
	(void)context;
	answer_lost(visitor->answer);
}

static int make_door(struct status *status, enum door_kind kind, int fd, unsigned ordinary,
		     char **ret_fault)
{
	const bool is_socket = kind == DOOR_SOCKET;
	const struct door_options options = {
		.kind = kind,
		.fd = fd,
		.ordinary = ordinary,
		.reserved = RESERVED_PLACES,
		.request_wait = 10 * USEC_PER_SEC,
		.drain_wait = USEC_PER_MIN,
		.sweep = USEC_PER_SEC,
		.backlog_bytes = BACKLOG_BYTES,
		.may_change = is_socket ? may_change : may_not_change,
		.request = take_request,
		.lost = visitor_lost,
		.context = status,
	};
	struct door **door = is_socket ? &status->door : &status->listen;

	*door = door_new(status->base, &options);
	if (*door)
		return 0;
	*ret_fault = memory_text("the HTTP server cannot be set up");
	return -ENOMEM;
}

/* The socket that was passed, if it is one to accept from; `is_unix` says of which kind. */
static int check_passed(int fd, bool is_unix)
{
	int listens = 0, domain = 0;
	socklen_t size = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0)
		return -errno;
	if (!listens)
		return -EINVAL;
	return is_unix == (domain == AF_UNIX) &&
			       (is_unix || domain == AF_INET || domain == AF_INET6)
		       ? fd
		       : -EINVAL;
}

static int open_socket(struct status *status, const struct status_options *options,
		       char **ret_fault)
{
	const bool is_passed = options->passed_fd >= 0;
	int fd;

	if (!options->path && !is_passed)
		return 0;
	fd = is_passed ? check_passed(options->passed_fd, true)
		       : listen_unix(options->path, options->mode);
	if (fd >= 0) {
		if (!is_passed)
			status->path = memory_text(options->path);
		status->mode = options->mode;
		return make_door(status, DOOR_SOCKET, fd, options->connections, ret_fault);
	}
	if (is_passed)
		*ret_fault = memory_print("the socket passed by the service manager is no "
					  "listening Unix socket");
	else if (fd == -EADDRINUSE)
		*ret_fault =
			memory_print("another daemon answers on the socket '%s'", options->path);
	else if (fd == -EEXIST)
		*ret_fault = memory_print("'%s' exists and is no socket", options->path);
	else
		*ret_fault = memory_print("cannot listen on the socket '%s': %s", options->path,
					  strerror(-fd));
	return fd;
}

/* As the kernel has it: port 0 was any that is free. */
static char *print_own(int fd)
{
	struct sockaddr_storage own = { 0 };
	socklen_t len = sizeof(own);
	cleanup(text)
	struct text text = { 0 };
	struct address address;

	if (getsockname(fd, (struct sockaddr *)&own, &len) < 0)
		return NULL;
	address_from_socket(&own, &address);
	address_print_port(&text, &address);
	return text_take(&text);
}

static int listen_at(const char *text)
{
	struct sockaddr_storage socket;
	struct address address;

	if (address_parse_port(text, &address) < 0)
		return -EINVAL;
	address_to_socket(&address, &socket);
	return listen_tcp((const struct sockaddr *)&socket, address.family == 4
								    ? sizeof(struct sockaddr_in)
								    : sizeof(struct sockaddr_in6));
}

static int open_listen(struct status *status, const struct status_options *options,
		       char **ret_fault)
{
	const bool is_passed = options->passed_listen_fd >= 0;
	int fd;

	if (!options->listen && !is_passed)
		return 0;
	fd = is_passed ? check_passed(options->passed_listen_fd, false)
		       : listen_at(options->listen);
	if (fd >= 0) {
		status->address = print_own(fd);
		return make_door(status, DOOR_LISTEN, fd, options->connections, ret_fault);
	}
	if (is_passed)
		*ret_fault = memory_print("the socket 'listen' passed by the service manager is no "
					  "listening TCP socket");
	else
		*ret_fault = memory_print("cannot listen on '%s' ('picket.listen'): %s",
					  options->listen, strerror(-fd));
	return fd;
}

int entrance_open(struct status *status, const struct status_options *options, char **ret_fault)
{
	const int r = open_socket(status, options, ret_fault);

	return r < 0 ? r : open_listen(status, options, ret_fault);
}

int status_keep_socket(struct status *status)
{
	struct stat at;
	int fd;

	if (!status->path || lstat(status->path, &at) == 0 || errno != ENOENT)
		return 0;
	fd = listen_unix(status->path, status->mode);
	if (fd < 0)
		return fd;
	door_move(status->door, fd);
	return 1;
}

void entrance_free(struct status *status)
{
	if (status->door && status->path)
		listen_unlink(status->path, door_fd(status->door));
	if (status->door)
		door_free(status->door);
	if (status->listen)
		door_free(status->listen);
	free(status->path);
	free(status->address);
}

/* At a socket of IPv6 that takes IPv4 too, an address of the latter (RFC 4291, 2.5.5.2). */
static void unmap(struct address *address)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	if (address->family != 6 || memcmp(address->bytes, prefix, sizeof(prefix)) != 0)
		return;
	address->family = 4;
	memmove(address->bytes, address->bytes + sizeof(prefix), 4);
	memset(address->bytes + 4, 0, sizeof(address->bytes) - 4);
}

/* "192.0.2.7" or "[2001:db8::7]": the address that the visitor has reached us by. */
static bool is_own_address(const char *host, int fd)
{
	struct sockaddr_storage socket = { 0 };
	socklen_t len = sizeof(socket);
	cleanup(text)
	struct text text = { 0 };
	struct address own, wanted;

	text_print(&text, "%s:0", host);
	if (address_parse_port(text.data, &wanted) < 0 ||
	    getsockname(fd, (struct sockaddr *)&socket, &len) < 0)
		return false;
	address_from_socket(&socket, &own);
	unmap(&own);
	own.port = 0;
	wanted.scope = own.scope;
	return address_is_equal(&wanted, &own);
}

bool entrance_knows_host(const struct status *status, const struct visitor *visitor,
			 struct evhttp_request *request)
{
	const char *host = evhttp_request_get_host(request);
	const char *const *known = status->hosts;

	if (!host)
		return false;
	if (!known)
		return strcasecmp(host, "localhost") == 0 ||
		       is_own_address(host, bufferevent_getfd(visitor->stream));
	while (*known && strcasecmp(*known, host) != 0)
		known++;
	return *known != NULL;
}

bool entrance_shows_detail(const struct status *status, const struct visitor *visitor)
{
	return door_kind(visitor->door) == DOOR_SOCKET || status->shows_detail;
}
