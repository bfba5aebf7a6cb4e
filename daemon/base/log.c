/* log.c - to the journal with fields, or as plain lines on stderr. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

/* Of a message; with its priority and newline it is what a pipe that can be written
 * to takes at once.
 */
enum { MESSAGE_MAX = PIPE_BUF - sizeof("<7>\n") + 1 };

static enum { TO_TERMINAL, TO_JOURNAL, TO_STREAM } target = TO_STREAM;
static int limit = LOG_INFO;
static int journal_fd = -1; /* for as long as we live */

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
	const bool is_journal = stderr_is_journal();

	if (is_journal && journal_fd < 0)
		journal_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (is_journal && journal_fd >= 0)
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

/* Whatever bytes are in its value. */
static void put_field(struct text *entry, const char *name, const char *value, size_t len)
{
	const uint64_t little = htole64(len);

	text_print(entry, "%s\n", name);
	text_append_len(entry, (const char *)&little, sizeof(little));
	text_append_len(entry, value, len);
	text_append_char(entry, '\n');
}

/* In the journal's own protocol (systemd, JOURNAL_NATIVE_PROTOCOL), for sd_journal_sendv(3) waits
 * for a journal that does not read, and would hold the loop until the watchdog ends us.
 */
static void to_journal(int priority, const char *message_id, const struct log_field *fields,
		       const struct text *message)
{
	static const struct sockaddr_un journal = { AF_UNIX, "/run/systemd/journal/socket" };
	const char digit = (char)('0' + priority);
	struct text entry = { 0 };

	put_field(&entry, "MESSAGE", text_string(message), message->len);
	put_field(&entry, "PRIORITY", &digit, 1);
	put_field(&entry, "SYSLOG_IDENTIFIER", program_invocation_short_name,
		  strlen(program_invocation_short_name));
	if (message_id)
		put_field(&entry, "MESSAGE_ID", message_id, strlen(message_id));
	for (; fields && fields->name; fields++)
		put_field(&entry, fields->name, fields->value, strlen(fields->value));
	(void)!sendto(journal_fd, entry.data, entry.len, MSG_DONTWAIT | MSG_NOSIGNAL,
		      (const struct sockaddr *)&journal, sizeof(journal));
	text_done(&entry);
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
