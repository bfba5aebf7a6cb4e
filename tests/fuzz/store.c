/* store.c - a damaged file of the store is taken or set aside, and what is kept from then on is
 * there after a restart.
 *
 * A byte: whether the rest is the file itself; else it is damage to a good one, four bytes each
 * of place (three) and what stands there instead.
 *
 * Over: store/database.c store/folder.c store/schema.c store/thread.c store/store.c store/session.c
 */
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "fuzz.h"
#include "unit/store/bench.h"

enum { GOOD_MAX = 1 << 20, GOOD_ROWS = 200 };

static struct bench bench;
static char *good;
static size_t good_len;

static void begin(void)
{
	if (good)
		return;
	(void)snprintf(bench.folder, sizeof(bench.folder), "%s", fuzz_folder());
	(void)snprintf(bench.state, sizeof(bench.state), "%s/s", bench.folder);
	bench_open(&bench);
	bench_put_many(&bench, GOOD_ROWS);
	bench_put_and_wait(&bench, "last");
	/* Ends the log, so that all is in the one file. */
	bench_close(&bench);
	if (file_read(bench_file(&bench, "picket.db"), GOOD_MAX, &good, &good_len) < 0)
		abort();
}

/* Also of what was set aside. */
static void empty(void)
{
	glob_t files;

	if (glob(bench_file(&bench, "picket*"), 0, NULL, &files) != 0)
		return;
	for (size_t i = 0; i < files.gl_pathc; i++)
		(void)remove(files.gl_pathv[i]);
	globfree(&files);
}

/* A file of its own, and nothing beside it. */
static void put_file(struct fuzz *input)
{
	const bool is_whole = fuzz_byte(input) & 1;
	char *file;
	size_t len = good_len;

	empty();
	file = is_whole ? fuzz_rest(input, &len) : memory_text_len(good, good_len);
	while (!is_whole && input->len >= 4) {
		const size_t high = fuzz_byte(input), middle = fuzz_byte(input);
		const size_t place = high << 16 | middle << 8 | fuzz_byte(input);

		file[place % len] = (char)fuzz_byte(input);
	}
	fuzz_write(bench_file(&bench, "picket.db"), file, len);
	free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };

	begin();
	put_file(&input);
	bench_open(&bench);
	bench_wait(&bench, bench_is_loaded);
	/* What cannot be written into was taken for good: it is set aside then, or never was. */
	bench_put_and_wait(&bench, "after");
	bench_close(&bench);
	bench_open(&bench);
	bench_wait(&bench, bench_is_loaded);
	assert(bench.endpoints >= 1);
	bench_close(&bench);
	return 0;
}
