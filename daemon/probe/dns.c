/* dns.c - probe dns: from a question to what a server answers.
 *
 *   start -> [server's name] -> question over UDP -> [truncated: TCP] -> done
 *
 * Over TLS all of it is dns_secure.c's.
 *
 * Each question has a socket of its own, and with it a port that the kernel chose, and an
 * id nobody can guess.  The socket is connected, so that the kernel drops whatever comes
 * from elsewhere; what has another id or question is passed over.
 */
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "expect/expect.h"
#include "loop/resolve.h"
#include "model/dns.h"
#include "probe/connecting.h"
#include "probe/dns_options.h"
#include "probe/dns_secure.h"
#include "probe/probe.h"
#include "probe/probing.h"

/* A datagram may be lost; then it is sent again, each time after twice as long. */
static const usec_t first_patience = USEC_PER_SEC;

struct dns_probing {
	struct probing probing; /* the first member */
	const struct dns_options *options; /* borrowed */
	struct lookup *lookup; /* borrowed; of the server's name */
	struct connection *connection; /* borrowed; over TCP, while it is made */
	int fd; /* owned; -1 */
	struct event event; /* of fd, where has_event */
	bool has_event;
	bool is_tcp;
	struct ip server;
	uint16_t port;
	uint16_t id;
	uint8_t question[2 + DNS_QUESTION_BYTES]; /* with TCP's length */
	size_t question_len; /* without it */
	size_t sent; /* over TCP */
	usec_t asked, patience;
	usec_t began; /* the lookup, or connecting */
	uint8_t *answer; /* owned; over TCP */
	size_t answer_len, answer_room;
};

static void close_socket(struct dns_probing *dns)
{
	if (dns->has_event)
		(void)event_del(&dns->event);
	dns->has_event = false;
	if (dns->fd >= 0)
		(void)close(dns->fd);
	dns->fd = -1;
}

static void end(struct dns_probing *dns)
{
	struct observation *seen = &dns->probing.check->observation;

	close_socket(dns);
	seen->latency = 0;
	for (unsigned phase = 0; phase < PHASES; phase++)
		seen->latency += seen->phases[phase];
	probing_end(&dns->probing);
}

static void note_wait(struct dns_probing *dns)
{
	struct observation *seen = &dns->probing.check->observation;

	if (dns->asked)
		observation_set_phase(seen, PHASE_FIRST_BYTE,
				      seen->phases[PHASE_FIRST_BYTE] + clock_now() - dns->asked);
	dns->asked = 0;
}

static void fail(struct dns_probing *dns, enum failure_class class, enum phase phase,
		 const char *reason)
{
	note_wait(dns);
	observation_fail(&dns->probing.check->observation, class, phase, "%s", reason);
	end(dns);
}

static void fail_with(struct dns_probing *dns, int error)
{
	const bool is_local = error == EMFILE || error == ENFILE || error == ENOMEM ||
			      error == ENOBUFS || error == EADDRNOTAVAIL || error == EPERM ||
			      error == EAGAIN;

	fail(dns,
	     is_local		     ? CLASS_local
	     : error == ECONNREFUSED ? CLASS_connect_refused
	     : error == ECONNRESET   ? CLASS_reset
				     : CLASS_unreachable,
	     error == ECONNRESET ? PHASE_FIRST_BYTE : PHASE_CONNECT, strerror(error));
}

/* --- The answer ------------------------------------------------------------------------ */

static void begin_tcp(struct dns_probing *dns);

/* Whether that was the answer, and all is over. */
static bool take_answer(struct dns_probing *dns, const uint8_t *data, size_t len)
{
	struct observation *seen = &dns->probing.check->observation;

	switch (dns_answer_read(data, len, &dns->options->question, dns->id, &seen->dns)) {
	case DNS_REPLY:
		note_wait(dns);
		dns_note_rcode(seen);
		end(dns);
		return true;
	case DNS_TRUNCATED:
		if (dns->is_tcp)
			fail(dns, CLASS_dns_failure, PHASE_TRANSFER,
			     "the answer is truncated over TCP too");
		else
			begin_tcp(dns);
		return true;
	case DNS_MALFORMED:
		fail(dns, CLASS_dns_failure, PHASE_TRANSFER,
		     "the answer is malformed, or has more than 1000 records");
		return true;
	case DNS_NOT_OURS:
	default:
		return false;
	}
}

/* --- Over TCP -------------------------------------------------------------------------- */

static void read_tcp(struct dns_probing *dns)
{
	ssize_t len;

	if (!dns->answer)
		dns->answer = memory_new(1, 2 + DNS_MESSAGE_BYTES);
	len = read(dns->fd, dns->answer + dns->answer_len, 2 + DNS_MESSAGE_BYTES - dns->answer_len);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len < 0) {
		fail_with(dns, errno);
		return;
	}
	if (len == 0) {
		fail(dns, dns->answer_len ? CLASS_dns_failure : CLASS_empty_reply,
		     dns->answer_len ? PHASE_TRANSFER : PHASE_FIRST_BYTE,
		     "the server closed the connection before it had answered");
		return;
	}
	dns->answer_len += (size_t)len;
	while (dns->answer_len >= 2) {
		const size_t whole = 2 + ((size_t)dns->answer[0] << 8 | dns->answer[1]);

		if (dns->answer_len < whole || take_answer(dns, dns->answer + 2, whole - 2))
			return;
		dns->answer_len -= whole;
		memmove(dns->answer, dns->answer + whole, dns->answer_len);
	}
}

static void tcp_ready(evutil_socket_t fd, short what, void *context)
{
	struct dns_probing *dns = context;
	const size_t whole = 2 + dns->question_len;
	ssize_t len;

	if (dns->sent == whole) {
		read_tcp(dns);
		return;
	}
	len = send(fd, dns->question + dns->sent, whole - dns->sent, MSG_NOSIGNAL);
	if (len < 0 && errno != EAGAIN && errno != EINTR) {
		fail_with(dns, errno);
		return;
	}
	dns->sent += len > 0 ? (size_t)len : 0;
	if (dns->sent < whole)
		return;
	(void)event_del(&dns->event);
	(void)event_assign(&dns->event, dns->probing.tools->base, fd, EV_READ | EV_PERSIST,
			   tcp_ready, dns);
	(void)event_add(&dns->event, NULL);
}

static void note_connecting(struct observation *seen, const struct connected *connected)
{
	address_from_socket(&connected->address, &seen->address);
	if (connected->has_resolved)
		observation_set_phase(seen, PHASE_RESOLVE,
				      seen->phases[PHASE_RESOLVE] + connected->resolve_took);
	if (connected->has_connected)
		observation_set_phase(seen, PHASE_CONNECT, connected->connect_took);
}

static void fail_connecting(struct dns_probing *dns, const struct connected *connected)
{
	struct text detail = { 0 };
	enum phase phase;
	const enum failure_class class = connecting_classify(connected, &phase, &detail);
	const bool is_fallback =
		dns->is_tcp && dns->options->transport == DNS_UDP && class != CLASS_local;
	struct observation *seen = &dns->probing.check->observation;

	if (is_fallback)
		observation_fail(seen, CLASS_dns_failure, phase,
				 "the answer is truncated, and over TCP: %s",
				 detail.len ? text_string(&detail) : class_sentence(class));
	else
		observation_fail(seen, class, phase, detail.len ? "%s" : NULL,
				 text_string(&detail));
	text_done(&detail);
	end(dns);
}

static void connected(const struct connected *connected, void *context)
{
	struct dns_probing *dns = context;

	dns->connection = NULL;
	note_connecting(&dns->probing.check->observation, connected);
	if (connected->outcome != CONNECT_OK) {
		fail_connecting(dns, connected);
		return;
	}
	ip_from_socket(&connected->address, &dns->server, &dns->port);
	dns->fd = connected->fd;
	dns->asked = clock_now();
	(void)event_assign(&dns->event, dns->probing.tools->base, dns->fd, EV_WRITE | EV_PERSIST,
			   tcp_ready, dns);
	(void)event_add(&dns->event, NULL);
	dns->has_event = true;
}

static void new_id(struct dns_probing *dns)
{
	if (getrandom(&dns->id, sizeof(dns->id), 0) < 0)
		abort(); /* cannot fail once the system has booted (getrandom(2)) */
	dns->question_len = dns_question_write(&dns->options->question, dns->id, dns->question + 2);
	dns->question[0] = (uint8_t)(dns->question_len >> 8);
	dns->question[1] = (uint8_t)dns->question_len;
}

static void begin_tcp(struct dns_probing *dns)
{
	struct sockaddr_storage address;
	struct connect_target target = { .family = dns->options->ip };

	note_wait(dns);
	close_socket(dns);
	new_id(dns);
	dns->began = clock_now();
	dns->is_tcp = true;
	if (dns->server.family && ip_to_socket(&dns->server, dns->port, &address))
		target.address = &address;
	target.host = dns->options->server ? dns->options->server : "";
	target.port = dns->port;
	dns->connection = connect_start(dns->probing.tools->connector, &target, connected, dns);
}

/* --- Over UDP -------------------------------------------------------------------------- */

static void ask(struct dns_probing *dns)
{
	const struct timeval patience = { (time_t)(dns->patience / USEC_PER_SEC),
					  (suseconds_t)(dns->patience % USEC_PER_SEC) };

	/* What an ICMP message said of the last one comes as an error here or at the read. */
	if (send(dns->fd, dns->question + 2, dns->question_len, MSG_NOSIGNAL) < 0 &&
	    errno != EAGAIN) {
		fail_with(dns, errno);
		return;
	}
	dns->patience *= 2;
	(void)event_add(&dns->event, &patience);
}

static void udp_ready(evutil_socket_t fd, short what, void *context)
{
	struct dns_probing *dns = context;
	uint8_t data[4096];
	ssize_t len;

	if (what & EV_TIMEOUT) {
		ask(dns);
		return;
	}
	len = recv(fd, data, sizeof(data), 0);
	if (len >= 0)
		(void)take_answer(dns, data, (size_t)len);
	else if (errno != EAGAIN && errno != EINTR)
		fail_with(dns, errno);
}

static void begin_udp(struct dns_probing *dns)
{
	struct sockaddr_storage address;
	const socklen_t len = ip_to_socket(&dns->server, dns->port, &address);

	address_from_socket(&address, &dns->probing.check->observation.address);
	dns->fd = socket(address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (dns->fd < 0 || connect(dns->fd, (struct sockaddr *)&address, len) < 0) {
		fail_with(dns, errno);
		return;
	}
	new_id(dns);
	dns->patience = first_patience;
	dns->asked = clock_now();
	(void)event_assign(&dns->event, dns->probing.tools->base, dns->fd, EV_READ | EV_PERSIST,
			   udp_ready, dns);
	dns->has_event = true;
	ask(dns);
}

static void resolved(const struct resolved *result, void *context)
{
	struct dns_probing *dns = context;
	struct observation *seen = &dns->probing.check->observation;
	const struct connected as_connected = {
		.outcome = CONNECT_UNRESOLVED,
		.resolve_outcome = result->outcome,
		.detail = result->detail,
	};

	dns->lookup = NULL;
	if (result->took)
		observation_set_phase(seen, PHASE_RESOLVE, result->took);
	if (result->outcome != RESOLVE_OK) {
		fail_connecting(dns, &as_connected);
		return;
	}
	dns->server = result->addresses[0];
	begin_udp(dns);
}

/* --- The probe ------------------------------------------------------------------------- */

static void expire_waiting(struct dns_probing *dns)
{
	/* The system's own servers, of which none says anything to anybody, say nothing about
	 * the name.
	 */
	const bool is_local =
		!dns->options->server && !resolver_is_alive(dns->probing.tools->resolver);

	fail(dns, is_local ? CLASS_local : CLASS_dns_timeout,
	     dns->answer_len ? PHASE_TRANSFER : PHASE_FIRST_BYTE,
	     is_local ? "the system's name servers do not answer" : "the server did not answer");
}

static void dns_stop(struct probing *probing);

static void dns_expire(struct probing *probing)
{
	struct dns_probing *dns = (struct dns_probing *)probing;
	struct connected so_far;

	if (dns->lookup) {
		const bool is_local = resolve_silence(dns->lookup) == RESOLVE_LOCAL;

		dns_stop(probing);
		observation_set_phase(&probing->check->observation, PHASE_RESOLVE,
				      clock_now() - dns->began);
		fail(dns, is_local ? CLASS_local : CLASS_dns_timeout, PHASE_RESOLVE,
		     "the server's name could not be looked up in time");
	} else if (dns->connection) {
		connect_cancel(dns->connection, &so_far);
		dns->connection = NULL;
		connecting_expire(&so_far, clock_now() - dns->began);
		note_connecting(&probing->check->observation, &so_far);
		fail_connecting(dns, &so_far);
	} else {
		expire_waiting(dns);
	}
}

static void dns_stop(struct probing *probing)
{
	struct dns_probing *dns = (struct dns_probing *)probing;
	struct connected so_far;

	if (dns->lookup)
		resolve_cancel(dns->lookup);
	if (dns->connection)
		connect_cancel(dns->connection, &so_far);
	dns->lookup = NULL;
	dns->connection = NULL;
	close_socket(dns);
}

static void dns_release(struct probing *probing)
{
	free(((struct dns_probing *)probing)->answer);
	free(probing);
}

static const struct probing_verbs verbs = {
	.expire = dns_expire,
	.stop = dns_stop,
	.release = dns_release,
};

static void dns_start(struct check *check, struct probe_tools *tools, probe_done *done,
		      void *context)
{
	static const int families[] = {
		[CONNECT_ANY] = AF_UNSPEC,
		[CONNECT_IPV4] = AF_INET,
		[CONNECT_IPV6] = AF_INET6,
	};
	const struct dns_options *options = check->endpoint->options;
	struct dns_probing *dns;
	struct text literal = { 0 };

	if (options->transport == DNS_TLS) {
		dns_secure_start(check, tools, done, context);
		return;
	}
	dns = MEMORY_NEW(struct dns_probing);
	dns->options = options;
	dns->fd = -1;
	dns->port = dns->options->port;
	dns->began = clock_now();
	probing_begin(&dns->probing, &verbs, check, tools, done, context);
	if (!dns->options->server)
		resolver_server(tools->resolver, &dns->server, &dns->port);
	if (dns->options->transport == DNS_TCP) {
		begin_tcp(dns);
		return;
	}
	/* Of a literal nobody is asked, but the answer comes in a later turn all the same. */
	if (!dns->options->server)
		ip_print(&literal, &dns->server);
	dns->lookup =
		resolve_start(tools->resolver,
			      dns->options->server ? dns->options->server : text_string(&literal),
			      families[dns->options->ip], NULL, resolved, dns);
	text_done(&literal);
}

static char *dns_target(const void *options)
{
	const struct dns_options *dns = options;

	return dns->server_text ? memory_print("%s @%s", dns->query, dns->server_text)
				: memory_text(dns->query);
}

static char *dns_host(const void *options)
{
	const struct dns_options *dns = options;

	return dns->server ? memory_text(dns->server) : NULL;
}

static const struct probe_url urls[] = {
	{ .scheme = "dns", .before = "server", .behind = "query" },
	{ 0 },
};

static bool dns_shakes_hands(const struct endpoint *endpoint)
{
	const struct dns_options *dns = endpoint->options;

	return dns->transport == DNS_TLS;
}

const struct probe_type probe_dns = {
	.name = "dns",
	.about = "Asks a name server and looks at its answer.",
	.table = &dns_table,
	.short_key = "query",
	.urls = urls,
	.subjects = SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_DNS | SUBJECTS_TLS,
	.expects = "rcode == \"NOERROR\"",
	.expects_unless = "rcode",
	.prepare = dns_options_prepare,
	.target = dns_target,
	.host = dns_host,
	.shakes_hands = dns_shakes_hands,
	.start = dns_start,
	.cancel = probing_cancel,
};
