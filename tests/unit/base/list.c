/* list.c - members know their neighbours, and leaving needs no search. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/list.h"

struct member {
	char letter;
	struct list link;
};

static void reads(struct list *head, const char *wanted)
{
	char forward[16] = { 0 };
	size_t len = 0, back = strlen(wanted);

	list_each (link, head)
		forward[len++] = LIST_ENTRY(link, struct member, link)->letter;
	assert_string_equal(forward, wanted);
	for (struct list *link = head->before; link != head; link = link->before)
		assert_int_equal(LIST_ENTRY(link, struct member, link)->letter, wanted[--back]);
	assert_int_equal(back, 0);
	assert_int_equal(list_is_empty(head), wanted[0] == '\0');
}

static void members_stand_where_they_were_put(void **state)
{
	struct member a = { .letter = 'a' }, b = { .letter = 'b' }, c = { .letter = 'c' };
	struct list head;

	(void)state;
	list_init(&head);
	reads(&head, "");
	assert_null(list_first(&head));
	assert_null(list_take_first(&head));
	list_append(&head, &b.link);
	list_append(&head, &c.link);
	list_prepend(&head, &a.link);
	reads(&head, "abc");
	assert_ptr_equal(list_first(&head), &a.link);
	list_remove(&b.link);
	reads(&head, "ac");
	list_remove(&b.link); /* in no list, and fine */
	reads(&head, "ac");
	list_append(&head, &b.link);
	reads(&head, "acb");
	assert_ptr_equal(list_take_first(&head), &a.link);
	reads(&head, "cb");
	list_remove(&b.link);
	list_remove(&c.link);
	reads(&head, "");
}

static void the_current_one_may_leave_while_all_are_visited(void **state)
{
	struct member members[5];
	struct list head, other;
	unsigned visited = 0;

	(void)state;
	list_init(&head);
	list_init(&other);
	for (unsigned i = 0; i < 5; i++) {
		members[i].letter = (char)('a' + i);
		list_append(&head, &members[i].link);
	}
	list_each (link, &head) {
		visited++;
		if (LIST_ENTRY(link, struct member, link)->letter % 2) {
			list_remove(link);
			list_append(&other, link);
		}
	}
	assert_int_equal(visited, 5);
	reads(&head, "bd");
	reads(&other, "ace");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_stand_where_they_were_put),
		cmocka_unit_test(the_current_one_may_leave_while_all_are_visited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
