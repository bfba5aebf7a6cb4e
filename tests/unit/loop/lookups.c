/* lookups.c - a resolver with two servers, a hosts file and a resolv.conf of its own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "lookups.h"
#include "loop/loop.h"

void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

void configure(struct stage *stage, const char *const *servers)
{
	const struct resolver_options options = {
		.servers = servers,
		.timeout = stage->timeout,
		.tries = 2,
		.resolv_conf = stage->resolv_conf,
		.hosts = stage->hosts,
	};

	if (stage->resolver)
		resolver_configure(stage->resolver, &options);
	else
		stage->resolver = resolver_new(stage->base, &options);
}

void be_impatient(struct stage *stage)
{
	stage->timeout = TRY;
	configure(stage, (const char *const[]){ stage->dns.address, NULL });
}

int stage_set_up(void **state)
{
	struct stage *stage = MEMORY_NEW(struct stage);

	stage->timeout = 15 * USEC_PER_SEC;
	stage->base = loop_new();
	dns_init(&stage->dns, stage->base);
	dns_init(&stage->other, stage->base);
	(void)snprintf(stage->folder, sizeof(stage->folder), "/tmp/resolve-XXXXXX");
	assert_non_null(mkdtemp(stage->folder));
	(void)snprintf(stage->hosts, sizeof(stage->hosts), "%s/hosts", stage->folder);
	(void)snprintf(stage->resolv_conf, sizeof(stage->resolv_conf), "%s/resolv.conf",
		       stage->folder);
	write_file(stage->hosts, "192.0.2.9 pinned.test  Alias # comment\n"
				 "not-an-address wrong\n"
				 "2001:db8::9\tpinned.test\n");
	configure(stage, (const char *const[]){ stage->dns.address, NULL });
	*state = stage;
	return 0;
}

int stage_tear_down(void **state)
{
	struct stage *stage = *state;

	resolver_free(stage->resolver);
	dns_done(&stage->dns);
	dns_done(&stage->other);
	event_base_free(stage->base);
	(void)unlink(stage->hosts);
	(void)unlink(stage->resolv_conf);
	assert_return_code(rmdir(stage->folder), errno);
	free(stage);
	return 0;
}

static void note(const struct resolved *resolved, void *context)
{
	struct result *result = context;

	assert_false(result->is_told);
	result->is_told = true;
	result->outcome = resolved->outcome;
	result->took = resolved->took;
	result->count = resolved->count;
	for (unsigned i = 0; i < resolved->count; i++) {
		if (i)
			text_append_char(&result->addresses, ' ');
		ip_print(&result->addresses, &resolved->addresses[i]);
	}
	(void)snprintf(result->detail, sizeof(result->detail), "%s",
		       resolved->detail ? resolved->detail : "");
	result->stage->waiting--;
}

void start(struct stage *stage, struct result *result, const char *name, int family,
	   const char *server)
{
	*result = (struct result){ .stage = stage };
	stage->waiting++;
	result->lookup = resolve_start(stage->resolver, name, family, server, note, result);
	assert_false(result->is_told);
}

void wait_for_all(struct stage *stage)
{
	const usec_t end = clock_now() + 20 * USEC_PER_SEC;

	while (stage->waiting > 0) {
		assert_true(clock_now() < end);
		(void)event_base_loop(stage->base, EVLOOP_ONCE);
	}
}

struct result lookup(struct stage *stage, const char *name, int family, const char *server)
{
	struct result result;

	start(stage, &result, name, family, server);
	wait_for_all(stage);
	return result;
}

void assert_addresses(struct stage *stage, const char *name, int family, const char *expected)
{
	struct result result = lookup(stage, name, family, NULL);

	assert_string_equal(result.detail, "");
	assert_int_equal(result.outcome, RESOLVE_OK);
	assert_string_equal(text_string(&result.addresses), expected);
	text_done(&result.addresses);
}

void assert_failure(struct stage *stage, const char *name, enum resolve_outcome expected,
		    const char *detail)
{
	const struct result result = lookup(stage, name, AF_UNSPEC, NULL);

	assert_int_equal(result.outcome, expected);
	assert_int_equal(result.count, 0);
	if (!strstr(result.detail, detail) || (*detail == '\0' && *result.detail))
		fail_msg("'%s' does not say '%s'", result.detail, detail);
}
