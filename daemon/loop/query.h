/* query.h - one name in question: A, AAAA or both, from one set of servers, over all its
 * tries and search domains.
 *
 * resolve.c owns the turns: it asks as many parts a turn as it may, and steps the
 * parts that have an answer.  Loop thread only.
 */
#pragma once

#include <stdbool.h>

#include "base/list.h"
#include "loop/nameserver.h"
#include "loop/resolve.h"
#include "loop/servers.h"

struct query;

/* One question: what came of it, and whom to ask next. */
struct query_part {
	struct query *query; /* borrowed */
	struct list link; /* in the list that query_new() got while it waits to be asked,
			   * in `query->answered` while it waits to be stepped
			   */
	int type; /* ANSWER_TYPE_… */
	unsigned server; /* whom it asks */
	unsigned tries, errors;
	bool over_tcp, is_over;
	enum nameserver_fate fate; /* of the last try */
	struct answer answer;
	int error;
	enum resolve_outcome outcome; /* once it is over */
};

struct query {
	char *key; /* owned; equal lookups have equal keys */
	char *name; /* owned; as it was asked for */
	char *asked_name; /* owned; with the search domain it is tried under */
	int family;
	struct servers *servers; /* one reference */
	unsigned tries_max; /* with each server */
	unsigned domain; /* the next search domain */
	bool is_searching;
	bool has_no_address; /* some domain had the name, but no address */
	struct query_part parts[2];
	unsigned parts_count;
	struct list lookups; /* who waits for it; resolve.c */
	struct list link; /* in the list of its stage; resolve.c */
	struct list *answered; /* borrowed: where parts go when something came back */
	void (*wake)(void *context); /* something was put there */
	void *context; /* borrowed; of wake() */
	usec_t asked_at, ended_at;
	struct resolved resolved; /* once it is over */
	char detail[160];
};

/* Keeps a reference to the servers. */
struct query *query_new(const char *key, const char *name, int family, struct servers *servers);
void query_free(struct query *query);

/* Over at once: what needs no server. */
void query_end(struct query *query, enum resolve_outcome outcome, const char *detail);
void query_end_with(struct query *query, const struct ip *addresses, unsigned count);

/* Puts all parts into `waiting`, under the first name to try. */
void query_begin(struct query *query, unsigned tries, struct list *waiting);
/* Sends a part's question, or gives it up. */
void query_ask(struct query_part *part);
void query_drop(struct query_part *part);
/* A part has an answer, or none: it is over, or waits again.  Whether the whole query is over. */
bool query_step(struct query_part *part, struct list *waiting);

/* What silence means: RESOLVE_TIMEOUT or RESOLVE_LOCAL. */
enum resolve_outcome query_silence(const struct query *query);
