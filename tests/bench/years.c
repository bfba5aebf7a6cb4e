/* years.c - what history costs on the disk, and how long it takes to be read.
 *
 *   years ENDPOINTS DAYS [FOLDER]
 *
 * With FOLDER the years end now, and the store of endpoints e0, e1, … is left there.
 *
 * A false clock, a real store: every endpoint is checked every 30 s, one in fifty is down for ten minutes
 * a day, latencies vary by a third.  Rows are written and aged as the daemon does it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../unit/history/rig.h"

enum { CHECKS_A_SPAN = 10 };

static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void check_all(struct rig *rig, uint64_t *seed)
{
	for (unsigned i = 0; i < rig->count; i++) {
		const usec_t usual = 2000 + 500 * (i % 200);

		for (unsigned k = 0; k < CHECKS_A_SPAN; k++) {
			const bool is_slow = draw(seed) % 50 == 0;
			const usec_t latency =
				usual + draw(seed) % (usual / 3) * (is_slow ? 20 : 1);

			rig_check(rig, i, latency,
				  draw(seed) % 5000 == 0 ? CLASS_timeout : CLASS_NONE);
		}
	}
}

static void flap_some(struct rig *rig, usec_t start)
{
	const usec_t second = (rig->wall - start) / USEC_PER_SEC;
	const unsigned day = (unsigned)(second / 86400);

	for (unsigned i = day % 50; i < rig->count; i += 50) {
		if (second % 86400 == 36000)
			rig_set_state(rig, i, STATE_DOWN, rig->wall);
		else if (second % 86400 == 36600)
			rig_set_state(rig, i, STATE_UP, rig->wall);
	}
}

static void read_back(struct rig *rig, const char *words, usec_t span, usec_t step)
{
	const usec_t from = rig->wall - span;
	usec_t least = USEC_NEVER, sum = 0;
	enum { TIMES_READ = 20 };

	for (unsigned i = 0; i < TIMES_READ; i++) {
		const usec_t began = clock_now();
		struct past past = rig_ask(rig, i % rig->count, from, step);
		const usec_t took = clock_now() - began;

		sum += took;
		least = took < least ? took : least;
		free(past.steps);
	}
	(void)printf("%s: mean %.1f ms, least %.1f ms\n", words, (double)sum / TIMES_READ / 1000,
		     (double)least / 1000);
}

static void print_size(const struct rig *rig)
{
	char path[96];
	struct stat about;

	(void)snprintf(path, sizeof(path), "%s/picket.db", rig->folder);
	if (stat(path, &about) == 0)
		(void)printf("%lld bytes, %.0f an endpoint\n", (long long)about.st_size,
			     (double)about.st_size / rig->count);
	(void)fflush(stdout);
}

static void leave_store(const struct rig *rig, const char *folder)
{
	char command[512];

	(void)snprintf(command, sizeof(command), "cp -- %s/picket.db* '%s'", rig->folder, folder);
	assert_int_equal(system(command), 0);
}

int main(int argc, char **argv)
{
	const unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100;
	const unsigned days = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 30;
	const char *folder = argc > 3 ? argv[3] : NULL;
	const usec_t now = clock_wall() - clock_wall() % (5 * USEC_PER_MIN);
	const usec_t start = folder ? now - days * USEC_PER_DAY : 1764547200 * USEC_PER_SEC;
	const usec_t began = clock_now();
	uint64_t seed = 88172645463325252u;
	struct rig rig;

	rig_init(&rig, count, start);
	rig.settings.store_bytes = (uint64_t)16 << 30;
	history_configure(rig.history, &rig.settings);
	rig.is_hasty = true;
	while (rig.wall < start + days * USEC_PER_DAY) {
		check_all(&rig, &seed);
		flap_some(&rig, start);
		rig_pass(&rig, rig.wall + 5 * USEC_PER_MIN);
		if ((rig.wall - start) % (30 * USEC_PER_DAY) == 0) {
			(void)printf("day %u after %.0f s: ",
				     (unsigned)((rig.wall - start) / USEC_PER_DAY),
				     (double)(clock_now() - began) / 1e6);
			print_size(&rig);
		}
	}
	read_back(&rig, "24h by 5m", USEC_PER_DAY, 5 * USEC_PER_MIN);
	read_back(&rig, "14d by 1h", 14 * USEC_PER_DAY, USEC_PER_HOUR);
	read_back(&rig, "365d by 1d", 365 * USEC_PER_DAY, PAST_DAYS);
	read_back(&rig, "365d by 3h", 365 * USEC_PER_DAY, 3 * USEC_PER_HOUR);
	rig_stop(&rig, false);
	print_size(&rig);
	if (folder)
		leave_store(&rig, folder);
	rig_done(&rig);
	return 0;
}
