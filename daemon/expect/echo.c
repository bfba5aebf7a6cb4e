/* echo.c - what came back of echo requests, for the table in subject.c. */
#include "expect/echo.h"
#include "model/echo.h"

enum subject_found echo_loss(const struct observation *observation, const char *name,
			     size_t *cursor, struct value *ret)
{
	const struct echo_facts *echo = observation->echo;

	if (!echo || echo->sent == 0)
		return SUBJECT_ABSENT;
	*ret = value_real(TYPE_RATIO, (double)(echo->sent - echo->back) / echo->sent);
	return SUBJECT_FOUND;
}

#define TIME(member)                                                                               \
	enum subject_found echo_##member(const struct observation *observation, const char *name,  \
					 size_t *cursor, struct value *ret)                        \
	{                                                                                          \
		if (!observation->echo || observation->echo->back == 0)                            \
			return SUBJECT_ABSENT;                                                     \
		*ret = value_integer(TYPE_DURATION, (int64_t)observation->echo->member);           \
		return SUBJECT_FOUND;                                                              \
	}
TIME(min)
TIME(avg)
TIME(max)
TIME(jitter)
#undef TIME
