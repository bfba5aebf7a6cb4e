/* file.h - whole small files, and bytes that are written whole. */
#pragma once

#include <stddef.h>

/* Reads a regular file of at most `max` bytes.  The text has a NUL behind it and
 * is freed by the caller.  Never waits for a FIFO or a device.
 * 0, -EFBIG (larger), -EINVAL (not a regular file), -EISDIR or what open(2) and read(2) say.
 */
int file_read(const char *path, size_t max, char **ret_text, size_t *ret_len);

/* Writes all of it, however often that takes.  0, or what write(2) says. */
int file_write(int fd, const void *data, size_t len);
