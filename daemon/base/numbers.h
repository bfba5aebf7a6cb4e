/* numbers.h - dense numbers for things that come and go, such as those of a heap.
 *
 * A number that was given back is the next that is taken.  The things are borrowed.  Not for
 * several threads at once.
 */
#pragma once

#include <stdint.h>

/* All zero is an empty one. */
struct numbers {
	void **things; /* owned array; NULL where a number is free */
	uint32_t count; /* numbers are below this */
	uint32_t room;
	uint32_t *spare; /* owned; as much room */
	uint32_t spare_count;
};

void numbers_done(struct numbers *numbers);
/* `thing` is not NULL. */
uint32_t numbers_take(struct numbers *numbers, void *thing);
void numbers_give(struct numbers *numbers, uint32_t number);

/* NULL: the number is free. */
static inline void *numbers_thing(const struct numbers *numbers, uint32_t number)
{
	return numbers->things[number];
}

static inline uint32_t numbers_taken(const struct numbers *numbers)
{
	return numbers->count - numbers->spare_count;
}
