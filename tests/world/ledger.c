/* ledger.c - two tables of tallies. */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "base/map.h"
#include "base/memory.h"

#define MOST_NAMES    20000
#define MOST_ARRIVALS 1024

static void tally_done(struct tally *tally)
{
	free(tally->name);
	free(tally->arrivals);
	free(tally->took);
}

static void table_free(struct map *table)
{
	const char *key;
	size_t at = 0;
	void *value;

	while (map_next(table, &at, &key, &value)) {
		tally_done(value);
		free(value);
	}
	map_free(table);
}

struct ledger *ledger_new(void)
{
	struct ledger *ledger = MEMORY_NEW(struct ledger);

	ledger->endpoints = map_new();
	ledger->hosts = map_new();
	return ledger;
}

void ledger_free(struct ledger *ledger)
{
	table_free(ledger->endpoints);
	table_free(ledger->hosts);
	tally_done(&ledger->all);
	free(ledger);
}

static void tally_forget(struct tally *tally)
{
	tally->hits = tally->answered = tally->left = 0;
	tally->max_in_flight = tally->in_flight;
}

static void table_forget(struct map *table)
{
	const char *key;
	size_t at = 0;
	void *value;

	while (map_next(table, &at, &key, &value))
		tally_forget(value);
}

void ledger_forget(struct ledger *ledger)
{
	table_forget(ledger->endpoints);
	table_forget(ledger->hosts);
	tally_forget(&ledger->all);
	ledger->max_connections = ledger->connections;
	ledger->accepted = 0;
}

static struct tally *table_find(struct map *table, const char *name)
{
	struct tally *tally = map_find(table, name);

	if (tally)
		return tally;
	if (map_count(table) >= MOST_NAMES && strcmp(name, "(others)") != 0)
		return table_find(table, "(others)");
	tally = MEMORY_NEW(struct tally);
	tally->name = memory_text(name);
	(void)map_set(table, tally->name, tally);
	return tally;
}

struct tally *ledger_endpoint(struct ledger *ledger, const char *name)
{
	return table_find(ledger->endpoints, name);
}

struct tally *ledger_host(struct ledger *ledger, const char *name)
{
	return table_find(ledger->hosts, name);
}

void ledger_connected(struct ledger *ledger)
{
	ledger->accepted++;
	if (++ledger->connections > ledger->max_connections)
		ledger->max_connections = ledger->connections;
}

void ledger_disconnected(struct ledger *ledger)
{
	ledger->connections--;
}

static void tally_arrived(struct tally *tally)
{
	tally->hits++;
	if (++tally->in_flight > tally->max_in_flight)
		tally->max_in_flight = tally->in_flight;
}

/* The `count`th value goes into a ring of the last ones. */
static void ring_note(usec_t **ring, size_t *room, uint64_t count, usec_t value)
{
	if (count > *room && *room < MOST_ARRIVALS) {
		*room = *room ? 2 * *room : 16;
		*ring = memory_grow(*ring, *room, sizeof(usec_t));
	}
	(*ring)[(count - 1) % *room] = value;
}

/* Called after the hit was counted. */
static void tally_note(struct tally *tally, usec_t now)
{
	ring_note(&tally->arrivals, &tally->arrivals_room, tally->hits, now);
}

void ledger_arrived(struct ledger *ledger, struct tally *endpoint, struct tally *host, usec_t now)
{
	tally_arrived(&ledger->all);
	tally_arrived(endpoint);
	tally_note(endpoint, now);
	tally_arrived(host);
	tally_note(host, now);
}

static void tally_left(struct tally *tally, bool answered)
{
	tally->in_flight--;
	if (answered)
		tally->answered++;
	else
		tally->left++;
}

void ledger_left(struct ledger *ledger, struct tally *endpoint, struct tally *host, bool answered,
		 usec_t took)
{
	tally_left(&ledger->all, answered);
	tally_left(endpoint, answered);
	tally_left(host, answered);
	if (answered && took)
		ring_note(&endpoint->took, &endpoint->took_room, endpoint->answered, took);
}

size_t ledger_reached(const struct ledger *ledger, const char *match, uint64_t hits)
{
	const char *key;
	size_t at = 0, reached = 0;
	void *value;

	while (map_next(ledger->endpoints, &at, &key, &value))
		if (glob_matches_name(match, key) && ((const struct tally *)value)->hits >= hits)
			reached++;
	return reached;
}

static void ring_print(const char *name, const usec_t *ring, size_t room, uint64_t count,
		       struct text *text)
{
	const uint64_t kept = count < room ? count : room;

	text_print(text, ",\"%s\":[", name);
	for (uint64_t i = count - kept; i < count; i++)
		text_print(text, "%s%llu", i == count - kept ? "" : ",",
			   (unsigned long long)ring[i % room]);
	text_append(text, "]");
}

static void tally_print_times(const struct tally *tally, struct text *text)
{
	ring_print("arrivals", tally->arrivals, tally->arrivals_room, tally->hits, text);
	if (tally->took)
		ring_print("took", tally->took, tally->took_room, tally->answered, text);
}

static void tally_print(const struct tally *tally, struct text *text)
{
	text_print(text,
		   "\"hits\":%llu,\"answered\":%llu,\"left\":%llu,\"in_flight\":%u,"
		   "\"max_in_flight\":%u",
		   (unsigned long long)tally->hits, (unsigned long long)tally->answered,
		   (unsigned long long)tally->left, tally->in_flight, tally->max_in_flight);
}

static void table_print(const struct map *table, const char *match, bool with_arrivals,
			struct text *text)
{
	const char *key, *comma = "";
	size_t at = 0;
	void *value;

	while (map_next(table, &at, &key, &value)) {
		if (!glob_matches_name(match, key))
			continue;
		text_append(text, comma);
		text_append_json(text, key, strlen(key));
		text_append(text, ":{");
		tally_print(value, text);
		if (with_arrivals)
			tally_print_times(value, text);
		text_append(text, "}");
		comma = ",";
	}
}

void ledger_print(const struct ledger *ledger, const char *match, bool with_arrivals,
		  struct text *text)
{
	text_print(text,
		   "\"now\":%llu,\"connections\":%u,\"max_connections\":%u,\"accepted\":%llu,",
		   (unsigned long long)clock_now(), ledger->connections, ledger->max_connections,
		   (unsigned long long)ledger->accepted);
	tally_print(&ledger->all, text);
	text_append(text, ",\"hosts\":{");
	table_print(ledger->hosts, match, with_arrivals, text);
	text_append(text, "},\"endpoints\":{");
	table_print(ledger->endpoints, match, with_arrivals, text);
	text_append(text, "}");
}
