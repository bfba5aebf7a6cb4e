/* letters.h - verdicts and states as letters, so that a test reads as a row of them. */
#pragma once

#include "model/verdict.h"
#include "model/watch.h"

/* `.` pending, `u` up, `g` degraded, `d` down, `?` unknown, `z` paused. */
extern const char letters[STATES];

/* Pass, Warn, Fail, Local, Not known to the plugin; anything else is no verdict. */
struct verdict verdict_of(char letter);
