/* dns_secure.c - probe dns over TLS: one question on a connection of its own. */
#include <stdlib.h>
#include <sys/random.h>

#include "base/memory.h"
#include "probe/call.h"
#include "probe/dns_options.h"
#include "probe/dns_secure.h"
#include "probe/probing.h"

enum { LENGTH_BYTES = 2, ROOM = LENGTH_BYTES + DNS_MESSAGE_BYTES };

struct dns_secure {
	struct probing probing; /* the first member */
	const struct dns_options *options; /* borrowed */
	struct call call;
	uint16_t id;
	bool is_asked;
};

static void finish(struct dns_secure *dns)
{
	probing_end(&dns->probing);
}

static void ask(struct dns_secure *dns)
{
	uint8_t message[LENGTH_BYTES + DNS_QUESTION_BYTES];
	size_t len;

	if (getrandom(&dns->id, sizeof(dns->id), 0) < 0)
		abort(); /* cannot fail once the system has booted (getrandom(2)) */
	len = dns_question_write(&dns->options->question, dns->id, message + LENGTH_BYTES);
	message[0] = (uint8_t)(len >> 8);
	message[1] = (uint8_t)len;
	call_send(&dns->call, message, LENGTH_BYTES + len);
	dns->is_asked = true;
}

/* Whether that was the answer, and the call is over. */
static bool take(struct dns_secure *dns, const uint8_t *data, size_t len)
{
	struct observation *seen = &dns->probing.check->observation;

	switch (dns_answer_read(data, len, &dns->options->question, dns->id, &seen->dns)) {
	case DNS_REPLY:
		call_end(&dns->call);
		dns_note_rcode(seen);
		return true;
	case DNS_TRUNCATED:
		call_fail(&dns->call, CLASS_dns_failure, "the answer of % is truncated over TLS");
		return true;
	case DNS_MALFORMED:
		call_fail(&dns->call, CLASS_dns_failure,
			  "the answer of % is malformed, or has more than 1000 records");
		return true;
	case DNS_NOT_OURS:
	default:
		return false;
	}
}

static void received(struct dns_secure *dns)
{
	for (;;) {
		size_t len;
		const uint8_t *data = (const uint8_t *)call_received(&dns->call, &len);
		const size_t whole = len < LENGTH_BYTES
					     ? LENGTH_BYTES
					     : LENGTH_BYTES + ((size_t)data[0] << 8 | data[1]);

		if (len < whole)
			return;
		if (take(dns, data + LENGTH_BYTES, whole - LENGTH_BYTES)) {
			finish(dns);
			return;
		}
		call_take(&dns->call, whole);
	}
}

static void told(struct call *call, enum call_news news, void *context)
{
	struct dns_secure *dns = context;

	switch (news) {
	case CALL_CONNECTED:
		if (!call_secure(call))
			finish(dns);
		break;
	case CALL_SECURED:
		ask(dns);
		break;
	case CALL_RECEIVED:
		received(dns);
		break;
	case CALL_ENDED:
		call_fail_ended(call, CLASS_dns_failure,
				"% closed the connection before it had answered");
		finish(dns);
		break;
	case CALL_FAILED:
		finish(dns);
		break;
	}
}

static void expire(struct probing *probing)
{
	struct dns_secure *dns = (struct dns_secure *)probing;

	if (dns->is_asked)
		call_fail(&dns->call, CLASS_dns_timeout, "% did not answer");
	else
		call_expire(&dns->call, probing->check->endpoint->timeout, NULL);
	finish(dns);
}

static void stop(struct probing *probing)
{
	call_done(&((struct dns_secure *)probing)->call);
}

static void release(struct probing *probing)
{
	stop(probing);
	free(probing);
}

static const struct probing_verbs verbs = { .expire = expire, .stop = stop, .release = release };

void dns_secure_start(struct check *check, struct probe_tools *tools, probe_done *done,
		      void *context)
{
	struct dns_secure *dns = MEMORY_NEW(struct dns_secure);

	dns->options = check->endpoint->options;
	probing_begin(&dns->probing, &verbs, check, tools, done, context);
	call_init(&dns->call, tools, &dns->options->reach, &dns->options->tls, ROOM, told, dns);
	dns->call.alpn = dns->options->alpn;
	dns->call.alpn_len = dns->options->alpn_len;
	call_start(&dns->call, dns->options->ip, &check->observation);
}
