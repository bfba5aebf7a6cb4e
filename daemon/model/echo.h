/* echo.h - what came back of the echo requests of one check. */
#pragma once

#include "base/clock.h"

struct echo_facts {
	unsigned sent, back;
	/* Of those that came back; round trips of none are not there. */
	usec_t min, avg, max;
	usec_t jitter; /* mean difference of one to the next; 0 with fewer than two */
};

void echo_facts_free(struct echo_facts *facts);
