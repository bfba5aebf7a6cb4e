/* zone_rule.h - within base/: the rule by which a zone goes on behind its last known change.
 *
 * Source: RFC 8536, 3.3 and 3.3.1; POSIX.1-2017, 8.3 (TZ).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/zone.h"

/* A day of each year, and a time of that day. */
struct zone_date {
	enum { ZONE_DATE_MONTH, ZONE_DATE_JULIAN, ZONE_DATE_COUNTED } kind;
	unsigned month, week; /* ZONE_DATE_MONTH: 1 to 12, 1 to 5 */
	unsigned day; /* of the week, 0 is Sunday; or of the year */
	int32_t time; /* seconds from its midnight, perhaps before it or days behind it */
};

struct zone_rule {
	int32_t standard, summer; /* offsets, east is above 0 */
	bool has_summer;
	struct zone_date begins, ends; /* of summer */
};

/* 0, or -EINVAL: "CET-1CEST,M3.5.0,M10.5.0/3". */
int zone_rule_parse(const char *text, size_t len, struct zone_rule *ret_rule);
struct zone_span zone_rule_span(const struct zone_rule *rule, int64_t seconds);
