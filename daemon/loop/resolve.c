/* resolve.c - names to addresses on the loop.
 *
 *   resolve_start -> [waiting] -> query_ask -> c-ares -> [answered] -> query_step
 *                        ^                                                 |
 *                        +------------ not over yet -----------------------+
 *                                                                          v
 *                                            done() <- deliver <- [finished]
 *
 * All but c-ares' own callbacks happens in on_turn(), a timer of length 0, so that
 * one turn of the loop never asks or answers more than its share, and nothing is
 * freed while c-ares is on the stack.
 */
#include <ctype.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/changes.h"
#include "loop/hosts.h"
#include "loop/query.h"
#include "loop/resolve.h"
#include "loop/servers.h"

enum {
	ASKED_A_TURN = 50, /* 0.1 ms each */
	DELIVERED_A_TURN = 64, /* each may open a connection */
	NAME_LEN_MAX = 254, /* with the dot of the root */
};

enum { FILE_RESOLV_CONF, FILE_HOSTS, FILES };

struct resolver {
	struct event_base *base; /* borrowed */
	struct event *turn; /* owned; a timer of 0 */
	bool is_turn_wanted;
	bool is_ending;
	const char *files[FILES + 1]; /* owned; for changes */
	struct changes *changes; /* owned */
	struct hosts *hosts; /* owned; NULL: not read yet */
	char **configured; /* owned array of owned, NULL-terminated; NULL: the system's */
	usec_t timeout;
	unsigned tries;
	struct servers *servers; /* one reference; NULL: not read yet */
	struct map *own; /* name -> struct servers of endpoints, without a reference */
	struct map *queries; /* key -> struct query that is in flight; owned */
	struct list waiting, answered; /* of struct query_part */
	struct list flying, finished; /* of struct query */
	uint64_t asked;
};

struct lookup {
	struct list link; /* in query->lookups */
	struct query *query; /* borrowed */
	struct resolver *resolver; /* borrowed */
	resolve_done *done;
	void *context; /* borrowed */
	usec_t started;
};

/* --- Turns ------------------------------------------------------------------------------------ */

static void wake(void *context)
{
	static const struct timeval at_once = { 0, 0 };
	struct resolver *resolver = context;

	if (resolver->is_turn_wanted || resolver->is_ending)
		return;
	resolver->is_turn_wanted = true;
	(void)event_add(resolver->turn, &at_once);
}

static void release_servers(struct resolver *resolver, struct query *query)
{
	struct servers *servers = TAKE(query->servers);

	if (servers->is_own && servers->references == 1)
		(void)map_remove(resolver->own, servers->name);
	servers_unref(servers);
}

/* Nobody joins it any more. */
static void close_query(struct resolver *resolver, const struct query *query)
{
	if (map_find(resolver->queries, query->key) == query)
		(void)map_remove(resolver->queries, query->key);
}

static void finish(struct resolver *resolver, struct query *query)
{
	close_query(resolver, query);
	list_remove(&query->link);
	list_append(&resolver->finished, &query->link);
}

static void step_all(struct resolver *resolver)
{
	struct list *link;

	while ((link = list_take_first(&resolver->answered))) {
		struct query_part *part = LIST_ENTRY(link, struct query_part, link);

		if (query_step(part, &resolver->waiting))
			finish(resolver, part->query);
	}
}

/* Answers that c-ares gives at once (a bad name) are in `answered` when this returns. */
static void ask_some(struct resolver *resolver)
{
	unsigned asked = 0;

	while (!list_is_empty(&resolver->waiting) && asked < ASKED_A_TURN) {
		struct list *link = list_take_first(&resolver->waiting);
		struct query_part *part = LIST_ENTRY(link, struct query_part, link);

		if (list_is_empty(&part->query->lookups)) {
			query_drop(part);
			continue;
		}
		query_ask(part);
		asked++;
	}
	resolver->asked += asked;
}

static void deliver(struct query *query, struct lookup *lookup)
{
	struct resolved resolved = query->resolved;
	const usec_t from = lookup->started > query->asked_at ? lookup->started : query->asked_at;

	resolved.took = query->asked_at && query->ended_at > from ? query->ended_at - from : 0;
	lookup->done(&resolved, lookup->context);
	free(lookup);
}

static void deliver_some(struct resolver *resolver)
{
	unsigned delivered = 0;

	while (!list_is_empty(&resolver->finished) && delivered < DELIVERED_A_TURN) {
		struct query *query =
			LIST_ENTRY(list_first(&resolver->finished), struct query, link);
		struct list *link = list_take_first(&query->lookups);

		if (link) {
			deliver(query, LIST_ENTRY(link, struct lookup, link));
			delivered++;
			continue;
		}
		release_servers(resolver, query);
		query_free(query);
	}
}

static void on_turn(int fd, short what, void *context)
{
	struct resolver *resolver = context;

	resolver->is_turn_wanted = false;
	step_all(resolver);
	ask_some(resolver);
	deliver_some(resolver);
	if (!list_is_empty(&resolver->waiting) || !list_is_empty(&resolver->answered) ||
	    !list_is_empty(&resolver->finished))
		wake(resolver);
}

/* --- Whom to ask ------------------------------------------------------------------------------- */

static void forget_servers(struct resolver *resolver)
{
	if (resolver->servers)
		servers_unref(resolver->servers);
	resolver->servers = NULL;
}

static struct servers *system_servers(struct resolver *resolver)
{
	if (changes_take(resolver->changes, FILE_RESOLV_CONF))
		forget_servers(resolver);
	if (!resolver->servers)
		resolver->servers =
			servers_of_system(resolver->base, (const char *const *)resolver->configured,
					  resolver->files[FILE_RESOLV_CONF], resolver->timeout);
	return resolver->servers;
}

/* Two endpoints with the same resolver share its sockets while both ask. */
static struct servers *own_servers(struct resolver *resolver, const char *server)
{
	struct servers *servers = map_find(resolver->own, server);

	if (servers) {
		servers_ref(servers);
		return servers;
	}
	servers = servers_of_endpoint(resolver->base, server, resolver->timeout);
	(void)map_set(resolver->own, servers->name, servers);
	return servers;
}

/* --- What needs no server ------------------------------------------------------------------------ */

static bool is_name(const char *name)
{
	const size_t len = strlen(name);

	if (len == 0 || len > NAME_LEN_MAX || name[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)name[i]) || name[i] == '\\' ||
		    (name[i] == '.' && name[i + 1] == '.'))
			return false;
	return true;
}

/* RFC 6761, 6.3: never asked of a server. */
static bool is_localhost(const char *name)
{
	static const char word[] = "localhost";
	const size_t len = strlen(name), word_len = sizeof(word) - 1;

	if (len < word_len || strcasecmp(name + len - word_len, word) != 0)
		return false;
	return len == word_len || name[len - word_len - 1] == '.';
}

static unsigned add_loopback(int family, struct ip *ret)
{
	unsigned count = 0;

	if (family != AF_INET)
		ret[count++] = (struct ip){ .family = 6, .bytes = { [15] = 1 } };
	if (family != AF_INET6)
		ret[count++] = (struct ip){ .family = 4, .bytes = { 127, 0, 0, 1 } };
	return count;
}

static unsigned find_in_hosts(struct resolver *resolver, const char *name, int family,
			      struct ip *ret)
{
	const int wanted = family == AF_INET ? 4 : family == AF_INET6 ? 6 : 0;

	if (changes_take(resolver->changes, FILE_HOSTS) && resolver->hosts)
		hosts_free(TAKE(resolver->hosts));
	if (!resolver->hosts)
		resolver->hosts = hosts_load(resolver->files[FILE_HOSTS]);
	return hosts_find(resolver->hosts, name, wanted, ret, RESOLVE_ADDRESSES_MAX);
}

/* Whether the query is over without asking anybody. */
static bool answer_here(struct resolver *resolver, struct query *query)
{
	struct ip addresses[RESOLVE_ADDRESSES_MAX];
	unsigned count = 1;

	if (ip_parse(query->name, &addresses[0]) == 0) {
		if (query->family == AF_UNSPEC ||
		    (query->family == AF_INET) == (addresses[0].family == 4))
			query_end_with(query, addresses, 1);
		else
			query_end(query, RESOLVE_NO_ADDRESS, "an address of the other family");
		return true;
	}
	if (!is_name(query->name)) {
		query_end(query, RESOLVE_FAILURE, "not a host name");
		return true;
	}
	count = find_in_hosts(resolver, query->name, query->family, addresses);
	if (count == 0 && is_localhost(query->name))
		count = add_loopback(query->family, addresses);
	if (count == 0)
		return false;
	query_end_with(query, addresses, count);
	return true;
}

/* --- Lookups -------------------------------------------------------------------------------------- */

/* Equal lookups have equal keys; "example.com." and "Example.com" are equal to "example.com". */
static char *key_of(const char *name, int family, const char *server)
{
	char *key = memory_print("%s %d %s", server ? server : "", family, name);

	for (char *at = key; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return key;
}

static struct query *query_start(struct resolver *resolver, const char *key, const char *name,
				 int family, const char *server)
{
	struct servers *servers = server ? own_servers(resolver, server) : system_servers(resolver);
	struct query *query = query_new(key, name, family, servers);

	if (server)
		servers_unref(servers);
	query->answered = &resolver->answered;
	query->wake = wake;
	query->context = resolver;
	if (answer_here(resolver, query)) {
		list_append(&resolver->finished, &query->link);
	} else {
		list_append(&resolver->flying, &query->link);
		(void)map_set(resolver->queries, query->key, query);
		query_begin(query, resolver->tries, &resolver->waiting);
	}
	wake(resolver);
	return query;
}

struct lookup *resolve_start(struct resolver *resolver, const char *name, int family,
			     const char *server, resolve_done *done, void *context)
{
	struct lookup *lookup = MEMORY_NEW(struct lookup);
	cleanup(free)
	char *key = NULL;
	struct query *query;

	*lookup = (struct lookup){ .resolver = resolver, .done = done, .context = context };
	lookup->started = clock_now();
	key = key_of(name, family, server);
	query = map_find(resolver->queries, key);
	if (!query)
		query = query_start(resolver, key, name, family, server);
	lookup->query = query;
	list_append(&query->lookups, &lookup->link);
	return lookup;
}

/* c-ares can't drop a single question; it ends by its timeout, and nobody asks on. */
void resolve_cancel(struct lookup *lookup)
{
	list_remove(&lookup->link);
	if (list_is_empty(&lookup->query->lookups))
		close_query(lookup->resolver, lookup->query);
	free(lookup);
}

enum resolve_outcome resolve_silence(const struct lookup *lookup)
{
	return query_silence(lookup->query);
}

/* --- The resolver ----------------------------------------------------------------------------------- */

static void free_configured(struct resolver *resolver)
{
	for (char **at = resolver->configured; at && *at; at++)
		free(*at);
	free(resolver->configured);
	resolver->configured = NULL;
}

static bool is_configured_so(const struct resolver *resolver,
			     const struct resolver_options *options)
{
	size_t i = 0;

	if (resolver->timeout != options->timeout || !resolver->configured != !options->servers)
		return false;
	if (!options->servers)
		return true;
	for (; resolver->configured[i] && options->servers[i]; i++)
		if (strcmp(resolver->configured[i], options->servers[i]) != 0)
			return false;
	return !resolver->configured[i] && (!options->servers[i] || i == RESOLVE_SERVERS_MAX);
}

void resolver_configure(struct resolver *resolver, const struct resolver_options *options)
{
	size_t count = 0;

	resolver->tries = options->tries ? options->tries : 1;
	/* What is known of servers that stay is kept. */
	if (is_configured_so(resolver, options))
		return;
	free_configured(resolver);
	forget_servers(resolver);
	resolver->timeout = options->timeout;
	if (!options->servers)
		return;
	while (options->servers[count] && count < RESOLVE_SERVERS_MAX)
		count++;
	resolver->configured = memory_new(count + 1, sizeof(char *));
	for (size_t i = 0; i < count; i++)
		resolver->configured[i] = memory_text(options->servers[i]);
}

struct resolver *resolver_new(struct event_base *base, const struct resolver_options *options)
{
	struct resolver *resolver = MEMORY_NEW(struct resolver);

	resolver->base = base;
	resolver->turn = evtimer_new(base, on_turn, resolver);
	resolver->files[FILE_RESOLV_CONF] =
		memory_text(options->resolv_conf ? options->resolv_conf : "/etc/resolv.conf");
	resolver->files[FILE_HOSTS] = memory_text(options->hosts ? options->hosts : "/etc/hosts");
	resolver->changes = changes_new(base, resolver->files);
	resolver->own = map_new();
	resolver->queries = map_new();
	list_init(&resolver->waiting);
	list_init(&resolver->answered);
	list_init(&resolver->flying);
	list_init(&resolver->finished);
	resolver_configure(resolver, options);
	return resolver;
}

static void free_queries(struct list *queries)
{
	struct list *link;

	while ((link = list_take_first(queries))) {
		struct query *query = LIST_ENTRY(link, struct query, link);

		while ((link = list_take_first(&query->lookups)))
			free(LIST_ENTRY(link, struct lookup, link));
		query_free(query);
	}
}

/* Servers first: c-ares reports what is outstanding to queries that are still there. */
void resolver_free(struct resolver *resolver)
{
	resolver->is_ending = true;
	list_each (link, &resolver->flying)
		release_servers(resolver, LIST_ENTRY(link, struct query, link));
	list_each (link, &resolver->finished)
		release_servers(resolver, LIST_ENTRY(link, struct query, link));
	forget_servers(resolver);
	free_queries(&resolver->flying);
	free_queries(&resolver->finished);
	map_free(resolver->queries);
	map_free(resolver->own);
	changes_free(resolver->changes);
	if (resolver->hosts)
		hosts_free(resolver->hosts);
	free_configured(resolver);
	for (unsigned i = 0; i < FILES; i++)
		free((char *)resolver->files[i]);
	event_free(resolver->turn);
	free(resolver);
}

void resolver_server(struct resolver *resolver, struct ip *ret_ip, uint16_t *ret_port)
{
	const struct servers *servers = system_servers(resolver);

	nameserver_place(servers->list[servers_first(servers)], ret_ip, ret_port);
}

struct servers *resolver_servers(struct resolver *resolver, unsigned *ret_tries)
{
	struct servers *servers = system_servers(resolver);

	servers_ref(servers);
	*ret_tries = resolver->tries;
	return servers;
}

bool resolver_is_alive(struct resolver *resolver)
{
	return servers_are_alive(system_servers(resolver));
}

uint64_t resolver_asked(const struct resolver *resolver)
{
	return resolver->asked;
}
