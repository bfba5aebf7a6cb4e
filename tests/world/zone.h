/* zone.h - what the name server says, by script.
 *
 *   dns shop.test: 127.0.0.7 ::1 ttl=30
 *   dns *.dark.test: silent
 *   dns big.test: 127.0.0.1 truncated delay=200ms
 *
 * Also answer `servfail`, `nxdomain`, `refused`, `formerr`, `empty` and
 * `cname=NAME`; the first rule that matches counts, names without one do not
 * exist.  README.md says more.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/text.h"

struct zone;

struct zone *zone_new(void);
void zone_free(struct zone *zone);

/* 0 or -EINVAL with *ret_fault, to be freed.  Later rules of zone_set() come first. */
int zone_add(struct zone *zone, const char *pattern, const char *answer, char **ret_fault);
int zone_set(struct zone *zone, const char *pattern, const char *answer, char **ret_fault);

struct zone_reply {
	uint8_t data[4096];
	size_t len;
	usec_t delay;
};

/* The answer to a query (without TCP's length).  False: none, ever. */
bool zone_answer(struct zone *zone, const uint8_t *query, size_t len, bool is_tcp,
		 struct zone_reply *ret_reply);

/* {"queries":N,"names":{"shop.test A":N}} */
void zone_print(const struct zone *zone, struct text *text);
void zone_forget(struct zone *zone);
