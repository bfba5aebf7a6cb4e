/* process.h - how a program ended and what a plugin said, for the table in subject.c. */
#pragma once

#include "expect/subject.h"

subject_get process_exit, process_signal, process_errors;
subject_get process_perf, process_perf_level;
