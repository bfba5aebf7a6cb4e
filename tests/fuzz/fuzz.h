/* fuzz.h - what every target has, and how it takes its input apart.
 *
 * A target is one file with LLVMFuzzerTestOneInput(): it hands the bytes to what reads them in
 * the daemon, and asserts what holds for any of them.  libFuzzer or replay.c drives it.  The
 * line "Over:" at its top names the sources of daemon/ that it is about; scripts/fuzz tells
 * how much of them was reached.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Source: LLVM, "libFuzzer - a library for coverage-guided fuzz testing". */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What is left of the input. */
struct fuzz {
	const uint8_t *data; /* borrowed */
	size_t len;
};

/* 0 at the end. */
uint8_t fuzz_byte(struct fuzz *input);
/* Up to a newline, which goes too, or up to the end; malloc'ed with a NUL behind, so that a look
 * behind it is noticed.  ret_len may be NULL.
 */
char *fuzz_line(struct fuzz *input, size_t *ret_len);
char *fuzz_rest(struct fuzz *input, size_t *ret_len);

/* A folder of this process, gone with it. */
const char *fuzz_folder(void);
void fuzz_write(const char *path, const void *data, size_t len);
