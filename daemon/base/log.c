/* log.c - to the journal with fields, or as plain lines on stderr. */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

enum { FIELDS_MAX = 16 };

/* Of a message; with its priority and newline it is what a pipe that can be written
 * to takes at once.
 */
enum { MESSAGE_MAX = PIPE_BUF - sizeof("<7>\n") + 1 };

static enum { TO_TERMINAL, TO_JOURNAL, TO_STREAM } target = TO_STREAM;
static int limit = LOG_INFO;

/* $JOURNAL_STREAM is "DEVICE:INODE" of the stream; it may be inherited and stale. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char mine[64];
	struct stat status;

	if (!stream || fstat(STDERR_FILENO, &status) < 0)
		return false;
	(void)snprintf(mine, sizeof(mine), "%ju:%ju", (uintmax_t)status.st_dev,
		       (uintmax_t)status.st_ino);
	return strcmp(stream, mine) == 0;
}

void log_open(void)
{
	if (stderr_is_journal())
		target = TO_JOURNAL;
	else
		target = isatty(STDERR_FILENO) ? TO_TERMINAL : TO_STREAM;
}

void log_set_limit(int priority)
{
	limit = priority;
}

bool log_is_wanted(int priority)
{
	return priority <= limit;
}

static void to_journal(int priority, const char *message_id, const struct log_field *fields,
		       const struct text *message)
{
	struct iovec parts[FIELDS_MAX + 3];
	struct text lines[FIELDS_MAX + 3] = { 0 };
	int count = 0;

	text_print(&lines[count++], "MESSAGE=%s", text_string(message));
	text_print(&lines[count++], "PRIORITY=%d", priority);
	if (message_id)
		text_print(&lines[count++], "MESSAGE_ID=%s", message_id);
	for (; fields && fields->name && count < FIELDS_MAX + 3; fields++)
		text_print(&lines[count++], "%s=%s", fields->name, fields->value);
	for (int i = 0; i < count; i++)
		parts[i] = (struct iovec){ lines[i].data, lines[i].len };
	(void)sd_journal_sendv(parts, count);
	for (int i = 0; i < count; i++)
		text_done(&lines[i]);
}

/* A reader that does not read must not hold the loop: a line that does not fit is lost. */
static void to_stderr(int priority, const struct text *message)
{
	struct pollfd writable = { .fd = STDERR_FILENO, .events = POLLOUT };
	struct text line = { 0 };

	if (target == TO_STREAM && getenv("INVOCATION_ID"))
		text_print(&line, "<%d>", priority);
	text_append_len(&line, text_string(message), message->len);
	text_append_char(&line, '\n');
	if (poll(&writable, 1, 0) == 1 && !(writable.revents & (POLLERR | POLLNVAL)))
		(void)!write(STDERR_FILENO, line.data, line.len);
	text_done(&line);
}

static void log_message(int priority, const char *message_id, const struct log_field *fields,
			const char *format, va_list arguments)
	__attribute__((format(printf, 4, 0)));

static void log_message(int priority, const char *message_id, const struct log_field *fields,
			const char *format, va_list arguments)
{
	struct text raw = { 0 }, message = { .limit_bytes = MESSAGE_MAX };

	text_vprint(&raw, format, arguments);
	text_append_escaped(&message, text_string(&raw), raw.len);
	if (target == TO_JOURNAL)
		to_journal(priority, message_id, fields, &message);
	else
		to_stderr(priority, &message);
	text_done(&raw);
	text_done(&message);
}

void log_line(int priority, const char *format, ...)
{
	va_list arguments;

	if (!log_is_wanted(priority))
		return;
	va_start(arguments, format);
	log_message(priority, NULL, NULL, format, arguments);
	va_end(arguments);
}

void log_event(int priority, const char *message_id, const struct log_field *fields,
	       const char *format, ...)
{
	va_list arguments;

	if (!log_is_wanted(priority))
		return;
	va_start(arguments, format);
	log_message(priority, message_id, fields, format, arguments);
	va_end(arguments);
}
