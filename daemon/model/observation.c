/* observation.c - all that a probe saw. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "model/dns.h"
#include "model/echo.h"
#include "model/file.h"
#include "model/observation.h"
#include "model/process.h"
#include "model/tls.h"

static void hop_done(struct hop *hop)
{
	free(hop->url);
	free(hop->request);
	free(hop->tried);
}

void observation_done(struct observation *observation)
{
	for (unsigned i = 0; i < observation->hops_count; i++)
		hop_done(&observation->hops[i]);
	free(observation->hops);
	free(observation->detail);
	free(observation->url);
	text_done(&observation->headers);
	text_done(&observation->body);
	if (observation->dns)
		dns_facts_free(observation->dns);
	if (observation->echo)
		echo_facts_free(observation->echo);
	if (observation->file)
		file_facts_free(observation->file);
	if (observation->process)
		process_facts_free(observation->process);
	if (observation->tls)
		tls_facts_free(observation->tls);
	*observation = (struct observation){ 0 };
}

void observation_set_phase(struct observation *observation, enum phase phase, usec_t took)
{
	observation->phases[phase] = took;
	observation->phases_seen = (uint8_t)(observation->phases_seen | 1u << phase);
}

void observation_fail(struct observation *observation, enum failure_class class, enum phase phase,
		      const char *format, ...)
{
	struct text detail = { 0 };

	if (format) {
		va_list arguments;

		va_start(arguments, format);
		text_vprint(&detail, format, arguments);
		va_end(arguments);
	}
	free(observation->detail);
	observation->detail = format ? text_take(&detail) : NULL;
	observation->class = class;
	observation->phase = phase;
}
