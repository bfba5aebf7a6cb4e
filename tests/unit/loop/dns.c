/* dns.c - a DNS server for tests, on the loop of the test. */
#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dns.h"

enum { A = 1, CNAME = 5, AAAA = 28, UDP_MAX = 512 };

struct reply {
	uint8_t data[65535];
	size_t len;
	unsigned answers;
	uint32_t ttl;
};

static void put(struct reply *reply, const void *data, size_t len)
{
	assert(reply->len + len <= sizeof(reply->data));
	memcpy(reply->data + reply->len, data, len);
	reply->len += len;
}

static void put16(struct reply *reply, unsigned number)
{
	put(reply, (uint8_t[]){ (uint8_t)(number >> 8), (uint8_t)number }, 2);
}

static void put_name(struct reply *reply, const char *name)
{
	while (*name) {
		const size_t len = strcspn(name, ".");

		put(reply, &(uint8_t){ (uint8_t)len }, 1);
		put(reply, name, len);
		name += len + (name[len] == '.');
	}
	put(reply, "", 1);
}

/* `owner` NULL: the name in the question. */
static void put_record(struct reply *reply, const char *owner, unsigned type, const void *data,
		       size_t len)
{
	if (owner)
		put_name(reply, owner);
	else
		put16(reply, 0xc00c);
	put16(reply, type);
	put16(reply, 1);
	put16(reply, reply->ttl >> 16);
	put16(reply, reply->ttl & 0xffff);
	put16(reply, (unsigned)len);
	put(reply, data, len);
	reply->answers++;
}

static void put_address(struct reply *reply, const char *owner, unsigned type)
{
	static const uint8_t four[4] = { 192, 0, 2, 1 };
	static const uint8_t six[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };

	if (type == A)
		put_record(reply, owner, A, four, 4);
	if (type == AAAA)
		put_record(reply, owner, AAAA, six, 16);
}

static void put_alias(struct reply *reply, const char *owner, const char *target)
{
	struct reply name = { .len = 0 };

	put_name(&name, target);
	put_record(reply, owner, CNAME, name.data, name.len);
}

/* Reads the question; its end. */
static size_t read_question(const uint8_t *data, size_t len, char ret_name[256], unsigned *ret_type)
{
	size_t at = 12, out = 0;

	while (at < len && data[at]) {
		assert(at + data[at] < len && out + data[at] + 1 < 256);
		if (out)
			ret_name[out++] = '.';
		memcpy(ret_name + out, data + at + 1, data[at]);
		out += data[at];
		at += data[at] + 1u;
	}
	ret_name[out] = '\0';
	assert(at + 5 <= len);
	*ret_type = (unsigned)data[at + 1] << 8 | data[at + 2];
	return at + 5;
}

struct answering {
	struct reply *reply;
	unsigned type;
	bool is_tcp;
	unsigned flags; /* of the second and third byte's pair */
	bool is_silent;
	bool wrong_id_first;
};

static void answer_addresses(struct answering *answering, const char *word)
{
	struct reply *reply = answering->reply;
	const unsigned type = answering->type;

	if (strcmp(word, "both") == 0 || strcmp(word, "wrongid") == 0)
		put_address(reply, NULL, type);
	else if (strcmp(word, "four") == 0 || strcmp(word, "shy") == 0)
		put_address(reply, NULL, type == A ? A : 0);
	else if (strcmp(word, "six") == 0)
		put_address(reply, NULL, type == AAAA ? AAAA : 0);
	else if (strcmp(word, "lo") == 0 && type == A)
		put_record(reply, NULL, A, (uint8_t[]){ 127, 0, 0, 1 }, 4);
	answering->wrong_id_first = strcmp(word, "wrongid") == 0;
	answering->is_silent =
		strcmp(word, "silent") == 0 || (strcmp(word, "shy") == 0 && type == AAAA);
}

static void answer_errors(struct answering *answering, const char *word)
{
	if (strcmp(word, "nx") == 0)
		answering->flags |= 3;
	else if (strcmp(word, "servfail") == 0)
		answering->flags |= 2;
	else if (strcmp(word, "refused") == 0)
		answering->flags |= 5;
}

static void answer_large(struct answering *answering, const char *word)
{
	const bool is_many = strcmp(word, "many") == 0;
	const bool is_cut = strcmp(word, "cut") == 0;

	if (strcmp(word, "big") != 0 && !is_many && !is_cut)
		return;
	if (!answering->is_tcp) {
		answering->flags |= 0x0200;
		return;
	}
	answering->is_silent = is_cut;
	for (unsigned i = 0; i < (is_many ? 500 : 1); i++)
		put_address(answering->reply, NULL, answering->type);
}

static void answer_oddly(struct answering *answering, const char *word)
{
	struct reply *reply = answering->reply;

	if (strcmp(word, "chain") == 0) {
		put_alias(reply, NULL, "one.alias.test");
		put_alias(reply, "one.alias.test", "two.alias.test");
		put_address(reply, "TWO.alias.test", answering->type);
	} else if (strcmp(word, "loop") == 0) {
		put_alias(reply, NULL, "one.alias.test");
		put_alias(reply, "one.alias.test", "two.alias.test");
		put_alias(reply, "two.alias.test", "one.alias.test");
	} else if (strcmp(word, "stranger") == 0) {
		put_address(reply, "elsewhere.test", answering->type);
	} else if (strcmp(word, "pointer") == 0) {
		put16(reply, 0xc000 | (unsigned)reply->len);
		put(reply, "\0\1\0\1\0\0\0\0\0\4\1\2\3\4", 14);
		reply->answers = 1;
	} else if (strcmp(word, "counts") == 0) {
		reply->answers = 65535;
	}
}

/* Whether there is something to send. */
static bool answer(struct dns *dns, const uint8_t *data, size_t len, bool is_tcp,
		   struct answering *answering)
{
	struct reply *reply = answering->reply;
	char word[256];
	size_t end, word_len;
	char name[256];

	dns->asked++;
	dns->asked_tcp += is_tcp;
	end = read_question(data, len, name, &answering->type);
	(void)snprintf(dns->last, sizeof(dns->last), "%s", name);
	word_len = strcspn(name, "0123456789.");
	(void)snprintf(word, sizeof(word), "%.*s", (int)word_len, name);
	for (char *at = word; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	if (dns->always)
		(void)snprintf(word, sizeof(word), "%s", dns->always);

	reply->ttl = dns->ttl;
	answering->is_tcp = is_tcp;
	answering->flags = 0x8180;
	put(reply, data, 12);
	memset(reply->data + 6, 0, 6);
	put(reply, data + 12, end - 12);
	answer_addresses(answering, word);
	answer_errors(answering, word);
	answer_large(answering, word);
	answer_oddly(answering, word);
	reply->data[2] = (uint8_t)(answering->flags >> 8);
	reply->data[3] = (uint8_t)answering->flags;
	reply->data[6] = (uint8_t)(reply->answers >> 8);
	reply->data[7] = (uint8_t)reply->answers;
	return !answering->is_silent;
}

static void on_datagram(int fd, short what, void *context)
{
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	uint8_t data[UDP_MAX];
	const ssize_t len =
		recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &from_len);
	static struct reply reply;
	struct answering answering = { .reply = &reply };

	reply.len = reply.answers = 0;
	assert(len > 12);
	if (!answer(context, data, (size_t)len, false, &answering))
		return;
	if (answering.wrong_id_first) {
		reply.data[0] ^= 0xff;
		reply.data[reply.len - 1] ^= 0xff;
		(void)sendto(fd, reply.data, reply.len, 0, (struct sockaddr *)&from, from_len);
		reply.data[0] ^= 0xff;
		reply.data[reply.len - 1] ^= 0xff;
	}
	(void)sendto(fd, reply.data, reply.len, 0, (struct sockaddr *)&from, from_len);
}

static void on_stream(struct bufferevent *stream, void *context)
{
	struct evbuffer *input = bufferevent_get_input(stream);
	static struct reply reply;
	struct answering answering = { .reply = &reply };
	uint8_t head[2], data[UDP_MAX];
	size_t len;

	while (evbuffer_copyout(input, head, 2) == 2) {
		len = (size_t)head[0] << 8 | head[1];
		assert(len <= sizeof(data));
		if (evbuffer_get_length(input) < len + 2)
			return;
		(void)evbuffer_drain(input, 2);
		(void)evbuffer_remove(input, data, len);
		reply.len = reply.answers = 0;
		if (!answer(context, data, len, true, &answering)) {
			bufferevent_free(stream);
			return;
		}
		(void)bufferevent_write(
			stream, (uint8_t[]){ (uint8_t)(reply.len >> 8), (uint8_t)reply.len }, 2);
		(void)bufferevent_write(stream, reply.data, reply.len);
	}
}

static void on_stream_event(struct bufferevent *stream, short what, void *context)
{
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		bufferevent_free(stream);
}

static void on_accept(struct evconnlistener *listener, int fd, struct sockaddr *from, int from_len,
		      void *context)
{
	struct dns *dns = context;
	struct bufferevent *stream = bufferevent_socket_new(dns->base, fd, BEV_OPT_CLOSE_ON_FREE);

	bufferevent_setcb(stream, on_stream, NULL, on_stream_event, dns);
	(void)bufferevent_enable(stream, EV_READ | EV_WRITE);
}

/* Both transports on one port: the kernel chooses for UDP until TCP has it too. */
static bool bind_both(struct dns *dns)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(address);

	dns->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert(dns->fd >= 0);
	assert(setsockopt(dns->fd, SOL_SOCKET, SO_RCVBUF, &(int){ 1 << 20 }, sizeof(int)) == 0);
	assert(bind(dns->fd, (struct sockaddr *)&address, len) == 0);
	assert(getsockname(dns->fd, (struct sockaddr *)&address, &len) == 0);
	dns->listener = evconnlistener_new_bind(dns->base, on_accept, dns, LEV_OPT_CLOSE_ON_FREE, 8,
						(struct sockaddr *)&address, (int)len);
	dns->port = ntohs(address.sin_port);
	if (!dns->listener)
		(void)close(dns->fd);
	return dns->listener;
}

void dns_init(struct dns *dns, struct event_base *base)
{
	*dns = (struct dns){ .base = base };
	for (unsigned i = 0; i < 100 && !dns->listener; i++)
		(void)bind_both(dns);
	assert(dns->listener);
	dns->event = event_new(base, dns->fd, EV_READ | EV_PERSIST, on_datagram, dns);
	(void)event_add(dns->event, NULL);
	(void)snprintf(dns->address, sizeof(dns->address), "127.0.0.1:%u", dns->port);
}

void dns_done(struct dns *dns)
{
	/* Streams end when the other side has closed. */
	(void)event_base_loop(dns->base, EVLOOP_NONBLOCK);
	(void)event_base_loop(dns->base, EVLOOP_NONBLOCK);
	event_free(dns->event);
	evconnlistener_free(dns->listener);
	(void)close(dns->fd);
}
