/* queue.c - a bounded queue of pointers between threads: a ring under one lock.
 *
 * Whoever waits does so at a semaphore, which counts the items: waking somebody is
 * one system call on either side, and none where nobody waits.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/queue.h"

struct queue {
	pthread_mutex_t lock;
	sem_t filled; /* as many as there are items, and one more once it is closed */
	void **items; /* owned ring; what it points to is the users' */
	size_t capacity;
	size_t first;
	size_t count;
	bool is_closed;
};

struct queue *queue_new(size_t capacity)
{
	struct queue *queue = MEMORY_NEW(struct queue);

	queue->capacity = capacity;
	queue->items = memory_new(capacity, sizeof(*queue->items));
	(void)pthread_mutex_init(&queue->lock, NULL);
	(void)sem_init(&queue->filled, 0, 0);
	return queue;
}

void queue_free(struct queue *queue)
{
	(void)sem_destroy(&queue->filled);
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
	int r = 0;

	(void)pthread_mutex_lock(&queue->lock);
	if (queue->is_closed)
		r = -EPIPE;
	else if (queue->count == queue->capacity)
		r = -ENOSPC;
	else
		queue->items[(queue->first + queue->count++) % queue->capacity] = item;
	(void)pthread_mutex_unlock(&queue->lock);
	if (r == 0)
		(void)sem_post(&queue->filled);
	return r;
}

/* The first item, or NULL: one that was counted is there, unless the count was that
 * of closing, which is put back for the others.
 */
static void *take_counted(struct queue *queue)
{
	void *item = NULL;

	(void)pthread_mutex_lock(&queue->lock);
	if (queue->count) {
		item = queue->items[queue->first];
		queue->first = (queue->first + 1) % queue->capacity;
		queue->count--;
	}
	(void)pthread_mutex_unlock(&queue->lock);
	if (!item)
		(void)sem_post(&queue->filled);
	return item;
}

void *queue_pop(struct queue *queue)
{
	while (sem_wait(&queue->filled) < 0)
		; /* EINTR */
	return take_counted(queue);
}

void *queue_try_pop(struct queue *queue)
{
	return sem_trywait(&queue->filled) < 0 ? NULL : take_counted(queue);
}

size_t queue_pop_some(struct queue *queue, void **items, size_t max)
{
	size_t n = 0;

	if (max > 0)
		items[n] = queue_pop(queue);
	while (n < max && items[n])
		if (++n < max)
			items[n] = queue_try_pop(queue);
	return n;
}

void queue_close(struct queue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	queue->is_closed = true;
	(void)pthread_mutex_unlock(&queue->lock);
	(void)sem_post(&queue->filled);
}

size_t queue_count(struct queue *queue)
{
	size_t count;

	(void)pthread_mutex_lock(&queue->lock);
	count = queue->count;
	(void)pthread_mutex_unlock(&queue->lock);
	return count;
}
