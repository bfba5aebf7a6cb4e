/* endpoint.h - endpoints and checks as the API shows them. */
#pragma once

#include "base/clock.h"
#include "model/verdict.h"

struct check;
struct roster;
struct text;
struct watch;

/* The members of an endpoint object, which stays open for more; with `shows_detail` the address,
 * too.
 */
void endpoint_print_members(struct text *json, const struct roster *roster,
			    const struct watch *watch, usec_t next_check_wall, bool shows_detail);
/* What is special about it now, in bits that only endpoint_print_flags() knows; at most 8. */
unsigned endpoint_flags(const struct roster *roster, const struct watch *watch);
/* "flags"; without `shows_none` nothing where there are none. */
void endpoint_print_flags(struct text *json, unsigned bits, bool shows_none);
/* "class" and "phase", where there is a class. */
void endpoint_print_class(struct text *json, enum failure_class class, enum phase phase);
/* "latency", where it was measured. */
void endpoint_print_latency(struct text *json, usec_t latency);
/* The last checks, oldest first, as an array. */
void endpoint_print_recent(struct text *json, const struct watch *watch);
/* A check that just ended: its time, verdict, latency, and the expectations that did not hold. */
void endpoint_print_check(struct text *json, const struct check *check);
