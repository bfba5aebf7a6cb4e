/* ping.h - the keys of `ping:`, and what they lead to. */
#pragma once

#include "base/ip.h"
#include "loop/connect.h"
#include "option/option.h"

struct ping_options {
	const char *host;
	unsigned count;
	usec_t spacing;
	size_t size;
	unsigned ttl; /* 0: the system's */
	bool dont_fragment;
	enum connect_family ip;
	const char *source_text; /* NULL: what the kernel takes */

	/* Prepared. */
	struct ip source; /* family 0: what the kernel takes */
	struct ip address; /* the host, where that is an address; else family 0 */
};
