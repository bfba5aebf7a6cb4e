/* records.c - where a service is, by DNS.
 *
 * One question after the other.  What c-ares calls back only notes the answer; a timer of
 * length 0 goes on from there, since c-ares is on the stack before.
 */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/nameserver.h"
#include "loop/records.h"
#include "loop/resolve.h"
#include "loop/servers.h"

static const usec_t ttl_min = USEC_PER_SEC, ttl_max = USEC_PER_HOUR;

struct records_lookup {
	char *name; /* owned */
	records_done *done; /* NULL: nobody wants to know any more */
	void *context;
	struct servers *servers; /* one reference */
	struct event *turn; /* owned; a timer of 0 */
	int types[2];
	unsigned types_count, type; /* and the one that is asked for */
	unsigned server, left; /* whom to ask, and how often yet */
	bool over_tcp, is_asking;
	enum nameserver_fate fate;
	enum answer_kind kind;
	unsigned rcode;
	char **names; /* owned */
	unsigned count, before; /* the latter without the answer that is read, as the next */
	usec_t ttl, ttl_before;
	bool has_any; /* some answer was good */
	struct text fault;
};

static void lookup_free(struct records_lookup *lookup)
{
	for (unsigned i = 0; i < lookup->count; i++)
		free(lookup->names[i]);
	free(lookup->names);
	if (lookup->servers)
		servers_unref(lookup->servers);
	event_free(lookup->turn);
	text_done(&lookup->fault);
	free(lookup->name);
	free(lookup);
}

static void take(const struct answer_record *record, void *context)
{
	struct records_lookup *lookup = context;
	cleanup(text)
	struct text name = { 0 };
	/* RFC 2181, 8: with the highest bit it is none. */
	const usec_t ttl = record->ttl > INT32_MAX ? 0 : record->ttl * USEC_PER_SEC;

	if (ttl < lookup->ttl)
		lookup->ttl = ttl;
	if (lookup->count == RECORDS_MAX || (record->host && !*record->host))
		return;
	if (record->host)
		text_print(&name, "%s:%u", record->host, record->port);
	else if (record->ip.family == 6)
		text_append_char(&name, '[');
	if (!record->host)
		ip_print(&name, &record->ip);
	if (!record->host && record->ip.family == 6)
		text_append_char(&name, ']');
	lookup->names = memory_grow(lookup->names, lookup->count + 1u, sizeof(char *));
	lookup->names[lookup->count++] = text_take(&name);
}

static void wake(struct records_lookup *lookup)
{
	static const struct timeval at_once = { 0, 0 };

	(void)event_add(lookup->turn, &at_once);
}

static void answered(enum nameserver_fate fate, const uint8_t *message, size_t len, void *context)
{
	struct records_lookup *lookup = context;

	if (!lookup->done) {
		lookup_free(lookup);
		return;
	}
	lookup->is_asking = false;
	lookup->fate = fate;
	lookup->before = lookup->count;
	lookup->ttl_before = lookup->ttl;
	if (fate == NAMESERVER_ANSWERED)
		lookup->kind = answer_each(message, len, lookup->types[lookup->type], take, lookup,
					   &lookup->rcode);
	wake(lookup);
}

static void ask(struct records_lookup *lookup)
{
	lookup->is_asking = true;
	nameserver_ask_message(lookup->servers->list[lookup->server], lookup->name,
			       lookup->types[lookup->type], lookup->over_tcp, answered, lookup);
}

static void end(struct records_lookup *lookup)
{
	const struct records records = {
		.names = (const char *const *)lookup->names,
		.count = lookup->count,
		.ttl = lookup->ttl < ttl_min   ? ttl_min
		       : lookup->ttl > ttl_max ? ttl_max
					       : lookup->ttl,
		.fault = lookup->fault.len ? text_string(&lookup->fault) : NULL,
	};

	lookup->done(&records, lookup->context);
	lookup_free(lookup);
}

/* Why the last answer was none. */
static void explain(struct records_lookup *lookup)
{
	const char *server = nameserver_name(lookup->servers->list[lookup->server]);
	const char *rcode = answer_rcode_name(lookup->rcode);

	text_clear(&lookup->fault);
	if (lookup->fate == NAMESERVER_LOCAL)
		text_append(&lookup->fault, "this host can't ask");
	else if (lookup->fate == NAMESERVER_BAD_NAME)
		text_append(&lookup->fault, "the name does not fit into a question");
	else if (lookup->fate != NAMESERVER_ANSWERED)
		text_print(&lookup->fault, "no answer from %s", server);
	else if (lookup->kind == ANSWER_NXDOMAIN)
		text_print(&lookup->fault, "%s says that there is no such name", server);
	else if (lookup->kind == ANSWER_EMPTY)
		text_print(&lookup->fault, "%s says that it has no such records", server);
	else if (lookup->kind == ANSWER_ERROR)
		text_print(&lookup->fault, "%s from %s", rcode ? rcode : "an error", server);
	else
		text_print(&lookup->fault, "a malformed answer from %s", server);
}

static void forget_answer(struct records_lookup *lookup)
{
	while (lookup->count > lookup->before)
		free(lookup->names[--lookup->count]);
	lookup->ttl = lookup->ttl_before;
}

static void begin_type(struct records_lookup *lookup)
{
	lookup->over_tcp = false;
	lookup->server = servers_first(lookup->servers);
	ask(lookup);
}

/* That type is done: the next, or the end.  One of two that is empty is no fault. */
static void end_type(struct records_lookup *lookup)
{
	if (++lookup->type < lookup->types_count) {
		begin_type(lookup);
		return;
	}
	if (lookup->has_any)
		text_clear(&lookup->fault);
	end(lookup);
}

static void on_turn(int fd, short what, void *context)
{
	struct records_lookup *lookup = context;
	const bool is_answer = lookup->fate == NAMESERVER_ANSWERED;

	(void)fd;
	(void)what;
	if (is_answer && lookup->kind == ANSWER_TRUNCATED && !lookup->over_tcp) {
		lookup->over_tcp = true;
		ask(lookup);
		return;
	}
	if (is_answer && lookup->kind == ANSWER_ADDRESSES) {
		lookup->has_any = true;
		end_type(lookup);
		return;
	}
	forget_answer(lookup);
	explain(lookup);
	if (is_answer && lookup->kind == ANSWER_EMPTY) {
		end_type(lookup);
		return;
	}
	if ((is_answer && lookup->kind == ANSWER_NXDOMAIN) || lookup->fate == NAMESERVER_BAD_NAME ||
	    --lookup->left == 0) {
		end(lookup);
		return;
	}
	lookup->over_tcp = false;
	lookup->server = (lookup->server + 1) % lookup->servers->count;
	ask(lookup);
}

struct records_lookup *records_start(struct event_base *base, struct resolver *resolver,
				     const char *name, records_done *done, void *context)
{
	struct records_lookup *lookup = MEMORY_NEW(struct records_lookup);
	unsigned tries;

	lookup->name = memory_text(name);
	lookup->done = done;
	lookup->context = context;
	lookup->servers = resolver_servers(resolver, &tries);
	lookup->left = tries * lookup->servers->count;
	lookup->turn = evtimer_new(base, on_turn, lookup);
	lookup->ttl = USEC_NEVER;
	if (*name == '_') {
		lookup->types[lookup->types_count++] = ANSWER_TYPE_SRV;
	} else {
		lookup->types[lookup->types_count++] = ANSWER_TYPE_AAAA;
		lookup->types[lookup->types_count++] = ANSWER_TYPE_A;
	}
	begin_type(lookup);
	return lookup;
}

void records_cancel(struct records_lookup *lookup)
{
	struct servers *servers = TAKE(lookup->servers);

	lookup->done = NULL;
	/* c-ares still has it, and gives it back at the latest when its server goes. */
	if (!lookup->is_asking)
		lookup_free(lookup);
	servers_unref(servers);
}
