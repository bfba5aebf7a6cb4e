/* call.h - a conversation with one server over TCP, plain or under TLS, and how it went.
 *
 *   start -> connect -> CALL_CONNECTED -> [call_secure() -> CALL_SECURED] -> send, receive ...
 *
 * What tls, tcp and websocket have in common.  Every moment belongs to one phase:
 * waiting for the first byte is first_byte, all that comes after it transfer, every
 * handshake tls.  What goes wrong is in the observation, with class, phase and reason,
 * before CALL_FAILED is told.  Loop thread only.
 */
#pragma once

#include "model/check.h"
#include "probe/reach.h"
#include "probe/reason.h"
#include "probe/tls_watch.h"

struct call;
struct connection;
struct probe_tools;
struct stream;

enum call_news {
	CALL_CONNECTED,
	CALL_SECURED, /* and the certificate will do, or need not */
	CALL_RECEIVED, /* there is more in call_received() */
	CALL_ENDED, /* the server closed its side; what was received is still there */
	CALL_FAILED,
};

typedef void call_told(struct call *call, enum call_news news, void *context);

struct call {
	/* Set by call_init(). */
	struct probe_tools *tools; /* borrowed */
	const struct reach *reach; /* borrowed */
	const struct tls_options *tls; /* borrowed; NULL: there will be no call_secure() */
	const char *alpn; /* borrowed; what the probe offers, in wire format; NULL: nothing */
	unsigned alpn_len;
	size_t room; /* bytes that may wait to be taken */
	call_told *told;
	void *context;

	enum connect_family family;
	struct observation *seen; /* borrowed */
	struct connection *connection; /* owned; while connecting */
	struct stream *stream; /* owned; after that */
	SSL_CTX *secure; /* owned; or NULL */
	struct tls_watch watch;
	struct tried *tried; /* owned array */
	unsigned tried_count;
	enum phase phase; /* that time goes to */
	usec_t since; /* when the last of it was counted */
	bool has_first_byte;
	bool is_stopped; /* the clock */
	usec_t spent[PHASES];
	uint8_t phases_seen;
};

void call_init(struct call *call, struct probe_tools *tools, const struct reach *reach,
	       const struct tls_options *tls, size_t room, call_told *told, void *context);
/* Silent; whatever runs is ended and closed.  Fine for one that was never started. */
void call_done(struct call *call);

void call_start(struct call *call, enum connect_family family, struct observation *seen);
/* Begins the handshake.  False where it failed at once, which is not told again: what a
 * stranger slipped in before it, or a file that cannot be read.
 */
bool call_secure(struct call *call);
void call_send(struct call *call, const void *data, size_t len);
/* Bytes that the kernel does not take yet, not even when it is asked once more. */
size_t call_unsent(const struct call *call);
const char *call_received(const struct call *call, size_t *ret_len);
void call_take(struct call *call, size_t len);
/* Somebody else has the conversation from here on: the socket, which is the caller's.  Nothing is
 * told any more, and time is what call_spent() says until one of those below ends the call.
 */
int call_release(struct call *call);
void call_spent(struct call *call, enum phase phase, usec_t took);
/* Nothing more will be sent, and what still comes takes no time of the check's: latency is
 * what it took until here.
 */
void call_farewell(struct call *call);

/* The observation is complete: phases, latency, the addresses tried, the certificates.  What
 * `call_fail()` said stays.  Closes the connection.
 */
void call_end(struct call *call);
/* The same, failed where it stands; the sentence may have a % for the peer, or be NULL
 * where the class says it all.
 */
void call_fail(struct call *call, enum failure_class class, const char *sentence);
/* The same in a phase that it is not in yet. */
void call_fail_in(struct call *call, enum failure_class class, enum phase phase,
		  const char *sentence);
/* The server closed its side too early: `empty_reply` where nothing ever came, else this. */
void call_fail_ended(struct call *call, enum failure_class class, const char *sentence);
/* The check's timeout is over.  `waited_for` stands for what did not come, where it is
 * something of the probe's own: "no line of a banner from %"; or NULL.
 */
void call_expire(struct call *call, usec_t timeout, const char *waited_for);

/* With `ip: both`, after the look over IPv4: sets its observation aside and starts the other
 * one; false where that was all.
 */
bool call_start_other(struct call *call, struct check *check);

/* A server of TLS 1.3 wanted a certificate and got none: what it says to that comes behind
 * the handshake, if at all, to whoever has said farewell and listens.
 */
bool call_awaits_word(const struct call *call);

/* For reasons of the probe's own. */
struct reason_peer call_peer(const struct call *call);
