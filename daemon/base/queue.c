/* queue.c - a bounded queue of pointers between threads: a ring under one lock. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/queue.h"

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	void **items; /* owned ring; what it points to is the users' */
	size_t capacity;
	size_t first;
	size_t count;
	size_t sleepers;
	bool is_closed;
};

struct queue *queue_new(size_t capacity)
{
	struct queue *queue = MEMORY_NEW(struct queue);

	queue->capacity = capacity;
	queue->items = memory_new(capacity, sizeof(*queue->items));
	(void)pthread_mutex_init(&queue->lock, NULL);
	(void)pthread_cond_init(&queue->filled, NULL);
	return queue;
}

void queue_free(struct queue *queue)
{
	(void)pthread_cond_destroy(&queue->filled);
	(void)pthread_mutex_destroy(&queue->lock);
	free(queue->items);
	free(queue);
}

void queue_reserve(struct queue *queue, size_t capacity)
{
	void **items;

	(void)pthread_mutex_lock(&queue->lock);
	if (capacity > queue->capacity) {
		items = memory_new(capacity, sizeof(*items));
		for (size_t i = 0; i < queue->count; i++)
			items[i] = queue->items[(queue->first + i) % queue->capacity];
		free(queue->items);
		queue->items = items;
		queue->capacity = capacity;
		queue->first = 0;
	}
	(void)pthread_mutex_unlock(&queue->lock);
}

int queue_push(struct queue *queue, void *item)
{
	bool wake = false;
	int r = 0;

	(void)pthread_mutex_lock(&queue->lock);
	if (queue->is_closed) {
		r = -EPIPE;
	} else if (queue->count == queue->capacity) {
		r = -ENOSPC;
	} else {
		queue->items[(queue->first + queue->count++) % queue->capacity] = item;
		wake = queue->sleepers > 0;
	}
	(void)pthread_mutex_unlock(&queue->lock);
	if (wake)
		(void)pthread_cond_signal(&queue->filled);
	return r;
}

static void *take_first(struct queue *queue)
{
	void *item = queue->items[queue->first];

	queue->first = (queue->first + 1) % queue->capacity;
	queue->count--;
	return item;
}

static void wait_for_item(struct queue *queue)
{
	while (queue->count == 0 && !queue->is_closed) {
		queue->sleepers++;
		(void)pthread_cond_wait(&queue->filled, &queue->lock);
		queue->sleepers--;
	}
}

void *queue_pop(struct queue *queue)
{
	void *item = NULL;

	return queue_pop_some(queue, &item, 1) ? item : NULL;
}

void *queue_try_pop(struct queue *queue)
{
	void *item = NULL;

	(void)pthread_mutex_lock(&queue->lock);
	if (queue->count)
		item = take_first(queue);
	(void)pthread_mutex_unlock(&queue->lock);
	return item;
}

size_t queue_pop_some(struct queue *queue, void **items, size_t max)
{
	size_t n = 0;

	(void)pthread_mutex_lock(&queue->lock);
	wait_for_item(queue);
	while (n < max && queue->count)
		items[n++] = take_first(queue);
	(void)pthread_mutex_unlock(&queue->lock);
	return n;
}

void queue_close(struct queue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	queue->is_closed = true;
	(void)pthread_mutex_unlock(&queue->lock);
	(void)pthread_cond_broadcast(&queue->filled);
}

size_t queue_count(struct queue *queue)
{
	size_t count;

	(void)pthread_mutex_lock(&queue->lock);
	count = queue->count;
	(void)pthread_mutex_unlock(&queue->lock);
	return count;
}
