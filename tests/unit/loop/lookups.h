/* lookups.h - a resolver with two servers, a hosts file and a resolv.conf of its own. */
#pragma once

#include <event2/event.h>
#include <stdbool.h>

#include "base/text.h"
#include "dns.h"
#include "loop/resolve.h"

/* How long one try takes after be_impatient(); before, longer than any test. */
#define TRY (200 * USEC_PER_MS)

struct stage {
	struct event_base *base;
	struct resolver *resolver;
	struct dns dns, other;
	char folder[64], hosts[96], resolv_conf[96];
	usec_t timeout;
	unsigned waiting;
};

struct result {
	struct stage *stage;
	struct lookup *lookup;
	bool is_told;
	enum resolve_outcome outcome;
	struct text addresses; /* with a blank between them */
	char detail[160];
	usec_t took;
	unsigned count;
};

int stage_set_up(void **state);
int stage_tear_down(void **state);
void be_impatient(struct stage *stage);
/* `servers` as in struct resolver_options. */
void configure(struct stage *stage, const char *const *servers);
void write_file(const char *path, const char *text);

void start(struct stage *stage, struct result *result, const char *name, int family,
	   const char *server);
void wait_for_all(struct stage *stage);
struct result lookup(struct stage *stage, const char *name, int family, const char *server);
/* That the lookup gives these, with a blank between them. */
void assert_addresses(struct stage *stage, const char *name, int family, const char *expected);
/* That it fails so, and says so. */
void assert_failure(struct stage *stage, const char *name, enum resolve_outcome expected,
		    const char *detail);

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set_up, stage_tear_down)
