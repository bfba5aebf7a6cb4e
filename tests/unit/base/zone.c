/* zone.c - claims about time zones: those of the system, those of TZ, and files that are none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/memory.h"
#include "base/zone.h"
#include "base/zone_rule.h"

static const struct zone *zone_of(const char *name)
{
	const struct zone *zone = NULL;
	const int r = zone_find(name, &zone);

	if (r < 0)
		fail_msg("'%s': %s", name, strerror(-r));
	return zone;
}

/* 1900 to 2150, in steps that meet every hour of the day and no change of the clocks exactly. */
static void offsets_are_those_of_the_c_library(void **state)
{
	static const char *const names[] = { "Europe/Berlin",	  "America/New_York",
					     "Australia/Sydney",  "Australia/Lord_Howe",
					     "Africa/Casablanca", "Asia/Kathmandu",
					     "America/Santiago",  "Europe/Dublin",
					     "Pacific/Apia",	  "UTC" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct zone *zone = zone_of(names[i]);

		(void)setenv("TZ", names[i], 1);
		tzset();
		for (int64_t at = -2208988800; at < 5680281600; at += 500009) {
			const time_t seconds = at;
			const struct zone_span span = zone_span_at(zone, at);
			struct tm parts;

			(void)localtime_r(&seconds, &parts);
			if (span.offset != parts.tm_gmtoff)
				fail_msg("%s at %lld: %d, not %ld", names[i], (long long)at,
					 span.offset, parts.tm_gmtoff);
			assert_true(span.from <= at && at < span.until);
		}
	}
}

static void a_zone_is_read_once(void **state)
{
	(void)state;
	assert_ptr_equal(zone_of("Europe/Berlin"), zone_of("Europe/Berlin"));
	assert_ptr_equal(zone_of("UTC"), zone_of("utc"));
	assert_ptr_not_equal(zone_of("Europe/Berlin"), zone_of("Europe/Paris"));
}

static void local_times_are_found_where_clocks_show_them(void **state)
{
	const struct zone *zone = zone_of("Europe/Berlin");
	int64_t seconds;

	(void)state;
	/* 2025-07-01 12:00 */
	assert_true(zone_resolve(zone, 1751371200, &seconds));
	assert_int_equal(seconds, 1751371200 - 7200);
	/* 2025-03-30 01:59:59, 02:00, 02:59:59, 03:00: the jump is at 01:00 UTC. */
	assert_true(zone_resolve(zone, 1743299999, &seconds));
	assert_int_equal(seconds, 1743296399);
	for (int64_t local = 1743300000; local < 1743303600; local += 3599) {
		assert_false(zone_resolve(zone, local, &seconds));
		assert_int_equal(seconds, 1743296400);
	}
	assert_true(zone_resolve(zone, 1743303600, &seconds));
	assert_int_equal(seconds, 1743296400);
	/* 2025-10-26 02:00, 02:59:59, 03:00: put back at 01:00 UTC. */
	assert_true(zone_resolve(zone, 1761444000, &seconds));
	assert_int_equal(seconds, 1761444000 - 7200);
	assert_true(zone_resolve(zone, 1761447599, &seconds));
	assert_int_equal(seconds, 1761447599 - 7200);
	assert_true(zone_resolve(zone, 1761447600, &seconds));
	assert_int_equal(seconds, 1761447600 - 3600);
}

static void names_lead_nowhere_else(void **state)
{
	static const char *const names[] = { "",	"/etc/localtime", "../zoneinfo/UTC",
					     "Europe",	"Europe/",	  "Europe/./Berlin",
					     "Nowhere", "Europe/Berlin ", "Europe/B\nerlin" };
	const struct zone *zone = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const int r = zone_find(names[i], &zone);

		if (r == 0)
			fail_msg("'%s' is a zone", names[i]);
		assert_null(zone);
	}
	/* A file of the folder that is no zone. */
	assert_true(zone_find("tzdata-zi", &zone) < 0);
}

static void the_host_has_the_zone_that_tz_says(void **state)
{
	(void)state;
	(void)setenv("TZ", "Europe/Berlin", 1);
	assert_ptr_equal(zone_of(NULL), zone_of("Europe/Berlin"));
	(void)setenv("TZ", ":Europe/Berlin", 1);
	assert_ptr_equal(zone_of(NULL), zone_of("Europe/Berlin"));
	(void)setenv("TZ", "", 1);
	assert_ptr_equal(zone_of(NULL), zone_of("UTC"));
	(void)setenv("TZ", "<-03>3", 1);
	assert_int_equal(zone_span_at(zone_of(NULL), 0).offset, -3 * 3600);
	(void)setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	assert_int_equal(zone_span_at(zone_of(NULL), 1751371200).offset, 7200);
	(void)unsetenv("TZ");
	assert_non_null(zone_of(NULL));
}

/* The C library reads the same rule. */
static void rules_say_what_the_c_library_makes_of_them(void **state)
{
	static const char *const rules[] = {
		"CET-1CEST,M3.5.0,M10.5.0/3",	  "EST5EDT,M3.2.0,M11.1.0",
		"AEST-10AEDT,M10.1.0,M4.1.0/3",	  "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
		"IST-1GMT0,M10.5.0,M3.5.0/1",	  "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
		"AAA3BBB,J60/1:30:15,J300/26",	  "AAA3BBB,59,299/0",
		"EET-2EEST,M3.4.4/50,M10.4.4/50", "UTC0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct zone_rule rule;

		assert_int_equal(zone_rule_parse(rules[i], strlen(rules[i]), &rule), 0);
		(void)setenv("TZ", rules[i], 1);
		tzset();
		for (int64_t at = 1700000000; at < 2000000000; at += 50021) {
			const time_t seconds = at;
			const struct zone_span span = zone_rule_span(&rule, at);
			struct tm parts;

			(void)localtime_r(&seconds, &parts);
			if (span.offset != parts.tm_gmtoff)
				fail_msg("%s at %lld: %d, not %ld", rules[i], (long long)at,
					 span.offset, parts.tm_gmtoff);
			assert_true(span.from <= at && at < span.until);
		}
	}
}

static void what_is_no_rule_is_refused(void **state)
{
	static const char *const rules[] = {
		"",
		"CET",
		"CE-1",
		"CET-1CEST",
		"CET-25",
		"CET-1CEST,M3.5.0",
		"CET-1CEST,M13.5.0,M10.5.0",
		"<CET-1",
		"CET-1x",
		"CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,J0,J1",
		"CET-1CEST,366,1",
		"CET-1CEST,M3.5.0/168,M10.5.0",
		"CET-1:60",
		"CET-99999999999",
	};
	struct zone_rule rule;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (zone_rule_parse(rules[i], strlen(rules[i]), &rule) == 0)
			fail_msg("'%s' is taken", rules[i]);
}

/* --- Files --------------------------------------------------------------------------------- */

static char folder[] = "/tmp/picket-zone-XXXXXX";

/* As a zone of the folder; a name of its own each, since what was read stays. */
static int find_bytes(const char *bytes, size_t len, const struct zone **ret_zone)
{
	static unsigned number;
	char *name = memory_print("Z%u", ++number);
	char *path = memory_print("%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	int r;

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	r = zone_find(name, ret_zone);
	assert_int_equal(unlink(path), 0);
	free(path);
	free(name);
	return r;
}

static size_t read_berlin(char *bytes, size_t room)
{
	FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "r");
	size_t len;

	assert_non_null(file);
	len = fread(bytes, 1, room, file);
	assert_true(len > 100 && len < room);
	(void)fclose(file);
	return len;
}

static void set_up_folder(void)
{
	assert_non_null(mkdtemp(folder));
	(void)setenv("TZDIR", folder, 1);
}

static void files_are_read_as_far_as_they_hold_together(void **state)
{
	char whole[16384], bytes[16384];
	const size_t len = read_berlin(whole, sizeof(whole));
	const struct zone *zone = NULL;

	(void)state;
	set_up_folder();
	assert_int_equal(find_bytes(whole, len, &zone), 0);
	assert_int_equal(zone_span_at(zone, 1751371200).offset, 7200);
	/* Cut anywhere. */
	for (size_t cut = 0; cut < len; cut += 7)
		assert_true(find_bytes(whole, cut, &zone) < 0);
	/* Any byte another one: refused, or a zone that can be asked. */
	for (size_t at = 0; at < len; at += 3) {
		memcpy(bytes, whole, len);
		bytes[at] = (char)~bytes[at];
		if (find_bytes(bytes, len, &zone) < 0)
			continue;
		for (int64_t seconds = -4000000000; seconds < 9000000000; seconds += 100000007) {
			const struct zone_span span = zone_span_at(zone, seconds);
			int64_t found;

			assert_true(span.from <= seconds && seconds < span.until);
			(void)zone_resolve(zone, seconds, &found);
		}
	}
	(void)unsetenv("TZDIR");
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_are_those_of_the_c_library),
		cmocka_unit_test(a_zone_is_read_once),
		cmocka_unit_test(local_times_are_found_where_clocks_show_them),
		cmocka_unit_test(names_lead_nowhere_else),
		cmocka_unit_test(the_host_has_the_zone_that_tz_says),
		cmocka_unit_test(rules_say_what_the_c_library_makes_of_them),
		cmocka_unit_test(what_is_no_rule_is_refused),
		cmocka_unit_test(files_are_read_as_far_as_they_hold_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
