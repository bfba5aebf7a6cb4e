/* file.c - whole small files. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/memory.h"

enum { ROOM_FIRST = 4096 };

/* Room for twice as much, but for one byte more than allowed and the NUL at most. */
static void grow(char **text, size_t *room, size_t max)
{
	*room = *room < max / 2 ? 2 * *room : max;
	*text = memory_grow(*text, *room + 2, 1);
}

/* Into `*text`, which has room for `room` + 1 bytes and the NUL; one more than
 * allowed, so that "exactly max" and "too long" differ.
 */
static int read_all(int fd, char **text, size_t room, size_t max, size_t *ret_len)
{
	size_t len = 0;

	while (len <= max) {
		ssize_t n;

		if (len > room)
			grow(text, &room, max);
		n = read(fd, *text + len, room + 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	if (len > max)
		return -EFBIG;
	*ret_len = len;
	return 0;
}

int file_read(const char *path, size_t max, char **ret_text, size_t *ret_len)
{
	cleanup(close)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	cleanup(free)
	char *text = NULL;
	struct stat status;
	size_t len = 0, room;
	int r;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	if ((unsigned long long)status.st_size > max)
		return -EFBIG;
	/* Only a first guess: files of /proc and /sys say 0, others may grow while they are read. */
	room = status.st_size > 0 ? (size_t)status.st_size : ROOM_FIRST;
	room = room < max ? room : max;
	text = memory_new(room + 2, 1);
	r = read_all(fd, &text, room, max, &len);
	if (r < 0)
		return r;
	text[len] = '\0';
	*ret_text = TAKE(text);
	*ret_len = len;
	return 0;
}

int file_write(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		const ssize_t n = write(fd, at, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return 0;
}
