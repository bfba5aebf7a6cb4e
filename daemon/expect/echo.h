/* echo.h - what came back of echo requests, for the table in subject.c. */
#pragma once

#include "expect/subject.h"

subject_get echo_loss, echo_min, echo_avg, echo_max, echo_jitter;
