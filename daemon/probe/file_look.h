/* file_look.h - the look at one file, in a process of its own.
 *
 * A file system that is dead blocks whoever asks it, and nothing but a process can be left
 * behind then.  picketd runs itself as
 *
 *	/proc/self/exe FILE_LOOK_WORD LIMIT_BYTES
 *
 * with the path on standard input, where neither other users nor a shell see it.  On standard
 * output come FILE_LOOK_HEAD and at most LIMIT_BYTES of what the file holds; with a limit
 * of 0 the file is not opened.  A step that failed is the exit status, and its errno a number
 * on standard error.
 */
#pragma once

#include <stdbool.h>

#define FILE_LOOK_WORD	   "--look-at-file"
/* Bytes; seconds since 1970 and nanoseconds of the last change. */
#define FILE_LOOK_HEAD	   "%llu %lld %ld\n"
#define FILE_LOOK_HEAD_MAX 80

enum file_step {
	FILE_DONE,
	FILE_STAT = 10, /* what a program or its loader says by itself is below */
	FILE_KIND, /* no regular file */
	FILE_OPEN,
	FILE_READ,
};

/* Whether the arguments of main() ask for a look. */
bool file_look_is_asked(int argc, char **argv);
/* The whole process; returns what main() is to return. */
int file_look(char **argv);
