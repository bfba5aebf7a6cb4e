/* queue.c - first in, first out, never more than the capacity, between any threads. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/queue.h"

enum { PRODUCERS = 4, CONSUMERS = 3, ITEMS = 20000, CAPACITY = 16 };

/* Any address that is not NULL. */
static void *item_of(size_t number)
{
	static char items[PRODUCERS * ITEMS];

	return &items[number];
}

static void what_goes_in_first_comes_out_first(void **state)
{
	struct queue *const queue = queue_new(3);

	(void)state;
	assert_null(queue_try_pop(queue));
	for (size_t round = 0; round < 10; round++) {
		assert_int_equal(queue_push(queue, item_of(1)), 0);
		assert_int_equal(queue_push(queue, item_of(2)), 0);
		assert_int_equal(queue_count(queue), 2);
		assert_ptr_equal(queue_pop(queue), item_of(1));
		assert_ptr_equal(queue_try_pop(queue), item_of(2));
		assert_int_equal(queue_count(queue), 0);
	}
	queue_free(queue);
}

static void a_full_queue_takes_no_more(void **state)
{
	struct queue *const queue = queue_new(2);

	(void)state;
	assert_int_equal(queue_push(queue, item_of(1)), 0);
	assert_int_equal(queue_push(queue, item_of(2)), 0);
	assert_int_equal(queue_push(queue, item_of(3)), -ENOSPC);
	assert_int_equal(queue_count(queue), 2);
	assert_ptr_equal(queue_pop(queue), item_of(1));
	assert_int_equal(queue_push(queue, item_of(3)), 0);
	assert_ptr_equal(queue_pop(queue), item_of(2));
	assert_ptr_equal(queue_pop(queue), item_of(3));
	queue_free(queue);
}

static void several_are_taken_at_once_in_order(void **state)
{
	struct queue *const queue = queue_new(5);
	void *items[5];

	(void)state;
	/* Begin in the middle of the ring. */
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(queue_push(queue, item_of(9)), 0);
		assert_non_null(queue_pop(queue));
	}
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(queue_push(queue, item_of(i)), 0);
	assert_int_equal(queue_pop_some(queue, items, 2), 2);
	assert_ptr_equal(items[0], item_of(0));
	assert_ptr_equal(items[1], item_of(1));
	assert_int_equal(queue_pop_some(queue, items, 5), 3);
	assert_ptr_equal(items[2], item_of(4));
	queue_free(queue);
}

static void more_room_keeps_what_is_there(void **state)
{
	struct queue *const queue = queue_new(3);

	(void)state;
	assert_int_equal(queue_push(queue, item_of(0)), 0);
	assert_int_equal(queue_push(queue, item_of(1)), 0);
	assert_ptr_equal(queue_pop(queue), item_of(0));
	assert_int_equal(queue_push(queue, item_of(2)), 0);
	assert_int_equal(queue_push(queue, item_of(3)), 0);
	queue_reserve(queue, 2);
	assert_int_equal(queue_push(queue, item_of(4)), -ENOSPC);
	queue_reserve(queue, 5);
	assert_int_equal(queue_push(queue, item_of(4)), 0);
	assert_int_equal(queue_push(queue, item_of(5)), 0);
	assert_int_equal(queue_push(queue, item_of(6)), -ENOSPC);
	for (size_t i = 1; i < 6; i++)
		assert_ptr_equal(queue_pop(queue), item_of(i));
	queue_free(queue);
}

static void a_closed_queue_gives_what_is_left_and_then_nothing(void **state)
{
	struct queue *const queue = queue_new(3);
	void *items[2];

	(void)state;
	assert_int_equal(queue_push(queue, item_of(1)), 0);
	assert_int_equal(queue_push(queue, item_of(2)), 0);
	queue_close(queue);
	assert_int_equal(queue_push(queue, item_of(3)), -EPIPE);
	assert_ptr_equal(queue_pop(queue), item_of(1));
	assert_int_equal(queue_pop_some(queue, items, 2), 1);
	assert_null(queue_pop(queue));
	assert_null(queue_try_pop(queue));
	assert_int_equal(queue_pop_some(queue, items, 2), 0);
	queue_free(queue);
}

static void *wait_for_one(void *context)
{
	return queue_pop(context);
}

static void whoever_waits_is_woken_by_an_item(void **state)
{
	struct queue *const queue = queue_new(1);
	pthread_t waiter;
	void *got;

	(void)state;
	assert_int_equal(pthread_create(&waiter, NULL, wait_for_one, queue), 0);
	assert_int_equal(queue_push(queue, item_of(7)), 0);
	assert_int_equal(pthread_join(waiter, &got), 0);
	assert_ptr_equal(got, item_of(7));
	queue_free(queue);
}

static void whoever_waits_is_woken_by_the_end(void **state)
{
	struct queue *const queue = queue_new(1);
	pthread_t waiters[3];
	void *got;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&waiters[i], NULL, wait_for_one, queue), 0);
	queue_close(queue);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(pthread_join(waiters[i], &got), 0);
		assert_null(got);
	}
	queue_free(queue);
}

struct crowd {
	struct queue *queue;
	unsigned producer; /* which one this is */
	unsigned char *seen; /* how often each item came */
	pthread_mutex_t *lock;
	size_t got;
	bool is_in_order; /* each producer's items came in the order it made them */
};

static void *produce(void *context)
{
	struct crowd *const crowd = context;

	for (size_t i = 0; i < ITEMS; i++) {
		int r;

		do
			r = queue_push(crowd->queue, item_of(crowd->producer * ITEMS + i));
		while (r == -ENOSPC);
		if (r < 0)
			return NULL;
	}
	return context;
}

static void *consume(void *context)
{
	struct crowd *const crowd = context;
	size_t last[PRODUCERS] = { 0 };
	void *items[5];
	size_t count;

	crowd->is_in_order = true;
	while ((count = queue_pop_some(crowd->queue, items, 5))) {
		(void)pthread_mutex_lock(crowd->lock);
		for (size_t i = 0; i < count; i++) {
			const size_t number = (size_t)((char *)items[i] - (char *)item_of(0));

			crowd->seen[number]++;
			if (number % ITEMS + 1 <= last[number / ITEMS])
				crowd->is_in_order = false;
			last[number / ITEMS] = number % ITEMS + 1;
		}
		(void)pthread_mutex_unlock(crowd->lock);
		crowd->got += count;
	}
	return NULL;
}

static void among_many_threads_each_item_arrives_once(void **state)
{
	static unsigned char seen[PRODUCERS * ITEMS];
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct queue *const queue = queue_new(CAPACITY);
	struct crowd producers[PRODUCERS], consumers[CONSUMERS];
	pthread_t producing[PRODUCERS], consuming[CONSUMERS];
	size_t got = 0;
	void *done;

	(void)state;
	for (unsigned i = 0; i < CONSUMERS; i++) {
		consumers[i] = (struct crowd){ .queue = queue, .seen = seen, .lock = &lock };
		assert_int_equal(pthread_create(&consuming[i], NULL, consume, &consumers[i]), 0);
	}
	for (unsigned i = 0; i < PRODUCERS; i++) {
		producers[i] = (struct crowd){ .queue = queue, .producer = i };
		assert_int_equal(pthread_create(&producing[i], NULL, produce, &producers[i]), 0);
	}
	for (unsigned i = 0; i < PRODUCERS; i++) {
		assert_int_equal(pthread_join(producing[i], &done), 0);
		assert_non_null(done);
	}
	queue_close(queue);
	for (unsigned i = 0; i < CONSUMERS; i++) {
		assert_int_equal(pthread_join(consuming[i], NULL), 0);
		assert_true(consumers[i].is_in_order);
		got += consumers[i].got;
	}
	assert_int_equal(got, PRODUCERS * ITEMS);
	for (size_t i = 0; i < PRODUCERS * ITEMS; i++)
		assert_int_equal(seen[i], 1);
	queue_free(queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_first_comes_out_first),
		cmocka_unit_test(a_full_queue_takes_no_more),
		cmocka_unit_test(several_are_taken_at_once_in_order),
		cmocka_unit_test(more_room_keeps_what_is_there),
		cmocka_unit_test(a_closed_queue_gives_what_is_left_and_then_nothing),
		cmocka_unit_test(whoever_waits_is_woken_by_an_item),
		cmocka_unit_test(whoever_waits_is_woken_by_the_end),
		cmocka_unit_test(among_many_threads_each_item_arrives_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
