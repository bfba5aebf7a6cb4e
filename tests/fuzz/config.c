/* config.c - a configuration is taken, or refused with a reason.
 *
 * Over: config/syntax.c config/tree.c config/build.c config/layers.c config/children.c
 * config/keys.c config/endpoint.c config/reference.c config/pattern.c config/relations.c
 * config/lines.c config/receivers.c config/explain.c option/set.c option/scalar.c option/show.c
 */
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "config/snapshot.h"
#include "fuzz.h"
#include "option/complaint.h"

/* What is shown of a configuration is JSON, whatever is in it. */
static void explain(const struct snapshot *snapshot, const struct endpoint *endpoint)
{
	struct text text = { 0 };
	json_t *json;

	snapshot_explain(snapshot, endpoint, NULL, &text);
	json = json_loadb(text_string(&text), text.len, 0, NULL);
	assert(json);
	json_decref(json);
	text_done(&text);
}

static void begin(void)
{
	static bool has_begun;

	if (has_begun)
		return;
	has_begun = true;
	/* What it reads beside the file is not of the machine it runs on. */
	if (chdir(fuzz_folder()) < 0)
		abort();
	(void)umask(027);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct complaints *complaints = complaints_new();
	struct snapshot *snapshot = NULL;
	struct text printed = { 0 };
	int r;

	begin();
	fuzz_write("picket.yaml", data, len);
	r = snapshot_load("picket.yaml", complaints, &snapshot);
	complaints_print(complaints, &printed);
	assert((r < 0) == (complaints_faults(complaints) > 0));
	assert((r < 0) == !snapshot);
	assert(r == 0 || printed.len > 0);
	if (snapshot) {
		explain(snapshot, NULL);
		for (unsigned i = 0; i < snapshot->endpoints_count; i++)
			explain(snapshot, snapshot->endpoints[i]);
		snapshot_unref(snapshot);
	}
	text_done(&printed);
	complaints_free(complaints);
	return 0;
}
