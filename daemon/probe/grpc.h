/* grpc.h - the keys of `grpc:`, and what they lead to. */
#pragma once

#include "probe/http_options.h"
#include "probe/reach.h"
#include "probe/tcp.h"

struct grpc_options {
	struct http_options http; /* prepared: what it comes to */
	struct reach reach;
	const char *service, *authority; /* or NULL */
	struct option_pairs metadata;
	const struct tcp_tls *tls; /* NULL: nothing about it was said */
};
