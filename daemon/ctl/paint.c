/* paint.c - how states and verdicts look. */
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/paint.h"

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define FAINT  "\033[2m"
#define PLAIN  "\033[0m"

static const struct {
	const char *glyph, *ascii, *color;
} states[STATES] = {
	[STATE_PENDING] = { "…", ".", FAINT },	 [STATE_UP] = { "✓", "+", GREEN },
	[STATE_DEGRADED] = { "▲", "!", YELLOW }, [STATE_DOWN] = { "✗", "x", RED },
	[STATE_UNKNOWN] = { "?", "?", YELLOW },	 [STATE_PAUSED] = { "‖", "=", FAINT },
};

static const enum state states_of_verdicts[] = {
	[VERDICT_NONE] = STATE_UNKNOWN,
	[VERDICT_PASS] = STATE_UP,
	[VERDICT_WARN] = STATE_DEGRADED,
	[VERDICT_FAIL] = STATE_DOWN,
};

bool paint_decide(const char *choice, bool is_terminal, const char *no_color, const char *term)
{
	if (strcmp(choice, "auto") != 0)
		return strcmp(choice, "always") == 0;
	if (no_color && *no_color)
		return false;
	return is_terminal && term && strcmp(term, "dumb") != 0;
}

bool paint_has_color(FILE *stream)
{
	return paint_decide(ctl_settings()->color, isatty(fileno(stream)), getenv("NO_COLOR"),
			    getenv("TERM"));
}

bool paint_has_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

size_t paint_width(void)
{
	struct winsize size = { 0 };

	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

struct look paint_state(enum state state, bool has_utf8)
{
	if (state >= STATES)
		state = STATE_UNKNOWN;
	return (struct look){ .glyph = has_utf8 ? states[state].glyph : states[state].ascii,
			      .color = states[state].color };
}

struct look paint_verdict(enum verdict_kind kind, bool has_utf8)
{
	return paint_state(states_of_verdicts[kind], has_utf8);
}

void paint_print(struct text *text, struct look look, const char *word, bool has_color)
{
	if (has_color)
		text_append(text, look.color);
	text_append(text, look.glyph);
	text_append_char(text, ' ');
	text_append(text, word);
	if (has_color)
		text_append(text, PLAIN);
}
