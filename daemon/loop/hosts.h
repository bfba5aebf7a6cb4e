/* hosts.h - the table of /etc/hosts.  Source: hosts(5).  Not for several threads at once. */
#pragma once

#include "base/ip.h"

struct hosts;

/* An empty table where the file can't be read or is larger than 4 MiB. */
struct hosts *hosts_load(const char *path);
void hosts_free(struct hosts *hosts);

/* The addresses of a name in the file's order, at most `max` of `family` (4, 6, or 0
 * for both); names are the same in upper and lower case.  How many.
 */
unsigned hosts_find(const struct hosts *hosts, const char *name, int family, struct ip *ret,
		    unsigned max);
