/* file.h - what a file is, beside what is in it. */
#pragma once

#include <stdint.h>

struct file_facts {
	uint64_t size_bytes;
	int64_t modified; /* its content, in microseconds since 1970; may be before */
};

void file_facts_free(struct file_facts *facts);
