/* windows.h - within config/: `maintenance:`, a list of windows. */
#pragma once

#include "option/option.h"

struct build;
struct maintenance;

/* Sets a struct window but for its calendar. */
extern const struct option_table windows_table;

/* What an endpoint has, the same for the same windows; NULL: none. */
const struct maintenance *windows_make(const struct build *build, const struct option_steps *list);
