/* share.h - within config/: options that many endpoints have alike are kept once.
 *
 * A hundred thousand endpoints of one probe mostly differ in what they look at, and in nothing else.
 * A probe says what is the endpoint's own (struct probe_parts); the rest is looked for among
 * what was kept before, by all of its bytes, and prepared once.
 */
#pragma once

#include <stddef.h>

struct build;
struct endpoint;
struct loader;
struct objective;
struct patience;
struct terms;

/* Memory for the options of the endpoint that is being made, the same for one after the other. */
void *share_draft(struct loader *loader, unsigned type_number);
void share_done(struct loader *loader);

/* Prepares the options of the endpoint, which then are whole at *options, and takes
 * what is to be kept of them: all of it to *ret_options, or with *ret_own what is its own.
 */
void share_options(struct build *build, const void **options, const void **ret_options,
		   const void **ret_own);

/* What many agree on, the target of `slo` worked out. */
const struct terms *share_terms(struct loader *loader, const struct patience *confirm,
				const struct objective *slo);

/* The options of an endpoint as its table has them: in memory of their own, to be freed; or NULL,
 * where endpoint->options are these.
 */
void *share_whole(const struct endpoint *endpoint);
