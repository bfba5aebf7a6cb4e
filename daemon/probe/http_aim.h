/* http_aim.h - where the looks of one check go: to any address, to one of each family, or
 * to every address of the name, one after the other.
 *
 * The first look of `ip: each` finds out which addresses there are; the others take one each.
 */
#pragma once

#include "loop/connect.h"
#include "probe/http_options.h"

struct http_hop;
struct http_request;

struct http_aim {
	enum http_ip ip;
	unsigned at; /* which look this is, from 0 */
	/* Of `ip: each`, once the first hop has ended. */
	char *host; /* owned; the name whose addresses these are; NULL: not known yet */
	struct sockaddr_storage *addresses; /* owned array; most checks have none */
	unsigned count;
};

void http_aim_init(struct http_aim *aim, enum http_ip ip);
void http_aim_done(struct http_aim *aim);

/* Family and address of the next request; good until the aim moves on. */
void http_aim_set(const struct http_aim *aim, struct http_request *request);
/* A hop has been made, or as much of it as there was time for. */
void http_aim_learn(struct http_aim *aim, struct http_hop *hop);
/* Goes on to the next look; false: that was the last. */
bool http_aim_next(struct http_aim *aim);
/* How many looks are still to come. */
unsigned http_aim_left(const struct http_aim *aim);
