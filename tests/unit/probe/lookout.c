/* lookout.c - claims about a further loop: what it is handed, what it gives up, how it ends. */
#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/histogram.h"
#include "base/memory.h"
#include "base/queue.h"
#include "loop/resolve.h"
#include "model/check.h"
#include "probe/lookout.h"
#include "probe/probing.h"

enum { CHECKS = 5000, PATIENCE_S = 60 };

static const struct check_limits limits = { .evidence_bytes = 1024 };

/* A lookout, and what came out of it. */
struct scene {
	struct lookout *lookout;
	struct queue *observed; /* of checks */
	pthread_t first; /* the thread of whoever hands over */
	bool was_here; /* something was observed on it */
	sem_t at_gate; /* a probe is there */
	sem_t gate; /* and may go on */
};

/* --- A probe that does as it is told ------------------------------------------------------ */

struct fake {
	struct probing probing;
};

static void fake_end(struct probing *probing)
{
	probing->check->observation.class = CLASS_timeout;
	probing_end(probing);
}

static void fake_stop(struct probing *probing)
{
}

static void fake_release(struct probing *probing)
{
	free(probing);
}

static const struct probing_verbs fake_verbs = { fake_end, fake_stop, fake_release };

static struct probing *begin(struct check *check, struct probe_tools *tools, probe_done *done,
			     void *context)
{
	struct fake *fake = MEMORY_NEW(struct fake);

	probing_begin(&fake->probing, &fake_verbs, check, tools, done, context);
	return &fake->probing;
}

static void answer_at_once(struct check *check, struct probe_tools *tools, probe_done *done,
			   void *context)
{
	probing_end_later(begin(check, tools, done, context));
}

/* Ends by its deadline, or where it is cancelled. */
static void hang(struct check *check, struct probe_tools *tools, probe_done *done, void *context)
{
	(void)begin(check, tools, done, context);
}

/* What no probe ever does: the loop itself waits. */
static void block(struct check *check, struct probe_tools *tools, probe_done *done, void *context)
{
	struct scene *scene = (void *)(uintptr_t)check->endpoint->options;

	(void)sem_post(&scene->at_gate);
	while (sem_wait(&scene->gate) < 0)
		; /* EINTR */
	answer_at_once(check, tools, done, context);
}

static const struct probe_type quick = { .name = "quick",
					 .start = answer_at_once,
					 .cancel = probing_cancel };
static const struct probe_type hanging = { .name = "hanging",
					   .start = hang,
					   .cancel = probing_cancel };
static const struct probe_type blocking = { .name = "blocking",
					    .start = block,
					    .cancel = probing_cancel };

/* --- The scene ----------------------------------------------------------------------------- */

static void observed(struct check *check, void *context)
{
	struct scene *scene = context;

	scene->was_here |= pthread_equal(pthread_self(), scene->first) != 0;
	assert_int_equal(queue_push(scene->observed, check), 0);
}

static const struct resolver_options nobody = {
	.servers = (const char *const[]){ "127.0.0.1:1", NULL },
	.timeout = USEC_PER_SEC,
	.tries = 1,
};

static int set_up(void **state)
{
	struct scene *scene = MEMORY_NEW(struct scene);
	const struct lookout_options options = {
		.number = 7,
		.resolver = &nobody,
		.observed = observed,
		.context = scene,
	};

	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	scene->first = pthread_self();
	scene->observed = queue_new(CHECKS);
	(void)sem_init(&scene->at_gate, 0, 0);
	(void)sem_init(&scene->gate, 0, 0);
	scene->lookout = lookout_new(&options);
	assert_non_null(scene->lookout);
	assert_int_equal(lookout_start(scene->lookout), 0);
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	assert_true(lookout_end(scene->lookout));
	assert_int_equal(queue_count(scene->observed), 0);
	assert_false(scene->was_here);
	lookout_free(scene->lookout);
	queue_free(scene->observed);
	free(scene);
	return 0;
}

static void hand(struct scene *scene, const struct endpoint *endpoint, uint32_t id)
{
	struct check *check = check_new(endpoint, &limits);

	check->watch_id = id;
	check->generation = 1;
	check_advance(check, CHECK_PROBING);
	lookout_hand(scene->lookout, check);
}

/* --- Claims -------------------------------------------------------------------------------- */

static void everything_handed_over_is_looked_at_once(void **state)
{
	struct scene *scene = *state;
	const struct endpoint endpoint = { .type = &quick, .timeout = PATIENCE_S * USEC_PER_SEC };
	bool seen[CHECKS] = { false };
	struct histogram turns;
	const usec_t before = clock_now();

	for (uint32_t i = 0; i < CHECKS; i++) {
		hand(scene, &endpoint, i);
		if (i % 64 == 63)
			lookout_send(scene->lookout);
	}
	lookout_send(scene->lookout);
	for (uint32_t i = 0; i < CHECKS; i++) {
		struct check *check = queue_pop(scene->observed);

		assert_false(seen[check->watch_id]);
		seen[check->watch_id] = true;
		assert_false(check->is_cancelled);
		assert_in_range(check->started, before, clock_now());
		assert_int_equal(check->deadline, check->started + endpoint.timeout);
		check_free(check);
	}
	lookout_turns(scene->lookout, &turns);
	/* Never more than 64 in one; the last may not have ended yet. */
	assert_true(turns.count + 1 >= CHECKS / 64);
}

static void what_is_gathered_waits_until_it_is_sent(void **state)
{
	struct scene *scene = *state;
	const struct endpoint endpoint = { .type = &quick, .timeout = PATIENCE_S * USEC_PER_SEC };

	hand(scene, &endpoint, 1);
	assert_int_equal(lookout_silence(scene->lookout, clock_now() + USEC_PER_SEC), 0);
	assert_int_equal(queue_count(scene->observed), 0);
	lookout_send(scene->lookout);
	check_free(queue_pop(scene->observed));
}

static void a_check_ends_by_its_own_timeout(void **state)
{
	struct scene *scene = *state;
	const struct endpoint endpoint = { .type = &hanging, .timeout = 10 * USEC_PER_MS };
	struct check *check;

	hand(scene, &endpoint, 1);
	lookout_send(scene->lookout);
	check = queue_pop(scene->observed);
	assert_int_equal(check->observation.class, CLASS_timeout);
	assert_true(clock_now() >= check->deadline);
	check_free(check);
}

static void only_the_check_that_is_meant_is_given_up(void **state)
{
	struct scene *scene = *state;
	const struct endpoint endpoint = { .type = &hanging, .timeout = PATIENCE_S * USEC_PER_SEC };
	struct check *check;

	for (uint32_t i = 0; i < 3; i++)
		hand(scene, &endpoint, i);
	/* Another generation is another watch. */
	lookout_cancel(scene->lookout, 0, 2);
	lookout_cancel(scene->lookout, 1, 1);
	check = queue_pop(scene->observed);
	assert_int_equal(check->watch_id, 1);
	assert_true(check->is_cancelled);
	check_free(check);
	/* It is gone, so this finds nobody. */
	lookout_cancel(scene->lookout, 1, 1);
	lookout_cancel(scene->lookout, 2, 1);
	check = queue_pop(scene->observed);
	assert_int_equal(check->watch_id, 2);
	check_free(check);
	assert_int_equal(queue_count(scene->observed), 0);
	lookout_cancel_all(scene->lookout);
	check = queue_pop(scene->observed);
	assert_int_equal(check->watch_id, 0);
	check_free(check);
}

static void all_are_given_up_wherever_they_are(void **state)
{
	struct scene *scene = *state;
	const struct endpoint blocked = { .type = &blocking,
					  .timeout = PATIENCE_S * USEC_PER_SEC,
					  .options = scene };
	const struct endpoint endpoint = { .type = &hanging, .timeout = PATIENCE_S * USEC_PER_SEC };
	unsigned cancelled = 0;

	for (uint32_t i = 0; i < 100; i++)
		hand(scene, &endpoint, i);
	hand(scene, &blocked, 100);
	lookout_send(scene->lookout);
	while (sem_wait(&scene->at_gate) < 0)
		; /* EINTR */
	/* Some are in the probes' hands, and more wait for the loop, which is not turning. */
	for (uint32_t i = 101; i < 1000; i++)
		hand(scene, &endpoint, i);
	lookout_send(scene->lookout);
	lookout_cancel_all(scene->lookout);
	(void)sem_post(&scene->gate);
	for (uint32_t i = 0; i < 1000; i++) {
		struct check *check = queue_pop(scene->observed);

		cancelled += check->is_cancelled;
		check_free(check);
	}
	/* The one that held the loop up may have been done before it was told. */
	assert_true(cancelled >= 999);
}

static void a_loop_that_does_not_turn_is_noticed(void **state)
{
	struct scene *scene = *state;
	const struct endpoint endpoint = { .type = &blocking,
					   .timeout = PATIENCE_S * USEC_PER_SEC,
					   .options = scene };
	usec_t now;

	hand(scene, &endpoint, 1);
	lookout_send(scene->lookout);
	while (sem_wait(&scene->at_gate) < 0)
		; /* EINTR */
	now = clock_now();
	/* It has taken what it was handed, and nobody has asked since. */
	assert_int_equal(lookout_silence(scene->lookout, now + 20 * USEC_PER_SEC), 0);
	lookout_ask(scene->lookout);
	assert_true(lookout_silence(scene->lookout, clock_now() + 20 * USEC_PER_SEC) >=
		    20 * USEC_PER_SEC);
	lookout_ask(scene->lookout);
	assert_true(lookout_silence(scene->lookout, now + 20 * USEC_PER_SEC) > 0);
	(void)sem_post(&scene->gate);
	check_free(queue_pop(scene->observed));
	/* It turns: the next check shows that the question was answered. */
	hand(scene, &(struct endpoint){ .type = &quick, .timeout = USEC_PER_SEC }, 2);
	lookout_send(scene->lookout);
	check_free(queue_pop(scene->observed));
	assert_int_equal(lookout_silence(scene->lookout, clock_now() + 20 * USEC_PER_SEC), 0);
}

static void one_that_does_not_turn_is_left_behind(void **state)
{
	/* It is never freed, which is no leak of this test's. */
	static struct scene *scene;
	static struct endpoint endpoint = { .type = &blocking,
					    .timeout = PATIENCE_S * USEC_PER_SEC };

	(void)set_up((void **)&scene);
	endpoint.options = scene;
	hand(scene, &endpoint, 1);
	lookout_send(scene->lookout);
	while (sem_wait(&scene->at_gate) < 0)
		; /* EINTR */
	assert_false(lookout_end(scene->lookout));
	/* It goes with the process, or would; here it ends after all. */
	(void)sem_post(&scene->gate);
	check_free(queue_pop(scene->observed));
	(void)state;
}

static void name_servers_may_change_at_any_time(void **state)
{
	struct scene *scene = *state;
	const struct endpoint endpoint = { .type = &quick, .timeout = PATIENCE_S * USEC_PER_SEC };
	char *server = memory_text("127.0.0.1:2");
	const char *servers[] = { server, NULL };
	const struct resolver_options options = { .servers = servers,
						  .timeout = USEC_PER_SEC,
						  .tries = 2 };

	for (uint32_t i = 0; i < 100; i++) {
		lookout_configure(scene->lookout, &options);
		hand(scene, &endpoint, i);
		lookout_send(scene->lookout);
	}
	/* They were copied. */
	memset(server, 'x', strlen(server));
	free(server);
	for (uint32_t i = 0; i < 100; i++)
		check_free(queue_pop(scene->observed));
}

static void it_ends_with_mail_that_nobody_reads_any_more(void **state)
{
	struct scene *scene = *state;

	lookout_configure(scene->lookout, &nobody);
	lookout_cancel(scene->lookout, 1, 1);
	lookout_ask(scene->lookout);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(everything_handed_over_is_looked_at_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_gathered_waits_until_it_is_sent, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_check_ends_by_its_own_timeout, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_the_check_that_is_meant_is_given_up, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(all_are_given_up_wherever_they_are, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_loop_that_does_not_turn_is_noticed, set_up,
						tear_down),
		cmocka_unit_test(one_that_does_not_turn_is_left_behind),
		cmocka_unit_test_setup_teardown(name_servers_may_change_at_any_time, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(it_ends_with_mail_that_nobody_reads_any_more,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
