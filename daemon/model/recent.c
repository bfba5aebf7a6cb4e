/* recent.c - the last checks of an endpoint, a few bytes each. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "model/recent.h"
#include "model/verdict.h"

enum {
	KIND_BITS = 2,
	IS_LONG = 0x80,
	/* The most a check takes: three bytes, a varint of 64 bits and one of 32. */
	CHECK_BYTES_MAX = 3 + 10 + 5,
	/* Together with the head these leave malloc(3) nothing to round up. */
	ROOM_FIRST = 17,
	ROOM_STEP = 32,
};

_Static_assert(VERDICT_FAIL < 1 << KIND_BITS && CLASSES <= 256 >> KIND_BITS,
	       "a kind and a class are one byte");

struct recent {
	int64_t at, step; /* milliseconds; of the check before the oldest */
	int64_t last_at, last_step; /* of the latest, so that nobody reads through all for it */
	uint16_t begin, end, room; /* in bytes */
	uint8_t count;
	uint8_t bytes[];
};

/* The head is not as long as the struct, which ends with a byte to spare. */
static size_t size_with(unsigned room)
{
	return offsetof(struct recent, bytes) + room;
}

_Static_assert((offsetof(struct recent, bytes) + ROOM_FIRST) % 16 == 8, "as malloc(3) rounds");

/* --- Numbers ------------------------------------------------------------------------------ */

static uint8_t *put_number(uint8_t *to, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		*to++ = (uint8_t)(number | 0x80);
	*to++ = (uint8_t)number;
	return to;
}

static const uint8_t *get_number(const uint8_t *from, uint64_t *ret_number)
{
	unsigned shift = 0;

	*ret_number = 0;
	do
		*ret_number |= (uint64_t)(*from & 0x7f) << shift;
	while (shift += 7, *from++ & 0x80);
	return from;
}

static uint64_t fold(int64_t number)
{
	return number < 0 ? ~((uint64_t)number << 1) : (uint64_t)number << 1;
}

static int64_t unfold(uint64_t number)
{
	return (int64_t)(number & 1 ? ~(number >> 1) : number >> 1);
}

/* --- Checks ------------------------------------------------------------------------------- */

/* Where reading has come to. */
struct reading {
	const uint8_t *next;
	int64_t at, step; /* of the check that was read last */
};

static struct reading begin(const struct recent *recent)
{
	return (struct reading){ recent->bytes + recent->begin, recent->at, recent->step };
}

static void read_one(struct reading *reading, struct past_check *ret_check)
{
	uint64_t turn = *reading->next++, latency;

	ret_check->kind = VERDICT_PASS;
	ret_check->class = CLASS_NONE;
	ret_check->phase = PHASES;
	if (turn == IS_LONG) {
		ret_check->kind = *reading->next & ((1 << KIND_BITS) - 1);
		ret_check->class = *reading->next++ >> KIND_BITS;
		if (ret_check->class != CLASS_NONE)
			ret_check->phase = *reading->next++;
		reading->next = get_number(reading->next, &turn);
	}
	reading->next = get_number(reading->next, &latency);
	reading->step += unfold(turn);
	reading->at += reading->step;
	ret_check->at = (usec_t)reading->at * USEC_PER_MS;
	ret_check->latency = (uint32_t)latency;
}

static void drop_oldest(struct recent *recent)
{
	struct reading reading = begin(recent);
	struct past_check oldest;

	read_one(&reading, &oldest);
	recent->begin = (uint16_t)(reading.next - recent->bytes);
	recent->at = reading.at;
	recent->step = reading.step;
	recent->count--;
}

/* Room for `len` bytes more, which is at hand in front where one has gone for each that came. */
static void make_room(struct recent **place, size_t len)
{
	struct recent *recent = *place;

	if (recent->end + len <= recent->room)
		return;
	memmove(recent->bytes, recent->bytes + recent->begin, recent->end - recent->begin);
	recent->end = (uint16_t)(recent->end - recent->begin);
	recent->begin = 0;
	if (recent->end + len <= recent->room)
		return;
	recent->room = (uint16_t)(recent->room + ROOM_STEP);
	*place = memory_grow(recent, size_with(recent->room), 1);
}

static struct recent *recent_new(int64_t at)
{
	struct recent *recent = memory_new(1, size_with(ROOM_FIRST));

	recent->at = recent->last_at = at;
	recent->room = ROOM_FIRST;
	return recent;
}

static size_t write_one(struct recent *recent, const struct past_check *check, uint8_t *bytes)
{
	const int64_t at = (int64_t)(check->at / USEC_PER_MS), step = at - recent->last_at;
	const uint64_t turn = fold(step - recent->last_step);
	uint8_t *to = bytes;

	if (turn >= IS_LONG || check->class != CLASS_NONE || check->kind != VERDICT_PASS) {
		*to++ = IS_LONG;
		*to++ = (uint8_t)(check->class << KIND_BITS | check->kind);
		if (check->class != CLASS_NONE)
			*to++ = check->phase;
	}
	to = put_number(to, turn);
	to = put_number(to, check->latency);
	recent->last_at = at;
	recent->last_step = step;
	return (size_t)(to - bytes);
}

void recent_add(struct recent **place, const struct past_check *check)
{
	uint8_t bytes[CHECK_BYTES_MAX];
	size_t len;

	if (!*place)
		*place = recent_new((int64_t)(check->at / USEC_PER_MS));
	if ((*place)->count == PAST_CHECKS)
		drop_oldest(*place);
	len = write_one(*place, check, bytes);
	make_room(place, len);
	memcpy((*place)->bytes + (*place)->end, bytes, len);
	(*place)->end = (uint16_t)((*place)->end + len);
	(*place)->count++;
}

unsigned recent_read(const struct recent *recent, struct past_check *ret_checks)
{
	struct reading reading;

	if (!recent)
		return 0;
	reading = begin(recent);
	for (unsigned i = 0; i < recent->count; i++)
		read_one(&reading, &ret_checks[i]);
	return recent->count;
}

unsigned recent_count(const struct recent *recent)
{
	return recent ? recent->count : 0;
}
