/* stage.h - what claims about tellers have at hand: incidents, receivers, and time. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alert/teller.h"
#include "base/text.h"
#include "store/row.h"

#define SECOND	    USEC_PER_SEC
#define START	    (1000 * SECOND)

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

enum { INCIDENTS = 8, OUT_MAX = 64 };

extern const char *const by_endpoint[];
extern const char *const to_ops[];
extern const char *const to_both[];
/* Of the boss only what is critical, and not its end. */
extern struct receiver ops, boss;
extern const struct receiver *const both[];

struct stage {
	struct teller *teller;
	struct incident *incidents[INCIDENTS];
	struct endpoint endpoints[INCIDENTS];
	struct watch watches[INCIDENTS];
	struct notification *out[OUT_MAX]; /* in flight */
	unsigned out_count;
	struct text told; /* "ops problem a,b; …" */
	struct pack rows;
	bool keeps; /* whatever happens is in the rows, and on the disk at once */
	uint64_t batch;
	usec_t now;
	usec_t set_by; /* the clock on the wall, so far */
};

int init(void **state);
int done(void **state);

/* Where rows go, or NULL. */
struct pack *kept(struct stage *stage);
struct moment at(const struct stage *stage);
struct incident *make(struct stage *stage, unsigned number, const char *const *notify);
void opens(struct stage *stage, unsigned number, const char *const *notify);
void closes(struct stage *stage, unsigned number);
void drop_incidents(struct stage *stage);
/* Everything that comes up to `seconds` from now; what was told meanwhile. */
const char *passes(struct stage *stage, unsigned seconds);
/* The end of the oldest delivery; whether it was the message's end too. */
bool ends(struct stage *stage, enum delivery_outcome outcome, usec_t retry_after);
/* All that are out. */
void taken(struct stage *stage);
/* A new run that has read what was written; nobody hears of the old one any more. */
void restart(struct stage *stage);
