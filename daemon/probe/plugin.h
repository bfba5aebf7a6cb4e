/* plugin.h - what a monitoring plugin prints: text, more text, performance data.
 *
 *   TEXT | PERFDATA
 *   MORE TEXT
 *   LAST LINE OF IT | PERFDATA
 *   PERFDATA
 *
 * Source: Monitoring Plugins Development Guidelines, "Plugin Output for Nagios" and
 * "Threshold and Ranges"; Nagios Core, "Plugin API".  Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct process_facts;

/* Sets `said`, `more` and `perf`.  What is no performance data is left out. */
void plugin_read(const char *output, size_t len, struct process_facts *facts);

/* Whether `value` is in the range to be alerted about: "10" (outside of 0 to 10), "10:",
 * "~:10", "10:20", "@10:20" (inside).  -EINVAL where it is no range.
 */
int plugin_range_alerts(const char *range, double value);
