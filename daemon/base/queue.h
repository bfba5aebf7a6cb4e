/* queue.h - a bounded queue of pointers between threads.
 *
 * One mutex, which nothing else is ever locked under.  Any thread may call
 * everything but queue_new() and queue_free().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct queue;

struct queue *queue_new(size_t capacity);
/* Nobody may be using it; what is still in it is the caller's. */
void queue_free(struct queue *queue);

/* Room for at least so many, from now on; never less than before. */
void queue_reserve(struct queue *queue, size_t capacity);

/* 0, or -ENOSPC where it is full, or -EPIPE after queue_close(): the caller keeps the item. */
int queue_push(struct queue *queue, void *item);
/* Waits for an item.  NULL: closed, and nothing is left. */
void *queue_pop(struct queue *queue);
/* NULL where nothing waits. */
void *queue_try_pop(struct queue *queue);
/* Up to `max` items at once, waiting for the first; how many, 0 when closed and empty. */
size_t queue_pop_some(struct queue *queue, void **items, size_t max);
/* No more comes; whoever waits is woken. */
void queue_close(struct queue *queue);
size_t queue_count(struct queue *queue);
