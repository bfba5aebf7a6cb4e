/* list.h - rings of things that know their neighbours.
 *
 *   struct line { struct list waiters; };           the head
 *   struct waiter { struct list link; };            a member
 *   list_init(&line.waiters);
 *   list_append(&line.waiters, &waiter->link);
 *   waiter = LIST_ENTRY(list_first(&line.waiters), struct waiter, link);
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *before, *after; /* borrowed */
};

#define LIST_ENTRY(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

/* Every link of the list; the current one may be removed or freed meanwhile. */
#define list_each(link, head)                                                                      \
	for (struct list *link = (head)->after, *next_##link = link->after; link != (head);        \
	     link = next_##link, next_##link = link->after)

static inline void list_init(struct list *list)
{
	list->before = list->after = list;
}

static inline bool list_is_empty(const struct list *head)
{
	return head->after == head;
}

static inline void list_append(struct list *head, struct list *link)
{
	link->before = head->before;
	link->after = head;
	head->before->after = link;
	head->before = link;
}

static inline void list_prepend(struct list *head, struct list *link)
{
	list_append(head->after, link);
}

/* Also fine for a link that is initialised and in no list. */
static inline void list_remove(struct list *link)
{
	link->before->after = link->after;
	link->after->before = link->before;
	list_init(link);
}

/* NULL if the list is empty. */
static inline struct list *list_first(const struct list *head)
{
	return list_is_empty(head) ? NULL : head->after;
}

static inline struct list *list_take_first(struct list *head)
{
	struct list *link = list_first(head);

	if (link)
		list_remove(link);
	return link;
}
