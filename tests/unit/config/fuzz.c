/* fuzz.c - files that were good or bad once, with a few bytes changed, from a fixed seed.
 *
 * Whatever comes of it, it ends, and is either taken or refused with a reason
 * (bench_load() looks).  The sanitizers see the rest.
 */
#include <glob.h>

#include "base/file.h"
#include "base/memory.h"
#include "bench.h"
#include "config/corpus.h"

enum { MUTATIONS = 12, SEED = 20261122 };

static uint32_t random_next(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

static void mutate(char *text, size_t len, uint64_t *seed)
{
	static const char odd[] = "[]{}:,-?&*!|>'\"%@`#<\n\t $\\~x0\xc3\x80\xff";

	for (unsigned i = 0; i < 1 + random_next(seed) % 4 && len; i++) {
		const size_t at = random_next(seed) % len;
		const size_t from = random_next(seed) % len;
		const size_t run = random_next(seed) % 16;

		switch (random_next(seed) % 3) {
		case 0:
			text[at] = odd[random_next(seed) % (sizeof(odd) - 1)];
			break;
		case 1:
			text[at] = (char)random_next(seed);
			break;
		default:
			/* Something from elsewhere in the file. */
			memmove(text + at, text + from,
				run < len - (at > from ? at : from) ? run : 0);
		}
	}
}

static void damage_is_taken_or_refused_with_a_reason(void **state)
{
	struct bench *bench = *state;
	uint64_t seed = SEED;
	unsigned refused = 0;
	glob_t files;

	assert_int_equal(glob(CONFIG_CORPUS "/bad/*.yaml", 0, NULL, &files), 0);
	assert_int_equal(glob(CONFIG_CORPUS "/good/*.yaml", GLOB_APPEND, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc * MUTATIONS; i++) {
		char *text;
		size_t len;

		assert_int_equal(
			file_read(files.gl_pathv[i % files.gl_pathc], 1 << 20, &text, &len), 0);
		mutate(text, len, &seed);
		bench_write_bytes("picket.yaml", text, len);
		refused += bench_load(bench, NULL) < 0;
		free(text);
	}
	assert_true(refused > files.gl_pathc);
	globfree(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(damage_is_taken_or_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
