/* replay.c - drives a target over its corpus where libFuzzer does not: in every run of the tests.
 *
 *	fuzz-TARGET FOLDER ROUNDS
 *
 * Each input as it is, and then ROUNDS times cut short or with bytes changed, the same ones in
 * every run.  Prints TAP, one line a file.
 */
#include <glob.h>
#include <stdio.h>

#include "base/file.h"
#include "base/memory.h"
#include "fuzz.h"

enum { INPUT_MAX = 1 << 20, CHANGES = 4 };

static uint64_t seed = 20261201;

static size_t below(size_t bound)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % bound;
}

/* In memory of exactly its size, so that a look behind it is noticed. */
static void run(const char *data, size_t len)
{
	uint8_t *copy = memory_new(len ? len : 1, 1);

	memcpy(copy, data, len);
	(void)LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void run_changed(const char *data, size_t len)
{
	char *changed = memory_new(len + 1, 1);

	memcpy(changed, data, len);
	for (size_t i = below(CHANGES); i > 0 && len > 0; i--)
		changed[below(len)] = below(2) ? (char)below(256) : data[below(len)];
	run(changed, below(4) ? len : below(len + 1));
	free(changed);
}

int main(int argc, char **argv)
{
	unsigned long rounds;
	glob_t files;
	char *pattern;

	assert(argc == 3);
	rounds = strtoul(argv[2], NULL, 10);
	pattern = memory_print("%s/*", argv[1]);
	if (glob(pattern, 0, NULL, &files) != 0) {
		(void)printf("1..0 # nothing at %s\n", pattern);
		return 1;
	}
	(void)printf("1..%zu\n", files.gl_pathc);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		const char *path = files.gl_pathv[i];
		size_t len;
		char *data;

		/* What does not come back is then known by its name. */
		(void)fprintf(stderr, "%s\n", path);
		if (file_read(path, INPUT_MAX, &data, &len) < 0)
			return 1;
		run(data, len);
		for (unsigned long round = 0; round < rounds; round++)
			run_changed(data, len);
		free(data);
		(void)printf("ok %zu - %s\n", i + 1, strrchr(path, '/') + 1);
		(void)fflush(stdout);
	}
	globfree(&files);
	free(pattern);
	return 0;
}
