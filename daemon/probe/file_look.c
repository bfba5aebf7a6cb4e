/* file_look.c - the look at one file, in a process of its own. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "probe/file_look.h"

bool file_look_is_asked(int argc, char **argv)
{
	return argc == 3 && strcmp(argv[1], FILE_LOOK_WORD) == 0;
}

static int fail(enum file_step step)
{
	(void)dprintf(STDERR_FILENO, "%d\n", errno);
	return (int)step;
}

/* All that stands on standard input.  Whether it is a path. */
static bool read_path(char path[PATH_MAX])
{
	size_t len = 0;
	ssize_t n;

	while (len < PATH_MAX && (n = read(STDIN_FILENO, path + len, PATH_MAX - len)) > 0)
		len += (size_t)n;
	if (len == 0 || len == PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	path[len] = '\0';
	return true;
}

static int copy(int fd, unsigned long long left)
{
	static char piece[64 * 1024];

	while (left > 0) {
		const ssize_t n = read(fd, piece, left < sizeof(piece) ? left : sizeof(piece));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || file_write(STDOUT_FILENO, piece, (size_t)n) < 0)
			return fail(FILE_READ);
		if (n == 0)
			break;
		left -= (unsigned long long)n;
	}
	return FILE_DONE;
}

int file_look(char **argv)
{
	const unsigned long long limit = strtoull(argv[2], NULL, 10);
	char path[PATH_MAX], head[FILE_LOOK_HEAD_MAX];
	struct stat seen;
	cleanup(close)
	int fd = -1;
	int len;

	if (!read_path(path) || stat(path, &seen) < 0)
		return fail(FILE_STAT);
	/* Before it is opened: to open a device is to do something. */
	if (!S_ISREG(seen.st_mode))
		return fail(FILE_KIND);
	if (limit > 0) {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			return fail(FILE_OPEN);
		/* It may be another one by now. */
		if (fstat(fd, &seen) < 0)
			return fail(FILE_STAT);
		if (!S_ISREG(seen.st_mode))
			return fail(FILE_KIND);
	}
	len = snprintf(head, sizeof(head), FILE_LOOK_HEAD, (unsigned long long)seen.st_size,
		       (long long)seen.st_mtim.tv_sec, seen.st_mtim.tv_nsec);
	if (file_write(STDOUT_FILENO, head, (size_t)len) < 0)
		return fail(FILE_READ);
	return limit > 0 ? copy(fd, limit) : FILE_DONE;
}
