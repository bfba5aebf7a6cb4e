/* families.h - the metrics of endpoints: names and meaning of blackbox_exporter's, and our own.
 *
 * Source: prometheus/blackbox_exporter 0.23, its folder prober.  What did not happen is absent, also
 * where blackbox_exporter has a 0, but for what it says of every HTTP check.
 */
#pragma once

#include <stdbool.h>

#include "model/watch.h"
#include "status/exposition.h"

struct check;
struct figures;
struct history;

/* What is known of one endpoint, or of a target of /probe. */
struct probed {
	const struct endpoint *endpoint; /* whose labels each sample carries; NULL: none at all */
	const struct last_check *last;
	const struct figures *figures; /* NULL: nothing beyond `last` */
	enum state state; /* STATES: it has none */
	bool is_stale; /* from before a restart, and too old to be believed */
	bool shows_detail; /* what tells the address */
	const struct history *history; /* what was of `watch`; NULL: nothing is known */
	const struct watch *watch; /* NULL, or as `history` */
	usec_t wall;
};

unsigned families_count(void);
/* All samples that this one has in family `number`; the head before the first, where `has_head`
 * does not say that it is there already.  How many.
 */
unsigned families_print(struct exposition *to, unsigned number, const struct probed *one,
			bool *has_head);

/* What the check measured, for metrics; loop thread. */
void families_note(struct figures *figures, const struct check *check);
