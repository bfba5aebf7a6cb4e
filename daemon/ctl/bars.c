/* bars.c - numbers as a line of bars. */
#include "ctl/bars.h"
#include "base/text.h"

enum { LEVELS = 8 };

static const char *const blocks[LEVELS] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const letters[LEVELS] = { "_", ".", ",", "-", "=", "+", "*", "#" };

/* The columns: each value in one, each column with one at least. */
static size_t gather(const double *values, size_t count, size_t width, bool is_lowest,
		     double *columns)
{
	const size_t used = count < width ? count : width;

	for (size_t column = 0; column < used; column++) {
		double worst = -1;

		for (size_t i = column * count / used; i < (column + 1) * count / used; i++)
			if (values[i] >= 0 &&
			    (worst < 0 || (is_lowest ? values[i] < worst : values[i] > worst)))
				worst = values[i];
		columns[column] = worst;
	}
	return used;
}

static void print_level(struct text *text, int level, bool has_utf8)
{
	if (level < 0)
		text_append(text, has_utf8 ? "·" : " ");
	else
		text_append(text, has_utf8 ? blocks[level] : letters[level]);
}

static int level_of(double share)
{
	const int level = (int)(share * LEVELS);

	return level < LEVELS ? level : LEVELS - 1;
}

void bars_print_shares(struct text *text, const double *values, size_t count, size_t width,
		       bool has_utf8)
{
	double columns[BARS_MAX];
	const size_t used = gather(values, count, width, true, columns);

	for (size_t i = 0; i < used; i++) {
		int level = columns[i] < 0 ? -1 : level_of(columns[i]);

		if (level == LEVELS - 1 && columns[i] < 1)
			level--;
		print_level(text, level, has_utf8);
	}
}

void bars_print_lengths(struct text *text, const double *values, size_t count, size_t width,
			bool has_utf8)
{
	double columns[BARS_MAX], greatest = 0;
	const size_t used = gather(values, count, width, false, columns);

	for (size_t i = 0; i < used; i++)
		if (columns[i] > greatest)
			greatest = columns[i];
	for (size_t i = 0; i < used; i++)
		print_level(text,
			    columns[i] < 0 ? -1
					   : level_of(greatest > 0 ? columns[i] / greatest : 0),
			    has_utf8);
}
