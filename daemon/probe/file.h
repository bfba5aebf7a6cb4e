/* file.h - what can be said of a file that is looked at. */
#pragma once

#include "option/option.h"

struct file_options {
	const char *path; /* absolute */
};
