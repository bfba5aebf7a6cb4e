/* query.c - one name in question: A, AAAA or both, from one set of servers. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "base/text.h"
#include "loop/query.h"

struct query *query_new(const char *key, const char *name, int family, struct servers *servers)
{
	struct query *query = MEMORY_NEW(struct query);

	query->key = memory_text(key);
	query->name = memory_text(name);
	query->family = family;
	query->servers = servers;
	servers_ref(servers);
	list_init(&query->lookups);
	list_init(&query->link);
	if (family != AF_INET)
		query->parts[query->parts_count++].type = ANSWER_TYPE_AAAA;
	if (family != AF_INET6)
		query->parts[query->parts_count++].type = ANSWER_TYPE_A;
	for (unsigned i = 0; i < query->parts_count; i++) {
		query->parts[i].query = query;
		list_init(&query->parts[i].link);
	}
	return query;
}

void query_free(struct query *query)
{
	for (unsigned i = 0; i < query->parts_count; i++)
		list_remove(&query->parts[i].link);
	list_remove(&query->link);
	if (query->servers)
		servers_unref(query->servers);
	free(query->key);
	free(query->name);
	free(query->asked_name);
	free(query);
}

void query_end(struct query *query, enum resolve_outcome outcome, const char *detail)
{
	struct text text = { .limit_bytes = sizeof(query->detail) - 1 };

	if (detail && detail != query->detail) {
		text_append(&text, detail);
		memcpy(query->detail, text_string(&text), text.len + 1);
		text_done(&text);
	}
	query->resolved.outcome = outcome;
	query->resolved.detail = query->detail[0] ? query->detail : NULL;
	query->ended_at = clock_now();
}

/* IPv6 first, and both families in turn (RFC 8305, 4). */
void query_end_with(struct query *query, const struct ip *addresses, unsigned count)
{
	struct resolved *resolved = &query->resolved;
	uint8_t family = 6;
	unsigned next[2] = { 0, 0 };

	while (resolved->count < RESOLVE_ADDRESSES_MAX) {
		unsigned *at = &next[family == 6];

		while (*at < count && addresses[*at].family != family)
			(*at)++;
		if (*at < count)
			resolved->addresses[resolved->count++] = addresses[(*at)++];
		else if (next[family != 6] >= count)
			break;
		family = family == 6 ? 4 : 6;
	}
	query_end(query, RESOLVE_OK, NULL);
}

/* --- Names to try --------------------------------------------------------------------------- */

static unsigned dots_in(const char *name)
{
	unsigned dots = 0;

	for (; *name; name++)
		dots += *name == '.';
	return dots;
}

static bool ends_in_dot(const char *name)
{
	return *name && name[strlen(name) - 1] == '.';
}

/* Takes the next name to try; false where there is none. */
static bool next_name(struct query *query)
{
	const struct servers *servers = query->servers;

	if (!query->asked_name)
		query->is_searching =
			dots_in(query->name) < servers->ndots && !ends_in_dot(query->name);
	else if (!query->is_searching)
		return false;
	free(query->asked_name);
	query->is_searching = query->is_searching && query->domain < servers->domains_count;
	query->asked_name = query->is_searching ? memory_print("%s.%s", query->name,
							       servers->domains[query->domain++])
						: memory_text(query->name);
	return true;
}

static void begin_name(struct query *query, struct list *waiting)
{
	for (unsigned i = 0; i < query->parts_count; i++) {
		struct query_part *part = &query->parts[i];

		part->is_over = part->over_tcp = false;
		part->tries = part->errors = 0;
		part->server = servers_first(query->servers);
		list_append(waiting, &part->link);
	}
}

void query_begin(struct query *query, unsigned tries, struct list *waiting)
{
	query->tries_max = tries;
	(void)next_name(query);
	begin_name(query, waiting);
}

/* --- Asking --------------------------------------------------------------------------------- */

static void on_answer(enum nameserver_fate fate, const struct answer *answer, int error,
		      void *context)
{
	struct query_part *part = context;
	struct query *query = part->query;

	part->fate = fate;
	part->error = error;
	if (answer)
		part->answer = *answer;
	list_append(query->answered, &part->link);
	query->wake(query->context);
}

void query_ask(struct query_part *part)
{
	struct query *query = part->query;

	if (!query->asked_at)
		query->asked_at = clock_now();
	nameserver_ask(query->servers->list[part->server], query->asked_name, part->type,
		       part->over_tcp, on_answer, part);
}

void query_drop(struct query_part *part)
{
	on_answer(NAMESERVER_SILENT, NULL, 0, part);
}

/* --- What came of it -------------------------------------------------------------------------- */

static void explain(const struct query_part *part, const char *what)
{
	struct query *query = part->query;
	struct text text = { .limit_bytes = sizeof(query->detail) - 1 };

	text_print(&text, "%s %s", what, nameserver_name(query->servers->list[part->server]));
	if (part->error)
		text_print(&text, ": %s", strerrordesc_np(part->error));
	memcpy(query->detail, text_string(&text), text.len + 1);
	text_done(&text);
}

static void explain_rcode(const struct query_part *part)
{
	const char *name = answer_rcode_name(part->answer.rcode);
	char what[32];
	struct text text = { .limit_bytes = sizeof(what) - 1 };

	if (name)
		text_print(&text, "%s from", name);
	else
		text_print(&text, "response code %u from", part->answer.rcode);
	memcpy(what, text_string(&text), text.len + 1);
	text_done(&text);
	explain(part, what);
}

static void end_part(struct query_part *part, enum resolve_outcome outcome)
{
	part->outcome = outcome;
	part->is_over = true;
}

static void ask_again(struct query_part *part, struct list *waiting)
{
	list_append(waiting, &part->link);
}

/* One family has what it needs, or nobody waits any more: no further tries. */
static bool is_in_vain(const struct query_part *part)
{
	const struct query *query = part->query;

	if (list_is_empty(&query->lookups))
		return true;
	for (unsigned i = 0; i < query->parts_count; i++)
		if (query->parts[i].is_over && query->parts[i].outcome == RESOLVE_OK)
			return true;
	return false;
}

static void turn_to_next(struct query_part *part, struct list *waiting)
{
	part->over_tcp = false;
	part->server = (part->server + 1) % part->query->servers->count;
	ask_again(part, waiting);
}

/* The server spoke, and it was of no use: whether another does better. */
static void step_error(struct query_part *part, struct list *waiting)
{
	part->errors++;
	part->tries++;
	if (part->errors < part->query->servers->count && !list_is_empty(&part->query->lookups))
		turn_to_next(part, waiting);
	else
		end_part(part, RESOLVE_FAILURE);
}

static void step_silence(struct query_part *part, struct list *waiting)
{
	const struct query *query = part->query;

	if (part->over_tcp) {
		explain(part, "the answer is truncated, and TCP fails with");
		step_error(part, waiting);
		return;
	}
	if (part->errors == 0)
		explain(part,
			part->fate == NAMESERVER_AWAY ? "no name server at" : "no answer from");
	part->tries++;
	if (part->tries < query->tries_max * query->servers->count && !is_in_vain(part))
		turn_to_next(part, waiting);
	else
		end_part(part, part->errors ? RESOLVE_FAILURE : RESOLVE_TIMEOUT);
}

static void step_answer(struct query_part *part, struct list *waiting)
{
	switch (part->answer.kind) {
	case ANSWER_ADDRESSES:
		end_part(part, RESOLVE_OK);
		break;
	case ANSWER_EMPTY:
		end_part(part, RESOLVE_NO_ADDRESS);
		break;
	case ANSWER_NXDOMAIN:
		end_part(part, RESOLVE_NXDOMAIN);
		break;
	case ANSWER_TRUNCATED:
		if (!part->over_tcp) {
			part->over_tcp = true;
			ask_again(part, waiting);
			break;
		}
		explain(part, "truncated answer over TCP from");
		step_error(part, waiting);
		break;
	case ANSWER_ERROR:
		explain_rcode(part);
		step_error(part, waiting);
		break;
	case ANSWER_LOOP:
		explain(part, "aliases that do not end, from");
		step_error(part, waiting);
		break;
	case ANSWER_MALFORMED:
		explain(part, "malformed answer from");
		step_error(part, waiting);
		break;
	}
}

enum resolve_outcome query_silence(const struct query *query)
{
	if (query->servers->is_own || servers_are_alive(query->servers))
		return RESOLVE_TIMEOUT;
	return RESOLVE_LOCAL;
}

/* The worst part tells, unless one has addresses: worse from left to right. */
static enum resolve_outcome outcome_of(const struct query *query)
{
	static const unsigned badness[] = {
		[RESOLVE_NXDOMAIN] = 1, [RESOLVE_NO_ADDRESS] = 2, [RESOLVE_TIMEOUT] = 3,
		[RESOLVE_FAILURE] = 4,	[RESOLVE_LOCAL] = 5,
	};
	enum resolve_outcome worst = RESOLVE_NXDOMAIN;

	for (unsigned i = 0; i < query->parts_count; i++) {
		const enum resolve_outcome outcome = query->parts[i].outcome;

		if (outcome == RESOLVE_OK)
			return RESOLVE_OK;
		if (badness[outcome] > badness[worst])
			worst = outcome;
	}
	return worst == RESOLVE_TIMEOUT ? query_silence(query) : worst;
}

static void end_with_parts(struct query *query)
{
	struct ip addresses[2 * ANSWER_ADDRESSES_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < query->parts_count; i++) {
		const struct query_part *part = &query->parts[i];

		for (unsigned k = 0; part->outcome == RESOLVE_OK && k < part->answer.count; k++)
			addresses[count++] = part->answer.addresses[k];
	}
	query->detail[0] = '\0';
	query_end_with(query, addresses, count);
}

/* Whether the query is over, and not only under the name it was tried with. */
static bool end_name(struct query *query, struct list *waiting)
{
	enum resolve_outcome outcome = outcome_of(query);

	if (outcome == RESOLVE_OK) {
		end_with_parts(query);
		return true;
	}
	if (outcome == RESOLVE_NO_ADDRESS)
		query->has_no_address = true;
	if ((outcome == RESOLVE_NO_ADDRESS || outcome == RESOLVE_NXDOMAIN) &&
	    !list_is_empty(&query->lookups) && next_name(query)) {
		begin_name(query, waiting);
		return false;
	}
	if (outcome == RESOLVE_NXDOMAIN && query->has_no_address)
		outcome = RESOLVE_NO_ADDRESS;
	if (outcome == RESOLVE_NXDOMAIN || outcome == RESOLVE_NO_ADDRESS)
		query->detail[0] = '\0';
	query_end(query, outcome, query->detail);
	return true;
}

bool query_step(struct query_part *part, struct list *waiting)
{
	struct query *query = part->query;

	switch (part->fate) {
	case NAMESERVER_ANSWERED:
		step_answer(part, waiting);
		break;
	case NAMESERVER_SILENT:
	case NAMESERVER_AWAY:
		step_silence(part, waiting);
		break;
	case NAMESERVER_LOCAL:
		explain(part, "this host can't ask");
		end_part(part, RESOLVE_LOCAL);
		break;
	case NAMESERVER_BAD_NAME:
		query_end(query, RESOLVE_FAILURE, "the name does not fit into a question");
		end_part(part, RESOLVE_FAILURE);
		break;
	}
	for (unsigned i = 0; i < query->parts_count; i++)
		if (!query->parts[i].is_over)
			return false;
	return end_name(query, waiting);
}
