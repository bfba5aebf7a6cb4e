/* tcp.h - the keys of `tcp:`, and what they lead to. */
#pragma once

#include "option/option.h"
#include "probe/reach.h"
#include "probe/starttls.h"
#include "probe/tls_options.h"

/* One step of a dialogue: one of these is set. */
struct tcp_step {
	const char *expect; /* a regular expression */
	const char *send; /* with \r and the like, and ${1} */
	bool starttls;
};

struct tcp_tls {
	struct tls_options tls;
	bool is_enabled;
};

struct tcp_options {
	struct reach reach;
	const struct tcp_tls *tls; /* NULL: nothing about it was said */
	enum starttls_protocol starttls;
	struct option_steps dialogue; /* of struct tcp_step */

	/* Prepared. */
	const struct tls_options *tls_used; /* whenever TLS is spoken */
	const char *alpn;
	unsigned alpn_len;
	bool is_tls_at_once;
};

extern const struct option_table tcp_table, tcp_tls_table;

void tcp_options_prepare(void *options, struct arena *arena, struct complaints *complaints,
			 const struct option_places *places);
