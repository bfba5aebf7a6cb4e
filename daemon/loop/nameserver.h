/* nameserver.h - questions to one DNS server, over UDP and TCP, with c-ares on the loop.
 *
 * A question is sent once and ends by the timeout; asking again, or another
 * server, is the caller's affair.  Loop thread only.
 * Sources: ares_init_options(3), ares_query(3), ares_process_fd(3).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/ip.h"
#include "loop/answer.h"

struct event_base;
struct nameserver;

enum nameserver_fate {
	NAMESERVER_ANSWERED,
	NAMESERVER_SILENT, /* no answer within the timeout */
	NAMESERVER_AWAY, /* refused or unreachable; see the errno */
	NAMESERVER_LOCAL, /* no descriptors or memory here; see the errno */
	NAMESERVER_BAD_NAME, /* the name does not fit into a question */
};

/* Runs exactly once, perhaps inside nameserver_ask(), and may call nothing of this
 * header: c-ares is on the stack (1.34.9 still fixed uses after free of that kind).
 * `answer` is only there with NAMESERVER_ANSWERED; `error` is an errno or 0.
 */
typedef void nameserver_done(enum nameserver_fate fate, const struct answer *answer, int error,
			     void *context);

struct nameserver *nameserver_new(struct event_base *base, const struct ip *ip, uint16_t port,
				  usec_t timeout);
/* done() runs for what is outstanding, as silent. */
void nameserver_free(struct nameserver *nameserver);

/* Asks for `type` (ANSWER_TYPE_A, ANSWER_TYPE_AAAA) of the name as it stands. */
void nameserver_ask(struct nameserver *nameserver, const char *name, int type, bool over_tcp,
		    nameserver_done *done, void *context);

/* The same for whoever reads the message himself (answer_each()); it is there only with
 * NAMESERVER_ANSWERED, and during the call.
 */
typedef void nameserver_message(enum nameserver_fate fate, const uint8_t *message, size_t len,
				void *context);
void nameserver_ask_message(struct nameserver *nameserver, const char *name, int type,
			    bool over_tcp, nameserver_message *done, void *context);

void nameserver_place(const struct nameserver *nameserver, struct ip *ret_ip, uint16_t *ret_port);
/* When it last answered anything; 0: never. */
usec_t nameserver_answered(const struct nameserver *nameserver);
/* When it was last silent or away, and has not answered since; 0: never, or it has. */
usec_t nameserver_failed(const struct nameserver *nameserver);
/* "192.0.2.53", or with its port where that is not 53. */
const char *nameserver_name(const struct nameserver *nameserver);
