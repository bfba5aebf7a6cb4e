/* servers.c - the DNS servers that a lookup asks, and the domains it searches. */
#include <ares.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "loop/nameserver.h"
#include "loop/resolve.h"
#include "loop/servers.h"

enum { DNS_PORT = 53, DOMAINS_MAX = 6, RESOLV_CONF_BYTES = 64 * 1024 };

#define MEMORY_OF_LIFE (10 * USEC_PER_SEC)

static struct servers *servers_new(const char *name)
{
	struct servers *servers = MEMORY_NEW(struct servers);

	servers->references = 1;
	servers->ndots = 1;
	servers->name = memory_text(name);
	servers->list = memory_new(RESOLVE_SERVERS_MAX, sizeof(struct nameserver *));
	servers->domains = memory_new(DOMAINS_MAX, sizeof(char *));
	return servers;
}

static void add(struct servers *servers, struct event_base *base, const struct ip *ip,
		uint16_t port, usec_t timeout)
{
	if (servers->count < RESOLVE_SERVERS_MAX)
		servers->list[servers->count++] = nameserver_new(base, ip, port, timeout);
}

static void add_this_host(struct servers *servers, struct event_base *base, usec_t timeout)
{
	add(servers, base, &(struct ip){ .family = 4, .bytes = { 127, 0, 0, 1 } }, DNS_PORT,
	    timeout);
}

static void add_of_channel(struct servers *servers, struct event_base *base, ares_channel channel,
			   usec_t timeout)
{
	struct ares_addr_port_node *nodes = NULL;

	if (ares_get_servers_ports(channel, &nodes) != ARES_SUCCESS)
		return;
	for (const struct ares_addr_port_node *node = nodes; node; node = node->next) {
		struct ip ip = { .family = node->family == AF_INET ? 4 : 6 };

		memcpy(ip.bytes, &node->addr, ip.family == 4 ? 4 : 16);
		add(servers, base, &ip, node->udp_port ? (uint16_t)node->udp_port : DNS_PORT,
		    timeout);
	}
	ares_free_data(nodes);
}

static void add_domains(struct servers *servers, ares_channel channel)
{
	struct ares_options options;
	int mask;

	if (ares_save_options(channel, &options, &mask) != ARES_SUCCESS)
		return;
	if (options.ndots > 0)
		servers->ndots = (unsigned)options.ndots;
	for (int i = 0; i < options.ndomains && servers->domains_count < DOMAINS_MAX; i++)
		servers->domains[servers->domains_count++] = memory_text(options.domains[i]);
	ares_destroy_options(&options);
}

static void add_text(struct servers *servers, struct event_base *base, const char *text,
		     usec_t timeout)
{
	uint16_t port;
	struct ip ip;

	if (ip_parse_port(text, DNS_PORT, &ip, &port) == 0)
		add(servers, base, &ip, port, timeout);
}

static bool has_server(const char *text)
{
	static const char word[] = "nameserver";
	const size_t len = sizeof(word) - 1;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, word, len) == 0 && (line[len] == ' ' || line[len] == '\t'))
			return true;
	}
	return false;
}

/* resolv.conf(5): where it has none, this host's is asked; mostly that is a mistake. */
static void warn_of_none(const char *path)
{
	cleanup(free)
	char *text = NULL;
	size_t len;
	const int r = file_read(path, RESOLV_CONF_BYTES, &text, &len);

	if (r == -EFBIG || (r == 0 && has_server(text)))
		return;
	log_line(LOG_WARNING, "%s %s%s: names are asked of 127.0.0.1", path,
		 r < 0 ? "can't be read: " : "has no line 'nameserver'", r < 0 ? strerror(-r) : "");
}

struct servers *servers_of_system(struct event_base *base, const char *const *list,
				  const char *resolv_conf, usec_t timeout)
{
	struct servers *servers = servers_new("");
	struct ares_options options = {
		.lookups = (char[]){ "b" },
		.resolvconf_path = memory_text(resolv_conf),
	};
	ares_channel channel;

	if (!list)
		warn_of_none(resolv_conf);
	for (const char *const *at = list; at && *at; at++)
		add_text(servers, base, *at, timeout);
	if (ares_init_options(&channel, &options, ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF) ==
	    ARES_SUCCESS) {
		if (!list)
			add_of_channel(servers, base, channel, timeout);
		add_domains(servers, channel);
		ares_destroy(channel);
	}
	free(options.resolvconf_path);
	if (servers->count == 0)
		add_this_host(servers, base, timeout);
	return servers;
}

struct servers *servers_of_endpoint(struct event_base *base, const char *server, usec_t timeout)
{
	struct servers *servers = servers_new(server);

	servers->is_own = true;
	add_text(servers, base, server, timeout);
	if (servers->count == 0)
		add_this_host(servers, base, timeout);
	return servers;
}

void servers_ref(struct servers *servers)
{
	servers->references++;
}

void servers_unref(struct servers *servers)
{
	if (--servers->references > 0)
		return;
	for (unsigned i = 0; i < servers->count; i++)
		nameserver_free(servers->list[i]);
	for (unsigned i = 0; i < servers->domains_count; i++)
		free(servers->domains[i]);
	free(servers->list);
	free(servers->domains);
	free(servers->name);
	free(servers);
}

unsigned servers_first(const struct servers *servers)
{
	const usec_t now = clock_now();

	for (unsigned i = 0; i < servers->count; i++) {
		const usec_t failed = nameserver_failed(servers->list[i]);

		if (failed == 0 || now - failed > MEMORY_OF_LIFE)
			return i;
	}
	return 0;
}

bool servers_are_alive(const struct servers *servers)
{
	const usec_t now = clock_now();

	for (unsigned i = 0; i < servers->count; i++) {
		const usec_t answered = nameserver_answered(servers->list[i]);

		if (answered && now - answered <= MEMORY_OF_LIFE)
			return true;
	}
	return false;
}
