/* nagios.h - one line as the Monitoring Plugins guidelines want it. */
#pragma once

#include "ctl/board.h"

struct text;

/* OK 0, WARNING 1, CRITICAL 2, UNKNOWN 3: the exit status too. */
int nagios_print(struct text *text, const struct board *board);
