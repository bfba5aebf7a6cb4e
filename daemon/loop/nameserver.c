/* nameserver.c - questions to one DNS server, over UDP and TCP, with c-ares on the loop.
 *
 * One c-ares channel a server and a transport, each with one try: with more than
 * one server or try in a channel, SERVFAIL and REFUSED come back as "could not
 * contact DNS servers" (or, with NOCHECKRESP, end the lookup), and a truncated
 * answer that TCP could not complete looks like a dead server.
 */
#include <ares.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/list.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/nameserver.h"

enum {
	RECEIVE_BUFFER = 1024 * 1024, /* with the default, 1,000 answers at once overrun it */
	UDP_ANSWER_MAX = 1232, /* EDNS: what no path cuts (dnsflagday.net/2020) */
};

struct transport {
	struct nameserver *nameserver; /* borrowed */
	ares_channel channel; /* owned; NULL: not used yet */
	struct list sockets;
};

struct ask_socket {
	struct list link;
	struct transport *transport; /* borrowed */
	int fd; /* c-ares' own */
	struct event *event; /* owned */
};

struct nameserver {
	struct event_base *base; /* borrowed */
	struct event *timer; /* owned */
	struct ip ip;
	uint16_t port;
	usec_t timeout;
	char *name; /* owned */
	struct transport udp, tcp;
	unsigned outstanding;
	usec_t answered, failed;
	int error; /* of the last system call for it that failed */
};

struct question {
	struct nameserver *nameserver; /* borrowed */
	int type;
	nameserver_done *done; /* or */
	nameserver_message *message;
	void *context; /* borrowed */
};

/* --- Sockets, so that errno is ours to see ------------------------------------------------ */

static ares_socket_t open_socket(int domain, int type, int protocol, void *context)
{
	struct nameserver *nameserver = context;
	const int size = RECEIVE_BUFFER;
	const int fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		nameserver->error = errno;
	else if (type == SOCK_DGRAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

static int close_socket(ares_socket_t fd, void *context)
{
	return close(fd);
}

static int connect_socket(ares_socket_t fd, const struct sockaddr *address, ares_socklen_t len,
			  void *context)
{
	struct nameserver *nameserver = context;
	const int r = connect(fd, address, len);

	if (r < 0 && errno != EINPROGRESS)
		nameserver->error = errno;
	return r;
}

static ares_ssize_t receive(ares_socket_t fd, void *data, size_t len, int flags,
			    struct sockaddr *from, ares_socklen_t *from_len, void *context)
{
	struct nameserver *nameserver = context;
	const ssize_t n = recvfrom(fd, data, len, flags, from, from_len);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		nameserver->error = errno;
	return n;
}

static ares_ssize_t send_vector(ares_socket_t fd, const struct iovec *vector, int count,
				void *context)
{
	struct nameserver *nameserver = context;
	const ssize_t n = writev(fd, vector, count);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		nameserver->error = errno;
	return n;
}

static const struct ares_socket_functions socket_functions = {
	.asocket = open_socket,
	.aclose = close_socket,
	.aconnect = connect_socket,
	.arecvfrom = receive,
	.asendv = send_vector,
};

/* --- c-ares on the loop ---------------------------------------------------------------------- */

/* The earliest end of what is outstanding.  All questions wait equally long, so
 * a later one never ends earlier, and asking c-ares once a timer is enough.
 */
static void arm(struct nameserver *nameserver)
{
	const struct timeval longest = {
		.tv_sec = (time_t)(nameserver->timeout / USEC_PER_SEC),
		.tv_usec = (suseconds_t)(nameserver->timeout % USEC_PER_SEC),
	};
	struct timeval after = longest, at;

	if (nameserver->udp.channel)
		after = *ares_timeout(nameserver->udp.channel, &after, &at);
	if (nameserver->tcp.channel)
		after = *ares_timeout(nameserver->tcp.channel, &after, &at);
	/* Not a moment before c-ares' own clock says so, or it would spin. */
	after.tv_usec += 1000;
	if (after.tv_usec >= 1000000) {
		after.tv_sec++;
		after.tv_usec -= 1000000;
	}
	(void)event_add(nameserver->timer, &after);
}

static void on_timer(int fd, short what, void *context)
{
	struct nameserver *nameserver = context;

	if (nameserver->udp.channel)
		ares_process_fd(nameserver->udp.channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	if (nameserver->tcp.channel)
		ares_process_fd(nameserver->tcp.channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	if (nameserver->outstanding)
		arm(nameserver);
}

static void on_socket(int fd, short what, void *context)
{
	const struct ask_socket *socket = context;

	ares_process_fd(socket->transport->channel, what & EV_READ ? fd : ARES_SOCKET_BAD,
			what & EV_WRITE ? fd : ARES_SOCKET_BAD);
}

static struct ask_socket *socket_of(struct transport *transport, int fd)
{
	struct ask_socket *socket;

	list_each (link, &transport->sockets) {
		socket = LIST_ENTRY(link, struct ask_socket, link);
		if (socket->fd == fd)
			return socket;
	}
	socket = MEMORY_NEW(struct ask_socket);
	socket->transport = transport;
	socket->fd = fd;
	list_append(&transport->sockets, &socket->link);
	return socket;
}

static void on_socket_state(void *context, ares_socket_t fd, int reads, int writes)
{
	struct transport *transport = context;
	struct ask_socket *socket = socket_of(transport, fd);
	const short wanted = (short)((reads ? EV_READ : 0) | (writes ? EV_WRITE : 0));

	if (socket->event)
		event_free(socket->event);
	socket->event = NULL;
	if (!wanted) {
		list_remove(&socket->link);
		free(socket);
		return;
	}
	socket->event = event_new(transport->nameserver->base, fd, (short)(wanted | EV_PERSIST),
				  on_socket, socket);
	(void)event_add(socket->event, NULL);
}

/* Everything is given, so that c-ares reads no file of its own. */
static bool open_channel(struct transport *transport, int flags)
{
	struct nameserver *nameserver = transport->nameserver;
	struct ares_options options = {
		.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_IGNTC | ARES_FLAG_EDNS |
			 ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | flags,
		.timeout = (int)(nameserver->timeout / USEC_PER_MS),
		.tries = 1,
		.ndots = 1,
		.lookups = (char[]){ "b" },
		.ednspsz = UDP_ANSWER_MAX,
		.sock_state_cb = on_socket_state,
		.sock_state_cb_data = transport,
	};
	struct ares_addr_port_node server = {
		.family = nameserver->ip.family == 4 ? AF_INET : AF_INET6,
		.udp_port = nameserver->port,
		.tcp_port = nameserver->port,
	};

	memcpy(&server.addr, nameserver->ip.bytes, sizeof(server.addr));
	if (ares_init_options(&transport->channel, &options,
			      ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
				      ARES_OPT_NDOTS | ARES_OPT_SERVERS | ARES_OPT_DOMAINS |
				      ARES_OPT_LOOKUPS | ARES_OPT_SORTLIST | ARES_OPT_EDNSPSZ |
				      ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS) {
		transport->channel = NULL;
		return false;
	}
	ares_set_socket_functions(transport->channel, &socket_functions, nameserver);
	return ares_set_servers_ports(transport->channel, &server) == ARES_SUCCESS;
}

static void close_channel(struct transport *transport)
{
	if (transport->channel)
		ares_destroy(transport->channel);
	transport->channel = NULL;
}

struct nameserver *nameserver_new(struct event_base *base, const struct ip *ip, uint16_t port,
				  usec_t timeout)
{
	struct nameserver *nameserver = MEMORY_NEW(struct nameserver);
	struct text name = { 0 };

	nameserver->base = base;
	nameserver->ip = *ip;
	nameserver->port = port;
	nameserver->timeout = timeout < USEC_PER_MS ? USEC_PER_MS : timeout;
	if (port == 53)
		ip_print(&name, ip);
	else
		ip_print_port(&name, ip, port);
	nameserver->name = text_take(&name);
	nameserver->timer = evtimer_new(base, on_timer, nameserver);
	nameserver->udp.nameserver = nameserver->tcp.nameserver = nameserver;
	list_init(&nameserver->udp.sockets);
	list_init(&nameserver->tcp.sockets);
	return nameserver;
}

void nameserver_free(struct nameserver *nameserver)
{
	close_channel(&nameserver->udp);
	close_channel(&nameserver->tcp);
	event_free(nameserver->timer);
	free(nameserver->name);
	free(nameserver);
}

/* --- Questions ------------------------------------------------------------------------------- */

static enum nameserver_fate fate_of(int status, int error)
{
	switch (status) {
	case ARES_EBADNAME:
	case ARES_EFORMERR:
		return NAMESERVER_BAD_NAME;
	case ARES_ECONNREFUSED:
		break;
	case ARES_ENOMEM:
		return NAMESERVER_LOCAL;
	default:
		return NAMESERVER_SILENT;
	}
	switch (error) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	case EADDRNOTAVAIL:
	case EAGAIN:
	case EPERM:
		return NAMESERVER_LOCAL;
	default:
		return NAMESERVER_AWAY;
	}
}

static void report(const struct question *question, enum nameserver_fate fate,
		   const uint8_t *message, size_t len)
{
	const int error = fate == NAMESERVER_ANSWERED || fate == NAMESERVER_SILENT
				  ? 0
				  : question->nameserver->error;
	struct answer answer;

	if (question->message) {
		question->message(fate, message, len, question->context);
		return;
	}
	if (fate == NAMESERVER_ANSWERED)
		answer_read(message, len, question->type, &answer);
	question->done(fate, fate == NAMESERVER_ANSWERED ? &answer : NULL, error,
		       question->context);
}

static void on_answer(void *context, int status, int timeouts, unsigned char *message, int len)
{
	struct question *question = context;
	struct nameserver *nameserver = question->nameserver;
	enum nameserver_fate fate = NAMESERVER_ANSWERED;

	(void)timeouts;
	nameserver->outstanding--;
	if (message && len > 0) {
		nameserver->answered = clock_now();
		nameserver->failed = 0;
	} else {
		fate = fate_of(status, nameserver->error);
		if (fate == NAMESERVER_SILENT || fate == NAMESERVER_AWAY)
			nameserver->failed = clock_now();
	}
	report(question, fate, message, len > 0 ? (size_t)len : 0);
	free(question);
}

static void ask(struct question *question, const char *name, bool over_tcp)
{
	struct nameserver *nameserver = question->nameserver;
	struct transport *transport = over_tcp ? &nameserver->tcp : &nameserver->udp;

	if (!transport->channel && !open_channel(transport, over_tcp ? ARES_FLAG_USEVC : 0)) {
		close_channel(transport);
		nameserver->error = ENOMEM;
		report(question, NAMESERVER_LOCAL, NULL, 0);
		free(question);
		return;
	}
	nameserver->outstanding++;
	ares_query(transport->channel, name, ANSWER_CLASS_IN, question->type, on_answer, question);
	if (nameserver->outstanding && !event_pending(nameserver->timer, EV_TIMEOUT, NULL))
		arm(nameserver);
}

void nameserver_ask(struct nameserver *nameserver, const char *name, int type, bool over_tcp,
		    nameserver_done *done, void *context)
{
	struct question *question = MEMORY_NEW(struct question);

	*question = (struct question){
		.nameserver = nameserver,
		.type = type,
		.done = done,
		.context = context,
	};
	ask(question, name, over_tcp);
}

void nameserver_ask_message(struct nameserver *nameserver, const char *name, int type,
			    bool over_tcp, nameserver_message *done, void *context)
{
	struct question *question = MEMORY_NEW(struct question);

	*question = (struct question){
		.nameserver = nameserver,
		.type = type,
		.message = done,
		.context = context,
	};
	ask(question, name, over_tcp);
}

void nameserver_place(const struct nameserver *nameserver, struct ip *ret_ip, uint16_t *ret_port)
{
	*ret_ip = nameserver->ip;
	*ret_port = nameserver->port;
}

usec_t nameserver_answered(const struct nameserver *nameserver)
{
	return nameserver->answered;
}

usec_t nameserver_failed(const struct nameserver *nameserver)
{
	return nameserver->failed;
}

const char *nameserver_name(const struct nameserver *nameserver)
{
	return nameserver->name;
}
