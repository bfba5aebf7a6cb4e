/* connecting.c - what became of connecting. */
#include <errno.h>

#include "base/memory.h"
#include "base/text.h"
#include "probe/connecting.h"

static const enum failure_class unresolved[] = {
	[RESOLVE_OK] = CLASS_local,
	[RESOLVE_TIMEOUT] = CLASS_dns_timeout,
	[RESOLVE_NXDOMAIN] = CLASS_dns_nxdomain,
	[RESOLVE_NO_ADDRESS] = CLASS_dns_no_address,
	[RESOLVE_FAILURE] = CLASS_dns_failure,
	[RESOLVE_LOCAL] = CLASS_local,
};

static const enum failure_class unconnected[] = {
	[CONNECT_OK] = CLASS_NONE,
	[CONNECT_UNRESOLVED] = CLASS_NONE,
	[CONNECT_REFUSED] = CLASS_connect_refused,
	[CONNECT_UNREACHABLE] = CLASS_unreachable,
	[CONNECT_RESET] = CLASS_reset,
	[CONNECT_TIMED_OUT] = CLASS_timeout,
	[CONNECT_FORBIDDEN] = CLASS_redirect_refused,
	[CONNECT_LOCAL] = CLASS_local,
};

enum failure_class connecting_classify(const struct connected *connected, enum phase *ret_phase,
				       struct text *detail)
{
	const bool is_resolved = connected->outcome != CONNECT_UNRESOLVED;

	*ret_phase = is_resolved ? PHASE_CONNECT : PHASE_RESOLVE;
	if (connected->outcome == CONNECT_FORBIDDEN)
		text_print(detail, "the redirect leads where it may not: %s",
			   connected->detail ? connected->detail : "to a private address");
	else if (connected->detail)
		text_append(detail, connected->detail);
	return is_resolved ? unconnected[connected->outcome]
			   : unresolved[connected->resolve_outcome];
}

enum failure_class connecting_class_of_errno(int error)
{
	switch (error) {
	case ECONNRESET:
	case EPIPE:
	case ECONNABORTED:
		return CLASS_reset;
	case ETIMEDOUT:
		return CLASS_timeout;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
	case ENOPROTOOPT:
	case EPROTO:
		return CLASS_unreachable;
	case ECONNREFUSED:
		return CLASS_connect_refused;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	case EPERM:
	case EACCES:
		return CLASS_local;
	default:
		return CLASS_NONE;
	}
}

static void note_tried(struct tried *tried, const struct connect_try *try, uint16_t port)
{
	address_from_ip(&try->ip, port, &tried->address);
	tried->began = try->began;
	tried->took = try->took;
	if (!try->has_begun)
		tried->end = TRIED_NOT;
	else if (!try->is_over)
		tried->end = TRIED_LEFT;
	else if (try->outcome == CONNECT_OK)
		tried->end = TRIED_CONNECTED;
	else
		tried->end = TRIED_FAILED;
	tried->class = tried->end == TRIED_FAILED ? unconnected[try->outcome] : CLASS_NONE;
}

struct tried *connecting_tried(const struct connected *connected, uint16_t port)
{
	struct tried *tried = NULL;

	if (connected->tries_count)
		tried = memory_new(connected->tries_count, sizeof(*tried));
	for (unsigned i = 0; i < connected->tries_count; i++)
		note_tried(&tried[i], &connected->tries[i], port);
	return tried;
}

void connecting_expire(struct connected *so_far, usec_t took)
{
	if (so_far->has_resolved)
		took = took > so_far->resolve_took ? took - so_far->resolve_took : 0;
	if (so_far->has_resolved || so_far->has_connected) {
		so_far->has_connected = true;
		so_far->connect_took = took;
		so_far->outcome = CONNECT_TIMED_OUT;
	} else {
		so_far->has_resolved = true;
		so_far->resolve_took = took;
		so_far->outcome = CONNECT_UNRESOLVED;
		if (so_far->resolve_outcome != RESOLVE_LOCAL)
			so_far->resolve_outcome = RESOLVE_TIMEOUT;
	}
}
