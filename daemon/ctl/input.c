/* input.c - what a command judges: a file, or standard input. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "ctl/ctl.h"
#include "ctl/input.h"

static bool is_standard(const char *path)
{
	return !path || strcmp(path, "-") == 0;
}

const char *input_name(const char *path)
{
	return is_standard(path) ? "standard input" : path;
}

static int complain(const char *command, const char *path, const char *what)
{
	(void)fprintf(stderr, "picketctl %s: %s: %s.\n", command, input_name(path), what);
	return CTL_USAGE;
}

int input_read(const char *command, const char *path, struct text *ret)
{
	cleanup(close)
	int opened = -1;
	char buffer[1 << 16];
	ssize_t got;

	if (!is_standard(path)) {
		opened = open(path, O_RDONLY | O_CLOEXEC);
		if (opened < 0)
			return complain(command, path, strerror(errno));
	}
	ret->limit_bytes = INPUT_BYTES;
	do {
		got = read(opened < 0 ? STDIN_FILENO : opened, buffer, sizeof(buffer));
		if (got < 0 && errno != EINTR)
			return complain(command, path, strerror(errno));
		if (got > 0)
			text_append_len(ret, buffer, (size_t)got);
	} while (got != 0 && !ret->is_cut);
	return ret->is_cut ? complain(command, path, "larger than 64 MiB") : CTL_OK;
}

void input_complain(const char *command, const char *line, size_t column, const char *message)
{
	cleanup(text)
	struct text shown = { 0 };
	cleanup(text)
	struct text before = { 0 };
	const size_t len = strlen(line);

	text_append_escaped(&shown, line, len);
	text_append_escaped(&before, line, column - 1 < len ? column - 1 : len);
	(void)fprintf(stderr, "picketctl %s: %zu: %s\n  %s\n  %*s^\n", command, column, message,
		      text_string(&shown), (int)utf8_count(text_string(&before), before.len), "");
}
