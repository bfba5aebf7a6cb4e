/* sound.h - whether a schedule holds what it promises, counted anew from its seats. */
#pragma once

#include <stdbool.h>

#include "schedule/seats.h"

/* NULL, or what is wrong.  `is_pumped`: schedule_pump() has just run out of work, so
 * nothing that could go is still here.
 */
const char *sound_fault(struct schedule *schedule, uint32_t ids, usec_t now, bool is_pumped);
