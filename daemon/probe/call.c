/* call.c - a conversation with one server over TCP, and how it went. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "loop/stream.h"
#include "model/tls.h"
#include "probe/call.h"
#include "probe/connecting.h"
#include "probe/probe.h"

struct reason_peer call_peer(const struct call *call)
{
	return (struct reason_peer){
		.host = call->reach->host,
		.family = call->family,
		.address = &call->seen->address,
	};
}

/* --- Time ------------------------------------------------------------------------------------ */

static void spend(struct call *call, enum phase phase, usec_t took)
{
	call->spent[phase] += took;
	call->phases_seen = (uint8_t)(call->phases_seen | 1u << phase);
}

/* What has passed belongs to the phase that was; what comes now to this one. */
static void enter(struct call *call, enum phase phase)
{
	const usec_t now = clock_now();

	if (call->stream && !call->is_stopped)
		spend(call, call->phase, now > call->since ? now - call->since : 0);
	call->since = now;
	call->phase = phase;
}

static void enter_talking(struct call *call)
{
	enter(call, call->has_first_byte ? PHASE_TRANSFER : PHASE_FIRST_BYTE);
}

static void note_connecting(struct call *call, const struct connected *connected)
{
	if (connected->has_resolved)
		spend(call, PHASE_RESOLVE, connected->resolve_took);
	if (connected->has_connected)
		spend(call, PHASE_CONNECT, connected->connect_took);
	address_from_socket(&connected->address, &call->seen->address);
	call->tried = connecting_tried(connected, call->reach->port);
	call->tried_count = connected->tries_count;
}

/* --- The end --------------------------------------------------------------------------------- */

static void note_hop(struct call *call)
{
	struct observation *seen = call->seen;
	struct hop *hop;

	seen->hops = memory_grow(seen->hops, seen->hops_count + 1, sizeof(*seen->hops));
	hop = &seen->hops[seen->hops_count++];
	*hop = (struct hop){
		.url = memory_text(call->reach->address),
		.address = seen->address,
		.tried = TAKE(call->tried),
		.tried_count = call->tried_count,
		.phases_seen = call->phases_seen,
	};
	memcpy(hop->phases, call->spent, sizeof(hop->phases));
}

/* Who only connects, or only agrees on keys, does not wait for a first byte. */
static void drop_unawaited(struct call *call)
{
	const struct observation *seen = call->seen;

	if (call->has_first_byte ||
	    (seen->class && (seen->phase == PHASE_FIRST_BYTE || seen->phase == PHASE_REQUEST)))
		return;
	call->spent[PHASE_FIRST_BYTE] = 0;
	call->phases_seen = (uint8_t)(call->phases_seen & ~(1u << PHASE_FIRST_BYTE));
}

static void complete(struct call *call)
{
	struct observation *seen = call->seen;

	drop_unawaited(call);
	seen->latency = 0;
	for (unsigned phase = 0; phase < PHASES; phase++) {
		seen->latency += call->spent[phase];
		if (call->phases_seen & 1u << phase)
			observation_set_phase(seen, (enum phase)phase, call->spent[phase]);
	}
	seen->tls = TAKE(call->watch.facts);
	note_hop(call);
	call_done(call);
}

void call_end(struct call *call)
{
	/* A last word, such as QUIT, is not waited for. */
	if (call->stream)
		stream_flush(call->stream);
	enter(call, call->phase);
	complete(call);
}

/* Where it stands: a request that was not taken whole is another thing than no answer. */
static enum phase phase_of(const struct call *call)
{
	return call->phase == PHASE_FIRST_BYTE && call->stream && stream_unsent(call->stream) > 0
		       ? PHASE_REQUEST
		       : call->phase;
}

static void fail(struct call *call, enum failure_class class, enum phase phase,
		 const struct text *detail)
{
	if (detail->len > 0)
		observation_fail(call->seen, class, phase, "%s", detail->data);
	else
		observation_fail(call->seen, class, phase, NULL);
	call_end(call);
}

/* With the reason that everybody gives where there is none of its own. */
static void fail_with(struct call *call, enum failure_class class, enum phase phase, int error,
		      struct text *detail)
{
	const struct reason_peer peer = call_peer(call);

	if (detail->len == 0)
		reason_print(detail, &peer, class, phase, error);
	fail(call, class, phase, detail);
	text_done(detail);
}

void call_fail_in(struct call *call, enum failure_class class, enum phase phase,
		  const char *sentence)
{
	const struct reason_peer peer = call_peer(call);
	struct text detail = { 0 };

	if (sentence && strchr(sentence, '%'))
		reason_print_with(&detail, &peer, sentence);
	else if (sentence)
		text_append(&detail, sentence);
	fail_with(call, class, phase, 0, &detail);
}

void call_fail(struct call *call, enum failure_class class, const char *sentence)
{
	call_fail_in(call, class, phase_of(call), sentence);
}

void call_fail_ended(struct call *call, enum failure_class class, const char *sentence)
{
	if (call->has_first_byte)
		call_fail(call, class, sentence);
	else
		call_fail(call, CLASS_empty_reply, NULL);
}

void call_expire(struct call *call, usec_t timeout, const char *waited_for)
{
	struct text detail = { 0 };
	enum failure_class class = CLASS_timeout;
	enum phase phase;
	struct connected so_far;

	if (call->connection) {
		connect_cancel(TAKE(call->connection), &so_far);
		connecting_expire(&so_far, clock_now() - call->since);
		note_connecting(call, &so_far);
		class = connecting_classify(&so_far, &phase, &detail);
	} else {
		phase = phase_of(call);
	}

	const struct reason_peer peer = call_peer(call);

	if (detail.len == 0) {
		if (waited_for && phase >= PHASE_FIRST_BYTE)
			reason_print_with(&detail, &peer, waited_for);
		else if (!reason_print_timeout(&detail, &peer, phase))
			reason_print_with(&detail, &peer, "only a part of the answer from %");
		text_append(&detail, " within ");
		units_duration_print(&detail, timeout);
	}
	fail(call, class, phase, &detail);
	text_done(&detail);
}

/* --- Connecting, shaking hands, talking -------------------------------------------------------- */

/* What a broken stream means.  In TLS 1.3 a server looks at the client's certificate when
 * this side is done with the handshake, and what it says then still is part of it.
 */
static void break_off(struct call *call)
{
	const int error = stream_error(call->stream);
	struct text detail = { 0 };
	enum failure_class class = CLASS_NONE;
	enum phase phase = phase_of(call);

	enter(call, call->phase);
	if (call->secure)
		class = tls_watch_classify(&call->watch, error, &detail);
	if (class) {
		phase = PHASE_TLS;
		spend(call, PHASE_TLS, call->has_first_byte ? 0 : call->spent[PHASE_FIRST_BYTE]);
	}
	if (class && !call->has_first_byte) {
		call->spent[PHASE_FIRST_BYTE] = 0;
		call->phases_seen = (uint8_t)(call->phases_seen & ~(1u << PHASE_FIRST_BYTE));
		call->phase = PHASE_TLS;
	}
	if (!class)
		class = connecting_class_of_errno(error);
	if (!class && call->secure)
		class = CLASS_tls_failure;
	fail_with(call, class ? class : CLASS_reset, phase, error, &detail);
	call->told(call, CALL_FAILED, call->context);
}

/* The handshake is over; nothing goes out over a connection whose certificate does not hold. */
static void judge_handshake(struct call *call)
{
	struct text detail = { 0 };
	const enum failure_class class = tls_watch_classify(&call->watch, 0, &detail);

	if (class) {
		fail_with(call, class, PHASE_TLS, 0, &detail);
		call->told(call, CALL_FAILED, call->context);
		return;
	}
	enter_talking(call);
	call->told(call, CALL_SECURED, call->context);
}

static void stream_told_us(struct stream *stream, enum stream_news news, void *context)
{
	struct call *call = context;

	switch (news) {
	case STREAM_SECURED:
		judge_handshake(call);
		break;
	case STREAM_RECEIVED:
		if (!call->has_first_byte) {
			call->has_first_byte = true;
			enter(call, PHASE_TRANSFER);
		}
		call->told(call, CALL_RECEIVED, call->context);
		break;
	case STREAM_ENDED:
		call->told(call, CALL_ENDED, call->context);
		break;
	case STREAM_BROKEN:
		break_off(call);
		break;
	}
}

static void connect_ended(const struct connected *connected, void *context)
{
	struct call *call = context;
	struct text detail = { 0 };
	enum failure_class class;
	enum phase phase;

	call->connection = NULL;
	note_connecting(call, connected);
	if (connected->outcome == CONNECT_OK) {
		call->stream = stream_new(call->tools->base, connected->fd, call->room,
					  stream_told_us, call);
		call->since = clock_now();
		call->phase = PHASE_FIRST_BYTE;
		call->told(call, CALL_CONNECTED, call->context);
		return;
	}
	class = connecting_classify(connected, &phase, &detail);
	fail_with(call, class, phase, connected->error, &detail);
	call->told(call, CALL_FAILED, call->context);
}

void call_init(struct call *call, struct probe_tools *tools, const struct reach *reach,
	       const struct tls_options *tls, size_t room, call_told *told, void *context)
{
	*call = (struct call){
		.tools = tools,
		.reach = reach,
		.tls = tls,
		.room = room,
		.told = told,
		.context = context,
	};
}

void call_done(struct call *call)
{
	struct connected so_far;

	if (call->connection)
		connect_cancel(TAKE(call->connection), &so_far);
	if (call->stream)
		stream_free(TAKE(call->stream));
	SSL_CTX_free(TAKE(call->secure));
	tls_watch_done(&call->watch);
	free(TAKE(call->tried));
}

void call_start(struct call *call, enum connect_family family, struct observation *seen)
{
	const struct connect_target target = reach_target(call->reach, family);

	call->family = family;
	call->seen = seen;
	call->has_first_byte = call->is_stopped = false;
	memset(call->spent, 0, sizeof(call->spent));
	call->phases_seen = 0;
	call->since = clock_now();
	seen->wall = clock_wall();
	call->connection = connect_start(call->tools->connector, &target, connect_ended, call);
}

bool call_start_other(struct call *call, struct check *check)
{
	if (call->reach->ip != REACH_BOTH || call->family != CONNECT_IPV4)
		return false;
	check_look_again(check);
	call_start(call, CONNECT_IPV6, &check->observation);
	return true;
}

static const char *name_to_ask_for(const struct call *call)
{
	return call->tls->server_name ? call->tls->server_name : call->reach->host;
}

static void fail_locally(struct call *call)
{
	struct text detail = { 0 };
	const enum failure_class class = tls_watch_classify(&call->watch, 0, &detail);

	fail_with(call, class, PHASE_TLS, 0, &detail);
}

bool call_secure(struct call *call)
{
	const char *name = name_to_ask_for(call);
	struct address literal;
	size_t len;

	(void)call_received(call, &len);
	enter(call, PHASE_TLS);
	if (len > 0) {
		call_fail(call, CLASS_malformed_reply,
			  "% sent more than its word to begin the TLS handshake");
		return false;
	}
	call->secure = SSL_CTX_new(TLS_client_method());
	if (!call->secure)
		memory_out();
	SSL_CTX_set_verify(call->secure, call->tls->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
			   NULL);
	call->watch = (struct tls_watch){
		.options = call->tls,
		.stores = call->tools->stores,
		.files = call->tools->files,
		.name = name,
		.alpn = call->alpn,
		.alpn_len = call->alpn_len,
		.offers_certificate = true,
	};
	if (tls_watch_attach(&call->watch, call->secure) < 0) {
		fail_locally(call);
		return false;
	}
	stream_secure(call->stream, call->secure, address_parse(name, &literal) < 0 ? name : NULL);
	return true;
}

void call_send(struct call *call, const void *data, size_t len)
{
	stream_send(call->stream, data, len);
}

size_t call_unsent(const struct call *call)
{
	stream_flush(call->stream);
	return stream_unsent(call->stream);
}

const char *call_received(const struct call *call, size_t *ret_len)
{
	return stream_received(call->stream, ret_len);
}

void call_take(struct call *call, size_t len)
{
	stream_take(call->stream, len);
}

int call_release(struct call *call)
{
	return stream_release(TAKE(call->stream));
}

void call_spent(struct call *call, enum phase phase, usec_t took)
{
	spend(call, phase, took);
	call->phase = phase;
}

bool call_awaits_word(const struct call *call)
{
	return call->secure && !call->has_first_byte && call->watch.wants_certificate &&
	       call->watch.facts && call->watch.facts->version == 13;
}

void call_farewell(struct call *call)
{
	enter(call, call->phase);
	call->is_stopped = true;
	stream_farewell(call->stream);
}
