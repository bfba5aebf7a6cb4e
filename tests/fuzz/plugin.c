/* plugin.c - what a monitoring plugin prints, and the ranges in it.
 *
 * Over: probe/plugin.c
 */
#include "probe/plugin.h"
#include "base/memory.h"
#include "fuzz.h"
#include "model/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	struct process_facts *facts = MEMORY_NEW(struct process_facts);
	size_t output_len;
	char *output = fuzz_rest(&input, &output_len);

	plugin_read(output, output_len, facts);
	assert(!facts->said || !strchr(facts->said, '\n'));
	for (size_t i = 0; i < facts->perf_count; i++) {
		const struct perf *perf = &facts->perf[i];

		assert(perf->label);
		assert(strnlen(perf->unit, sizeof(perf->unit)) < sizeof(perf->unit));
		/* Without a value nothing says whether it is a good one. */
		assert(perf->has_value || perf->level == PERF_NO_LEVEL);
		assert(perf->warn || perf->crit || perf->level == PERF_NO_LEVEL);
	}
	/* Each number takes at least a label, a sign and a digit. */
	assert(facts->perf_count <= len / 3 + 1);
	(void)plugin_range_alerts(output, 5);
	process_facts_free(facts);
	free(output);
	return 0;
}
