/* letters.c - verdicts and states as letters. */
#include "letters.h"

const char letters[STATES] = {
	[STATE_PENDING] = '.', [STATE_UP] = 'u',      [STATE_DEGRADED] = 'g',
	[STATE_DOWN] = 'd',    [STATE_UNKNOWN] = '?', [STATE_PAUSED] = 'z',
};

struct verdict verdict_of(char letter)
{
	switch (letter) {
	case 'P':
		return (struct verdict){ .kind = VERDICT_PASS };
	case 'W':
		return (struct verdict){ .kind = VERDICT_WARN, .class = CLASS_expectation };
	case 'F':
		return (struct verdict){ .kind = VERDICT_FAIL, .class = CLASS_timeout };
	case 'L':
		return (struct verdict){ .kind = VERDICT_FAIL, .class = CLASS_local };
	case 'N':
		return (struct verdict){ .kind = VERDICT_FAIL, .class = CLASS_plugin_unknown };
	default:
		return (struct verdict){ .kind = VERDICT_NONE };
	}
}
