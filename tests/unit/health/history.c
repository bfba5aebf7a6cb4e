/* history.c - health agrees with a slow reader who looks through all verdicts every time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "health/health.h"

enum { LONGEST = 400 };

/* All verdicts since the beginning, or since the state became unknown. */
struct reader {
	char verdicts[LONGEST + 1];
	unsigned walls[LONGEST];
	unsigned count;
	enum state state;
	unsigned since;
};

static uint64_t random_below(uint64_t below)
{
	static uint64_t state = 99;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 33) % below;
}

/* How many of the last verdicts are of `wanted`; those in `ignored` are passed over. */
static unsigned run_of(const struct reader *reader, const char *wanted, const char *ignored,
		       unsigned *ret_first)
{
	unsigned length = 0;

	for (unsigned i = reader->count; i-- > 0;) {
		if (strchr(ignored, reader->verdicts[i]))
			continue;
		if (!strchr(wanted, reader->verdicts[i]))
			break;
		*ret_first = reader->walls[i];
		length++;
	}
	return length;
}

static void become(struct reader *reader, enum state state, unsigned since)
{
	reader->state = state;
	reader->since = since;
	if (state == STATE_UNKNOWN)
		reader->count = 0;
}

static void read_fail_or_warn(struct reader *reader, const struct patience *patience)
{
	unsigned first = 0;

	if (reader->state != STATE_DOWN && run_of(reader, "F", "LN", &first) >= patience->failures)
		become(reader, STATE_DOWN, first);
	else if (reader->state != STATE_DOWN && reader->state != STATE_DEGRADED &&
		 run_of(reader, "FW", "LN", &first) >= patience->failures)
		become(reader, STATE_DEGRADED, first);
}

static void read_one(struct reader *reader, char letter, const struct patience *patience,
		     unsigned wall)
{
	unsigned first = 0;

	reader->verdicts[reader->count] = letter;
	reader->walls[reader->count++] = wall;
	if (letter == 'L') {
		if (reader->state != STATE_UNKNOWN &&
		    run_of(reader, "L", "", &first) >= patience->failures)
			become(reader, STATE_UNKNOWN, first);
		return;
	}
	if (letter == 'N') {
		if (reader->state != STATE_UNKNOWN &&
		    run_of(reader, "N", "L", &first) >= patience->failures)
			become(reader, STATE_UNKNOWN, first);
		return;
	}
	if (letter == 'P' && reader->state == STATE_PENDING) {
		become(reader, STATE_UP, wall);
	} else if (letter != 'F' && reader->state != STATE_UP && reader->state != STATE_PENDING &&
		   run_of(reader, "P", "L", &first) >= patience->successes) {
		become(reader, STATE_UP, first);
	} else if (letter != 'F' &&
		   (reader->state == STATE_DOWN || reader->state == STATE_UNKNOWN) &&
		   run_of(reader, "PW", "L", &first) >= patience->successes) {
		become(reader, STATE_DEGRADED, first);
	} else if (letter != 'P') {
		read_fail_or_warn(reader, patience);
	}
}

static struct verdict verdict_of(char letter)
{
	return (struct verdict){
		.kind = letter == 'P'	? VERDICT_PASS
			: letter == 'W' ? VERDICT_WARN
					: VERDICT_FAIL,
		.class = letter == 'P'	 ? CLASS_NONE
			 : letter == 'L' ? CLASS_local
			 : letter == 'N' ? CLASS_plugin_unknown
					 : CLASS_expectation,
	};
}

/* Verdicts come in runs, as they do in life; short ones and long ones. */
static char next_letter(void)
{
	static char letter = 'P';
	static uint64_t stickiness = 2;

	if (random_below(30) == 0)
		stickiness = 1 + random_below(6);
	if (random_below(stickiness) == 0)
		letter = "PWFLN"[random_below(5)];
	return letter;
}

static void both_come_to_the_same_states(void **state)
{
	unsigned changes = 0;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		const struct patience patience = { .failures = 1 + (unsigned)random_below(5),
						   .successes = 1 + (unsigned)random_below(4) };
		struct reader reader = { .state = STATE_PENDING };
		struct standing standing;

		health_init(&standing, 0);
		for (unsigned wall = 1; wall <= LONGEST; wall++) {
			const char letter = next_letter();
			const struct verdict verdict = verdict_of(letter);

			changes += health_record(&standing, &verdict, &patience, wall).is_changed;
			read_one(&reader, letter, &patience, wall);
			assert_int_equal(standing.state, reader.state);
			assert_int_equal(standing.since, reader.since);
			assert_true(standing.seen < standing.needed || standing.needed == 0);
			assert_int_equal(standing.needed != 0, standing.leaning != standing.state);
		}
	}
	assert_true(changes > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_come_to_the_same_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
