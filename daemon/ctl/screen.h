/* screen.h - the terminal as a whole: its other screen, raw keys, and lines that are sent
 * only where they changed.
 *
 * There is one at most.  However the process ends, by exit(3) or by a signal that can be
 * caught, the terminal is put back before.  Source: termios(3), console_codes(4).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct screen;

/* 0 or -errno (ENOTTY). */
int screen_open(struct screen **ret_screen);
void screen_close(struct screen *screen);

/* Asks the terminal how large it is; everything is drawn again. */
void screen_measure(struct screen *screen);
size_t screen_rows(const struct screen *screen);
size_t screen_columns(const struct screen *screen);

/* Line `row` from 0 shall look so. */
void screen_set(struct screen *screen, size_t row, const char *line);
/* Sends what changed. */
void screen_flush(struct screen *screen);

/* Puts the terminal back, stops the process as Ctrl-Z does, and begins again after it. */
void screen_suspend(struct screen *screen);
