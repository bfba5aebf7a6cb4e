/* rates.c - how many checks a second that makes, and how many fresh connections one server sees.
 *
 * What a check may take on average is by Little's law what there are permits for.  Each
 * connection leaves a port of this host waiting for a minute, so that about 28,000 ports to one
 * address and port carry less than 500 a second; the warning comes well before.
 * Source: tcp(7), net.ipv4.ip_local_port_range, RFC 9293 3.6.1 (TIME-WAIT).
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "config/loader.h"

enum { CONNECTIONS_MAX = 200 };

struct server {
	double rate; /* a second */
	const struct value *place; /* of the last endpoint that went there */
	unsigned endpoints;
};

/* "https://shop.example.com:8443" of a target; what is no URL is itself. */
static size_t server_len(const char *target)
{
	const char *host = strstr(target, "://");

	host = host ? host + 3 : target;
	return (size_t)(host - target) + strcspn(host, "/?#");
}

static bool is_counted(const struct endpoint *endpoint)
{
	return endpoint && endpoint->is_enabled;
}

/* Even on a fast network some take longer than this, and then all of them come late. */
static const usec_t least_time = 50 * USEC_PER_MS;

static void examine_need(struct loader *loader)
{
	const unsigned permits = loader->snapshot->settings.max_concurrent;
	const struct value *last = NULL;
	double a_second = 0;
	unsigned count = 0;

	for (size_t i = 0; i < loader->made_count; i++) {
		const struct endpoint *endpoint = loader->made[i].endpoint;

		if (!is_counted(endpoint))
			continue;
		a_second += (double)USEC_PER_SEC / (double)endpoint->interval;
		last = loader->made[i].place;
		count++;
	}

	/* Of `auto` this is the most, see picket.yaml(5). */
	const double most = permits ? permits : PERMITS_AUTO_MAX;
	const double each = last ? most / a_second * (double)USEC_PER_SEC : (double)USEC_NEVER;

	if (each >= (double)least_time)
		return;

	const struct place place = value_place(last);
	struct text shown = { 0 };

	units_duration_show(&shown, (usec_t)each);
	complain_warn(
		loader->complaints, &place,
		"%u endpoints need %.0f checks a second; with %.0f at once ('max_concurrent') "
		"each may take %s on average, or they come late",
		count, a_second, most, text_string(&shown));
	text_done(&shown);
}

/* Checks a second of each host: where all of its ports together see few there is no need to
 * tell one from the other.
 */
static double *sum_hosts(const struct loader *loader)
{
	double *rates = memory_new(loader->snapshot->hosts_count, sizeof(*rates));

	for (size_t i = 0; i < loader->made_count; i++) {
		const struct endpoint *endpoint = loader->made[i].endpoint;

		if (is_counted(endpoint) && endpoint->host_index != UINT32_MAX)
			rates[endpoint->host_index] +=
				(double)USEC_PER_SEC / (double)endpoint->interval;
	}
	return rates;
}

void examine_rates(struct loader *loader)
{
	cleanup(free)
	double *rates = sum_hosts(loader);
	struct map *servers = map_new();
	const char *name;
	size_t at = 0;
	void *found;

	examine_need(loader);
	for (size_t i = 0; i < loader->made_count; i++) {
		const struct endpoint *endpoint = loader->made[i].endpoint;
		struct server *server;
		char *key;

		if (!is_counted(endpoint) || (endpoint->host_index != UINT32_MAX &&
					      rates[endpoint->host_index] <= CONNECTIONS_MAX))
			continue;
		key = arena_text_len(loader->scratch, endpoint->target,
				     server_len(endpoint->target));
		server = map_find(servers, key);
		if (!server) {
			server = arena_take(loader->scratch, sizeof(*server));
			map_set(servers, key, server);
		}
		server->rate += (double)USEC_PER_SEC / (double)endpoint->interval;
		server->place = loader->made[i].place;
		server->endpoints++;
	}
	while (map_next(servers, &at, &name, &found)) {
		const struct server *server = found;
		const struct place place = value_place(server->place);

		if (server->rate > CONNECTIONS_MAX)
			complain_warn(
				loader->complaints, &place,
				"%u endpoints make %.0f connections a second to %s; above %d this "
				"host may run out of ports",
				server->endpoints, server->rate, name, CONNECTIONS_MAX);
	}
	map_free(servers);
}
