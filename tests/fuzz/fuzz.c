/* fuzz.c - how targets take their input apart, and a folder for those that want files. */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "fuzz.h"

static char folder[256];

uint8_t fuzz_byte(struct fuzz *input)
{
	if (input->len == 0)
		return 0;
	input->len--;
	return *input->data++;
}

static char *take(struct fuzz *input, size_t len, size_t *ret_len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		abort();
	if (len > 0)
		memcpy(copy, input->data, len);
	copy[len] = '\0';
	input->data += len;
	input->len -= len;
	if (ret_len)
		*ret_len = len;
	return copy;
}

char *fuzz_line(struct fuzz *input, size_t *ret_len)
{
	const uint8_t *end = input->len ? memchr(input->data, '\n', input->len) : NULL;
	char *line = take(input, end ? (size_t)(end - input->data) : input->len, ret_len);

	if (end)
		(void)fuzz_byte(input);
	return line;
}

char *fuzz_rest(struct fuzz *input, size_t *ret_len)
{
	return take(input, input->len, ret_len);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static void remove_folder(void)
{
	(void)nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_folder(void)
{
	const char *parent = getenv("TMPDIR");

	if (folder[0])
		return folder;
	(void)snprintf(folder, sizeof(folder), "%s/picket-fuzz-XXXXXX", parent ? parent : "/tmp");
	if (!mkdtemp(folder)) {
		perror(folder);
		exit(1);
	}
	(void)atexit(remove_folder);
	return folder;
}

void fuzz_write(const char *path, const void *data, size_t len)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len) {
		perror(path);
		exit(1);
	}
	(void)close(fd);
}
