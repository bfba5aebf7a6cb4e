/* tls.h - the keys of `tls:` as a probe, and what they lead to. */
#pragma once

#include "probe/reach.h"
#include "probe/starttls.h"
#include "probe/tls_options.h"

struct tls_probe_options {
	struct tls_options tls;
	struct reach reach;
	enum starttls_protocol starttls;

	/* Prepared. */
	const char *alpn;
	unsigned alpn_len;
};
