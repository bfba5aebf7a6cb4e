/* udp.h - the keys of `udp:`. */
#pragma once

#include "probe/reach.h"

struct udp_options {
	struct reach reach;
	const char *send; /* with escapes */
	const char *expect; /* a regular expression, or NULL: any answer will do */
};
