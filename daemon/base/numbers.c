/* numbers.c - dense numbers for things that come and go. */
#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/numbers.h"

void numbers_done(struct numbers *numbers)
{
	free(numbers->things);
	free(numbers->spare);
	*numbers = (struct numbers){ 0 };
}

static uint32_t next_number(struct numbers *numbers)
{
	if (numbers->spare_count)
		return numbers->spare[--numbers->spare_count];
	if (numbers->count == numbers->room) {
		numbers->room = (uint32_t)memory_next_room(numbers->room, numbers->count + 1u);
		numbers->things =
			memory_grow(numbers->things, numbers->room, sizeof(*numbers->things));
		numbers->spare =
			memory_grow(numbers->spare, numbers->room, sizeof(*numbers->spare));
	}
	return numbers->count++;
}

uint32_t numbers_take(struct numbers *numbers, void *thing)
{
	const uint32_t number = next_number(numbers);

	assert(thing);
	numbers->things[number] = thing;
	return number;
}

void numbers_give(struct numbers *numbers, uint32_t number)
{
	assert(number < numbers->count && numbers->things[number]);
	numbers->things[number] = NULL;
	numbers->spare[numbers->spare_count++] = number;
}
