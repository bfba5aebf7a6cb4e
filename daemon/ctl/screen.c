/* screen.c - the terminal as a whole. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "ctl/screen.h"

/* The other screen, no cursor, no going on in the next line. */
#define ENTER "\033[?1049h\033[?25l\033[?7l\033[2J"
#define LEAVE "\033[0m\033[?7h\033[?25h\033[?1049l"

enum { ROWS_MAX = 1000, COLUMNS_MAX = 1000 };

struct screen {
	size_t rows, columns;
	char **lines; /* owned; as they shall be */
	bool *is_sent; /* owned */
	struct text out;
};

/* For whoever must put it back, signal handlers too. */
static struct termios before;
static volatile sig_atomic_t is_open;

static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };

static void write_all(const char *data, size_t len)
{
	while (len > 0) {
		const ssize_t n = write(STDOUT_FILENO, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		data += n;
		len -= (size_t)n;
	}
}

/* Only what is safe in a signal handler. */
static void restore(void)
{
	if (!is_open)
		return;
	is_open = 0;
	write_all(LEAVE, sizeof(LEAVE) - 1);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
}

static void crashed(int number)
{
	restore();
	/* SA_RESETHAND: this time it is fatal. */
	(void)raise(number);
}

static void enter(void)
{
	struct termios raw = before;

	raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | ISTRIP | BRKINT);
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
	is_open = 1;
	write_all(ENTER, sizeof(ENTER) - 1);
}

int screen_open(struct screen **ret_screen)
{
	const struct sigaction action = { .sa_handler = crashed,
					  .sa_flags = (int)(SA_RESETHAND | SA_NODEFER) };

	if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0)
		return -ENOTTY;
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		(void)sigaction(fatal[i], &action, NULL);
	(void)atexit(restore);
	*ret_screen = MEMORY_NEW(struct screen);
	enter();
	screen_measure(*ret_screen);
	return 0;
}

static void forget(struct screen *screen)
{
	for (size_t i = 0; i < screen->rows; i++)
		free(screen->lines[i]);
	free(screen->lines);
	free(screen->is_sent);
}

void screen_close(struct screen *screen)
{
	restore();
	forget(screen);
	text_done(&screen->out);
	free(screen);
}

void screen_measure(struct screen *screen)
{
	struct winsize size = { 0 };

	forget(screen);
	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	screen->rows = size.ws_row ? size.ws_row : 24;
	screen->columns = size.ws_col ? size.ws_col : 80;
	if (screen->rows > ROWS_MAX)
		screen->rows = ROWS_MAX;
	if (screen->columns > COLUMNS_MAX)
		screen->columns = COLUMNS_MAX;
	screen->lines = memory_new(screen->rows, sizeof(*screen->lines));
	screen->is_sent = memory_new(screen->rows, sizeof(*screen->is_sent));
	text_append(&screen->out, "\033[0m\033[2J");
}

size_t screen_rows(const struct screen *screen)
{
	return screen->rows;
}

size_t screen_columns(const struct screen *screen)
{
	return screen->columns;
}

void screen_set(struct screen *screen, size_t row, const char *line)
{
	if (row >= screen->rows)
		return;
	if (screen->lines[row] && strcmp(screen->lines[row], line) == 0)
		return;
	free(screen->lines[row]);
	screen->lines[row] = memory_text(line);
	screen->is_sent[row] = false;
}

void screen_flush(struct screen *screen)
{
	for (size_t i = 0; i < screen->rows; i++) {
		if (!screen->lines[i] || screen->is_sent[i])
			continue;
		text_print(&screen->out, "\033[%zu;1H\033[2K", i + 1);
		text_append(&screen->out, screen->lines[i]);
		screen->is_sent[i] = true;
	}
	if (screen->out.len)
		write_all(screen->out.data, screen->out.len);
	text_clear(&screen->out);
}

void screen_suspend(struct screen *screen)
{
	restore();
	(void)raise(SIGSTOP);
	if (tcgetattr(STDIN_FILENO, &before) == 0)
		enter();
	screen_measure(screen);
}
