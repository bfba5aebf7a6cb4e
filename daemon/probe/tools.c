/* tools.c - what the probes of one loop use. */
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "loop/arrival.h"
#include "loop/child.h"
#include "loop/connect.h"
#include "loop/pinger.h"
#include "loop/resolve.h"
#include "loop/tls.h"
#include "loop/transfer.h"
#include "probe/http_shared.h"
#include "probe/http_token.h"
#include "probe/probe.h"
#include "probe/tls_files.h"

/* Until the configuration says otherwise. */
enum { CHILDREN_MAX = 32 };

struct probe_tools *probe_tools_new(struct event_base *base, struct orphans *orphans,
				    const struct resolver_options *options)
{
	struct probe_tools *tools = MEMORY_NEW(struct probe_tools);

	tools->base = base;
	tools->resolver = resolver_new(base, options);
	tools->connector = connector_new(base, tools->resolver);
	tools->stores = tls_stores_new();
	tools->files = tls_files_new();
	tools->transfers = transfers_new(base);
	tools->stamping = arrival_hold();
	if (orphans) {
		tools->children = children_new(base, orphans, CHILDREN_MAX);
		tools->pinger = pinger_new(base);
	}
	tools->http = MEMORY_NEW(struct http_shared);
	tools->http->tokens = http_tokens_new();
	return tools;
}

void probe_tools_free(struct probe_tools *tools)
{
	http_tokens_free(tools->http->tokens);
	free(tools->http);
	if (tools->pinger)
		pinger_free(tools->pinger);
	if (tools->children)
		children_free(tools->children);
	if (tools->stamping >= 0)
		(void)close(tools->stamping);
	transfers_free(tools->transfers);
	tls_files_free(tools->files);
	tls_stores_free(tools->stores);
	connector_free(tools->connector);
	resolver_free(tools->resolver);
	free(tools);
}
