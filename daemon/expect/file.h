/* file.h - what a file is, for the table in subject.c. */
#pragma once

#include "expect/subject.h"

subject_get file_modified;
