/* dns_secure.h - probe dns over TLS: one question on a connection of its own.
 *
 * Source: RFC 7858.
 */
#pragma once

#include "probe/probe.h"

/* start() of the probe where `transport` is tls. */
void dns_secure_start(struct check *check, struct probe_tools *tools, probe_done *done,
		      void *context);
