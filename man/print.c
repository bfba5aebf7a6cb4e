/* print.c - what the build makes from the tables: the manual's key list, the sample, the schema.
 *
 *   print-keys manual TEMPLATE FRAGMENT...   TEMPLATE with its @LINES@ filled in
 *   print-keys sample | schema
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "config/schema.h"

enum { LARGEST_FILE = 1 << 20 };

static const struct {
	const char *name, *sentence;
} classes[] = {
#define CLASS(name, family, sentence) { #name, sentence },
#include "model/classes.inc"
#undef CLASS
};

static char *file_whole(const char *path)
{
	char *text;
	size_t len;
	int r = file_read(path, LARGEST_FILE, &text, &len);

	if (r < 0) {
		(void)fprintf(stderr, "print-keys: %s: %s\n", path, strerror(-r));
		exit(EX_NOINPUT);
	}
	return text;
}

/* The fragments whose file name begins so, in their order. */
static unsigned print_fragments(const char *start, char *const *fragments, struct text *text)
{
	unsigned found = 0;

	for (; *fragments; fragments++) {
		const char *slash = strrchr(*fragments, '/');
		cleanup(free)
		char *fragment = NULL;

		if (strncmp(slash ? slash + 1 : *fragments, start, strlen(start)) != 0)
			continue;
		fragment = file_whole(*fragments);
		text_append(text, fragment);
		found++;
	}
	return found;
}

/* One @LINE@ of the template. */
static void print_marked(char *mark, char *const *fragments, struct text *text)
{
	mark[strcspn(mark, "@")] = '\0';
	if (strcmp(mark, "KEYS") == 0) {
		schema_print_manual(text);
	} else if (strcmp(mark, "CLASSES") == 0) {
		for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
			text_print(text, ".It Cm %s\n%s\n", classes[i].name, classes[i].sentence);
	} else if (print_fragments(strcmp(mark, "PROBES") == 0 ? "probe-" : mark, fragments,
				   text) == 0) {
		(void)fprintf(stderr, "print-keys: nothing to put in for @%s@\n", mark);
		exit(EX_DATAERR);
	}
}

static void print_manual(const char *path, char *const *fragments, struct text *text)
{
	cleanup(free)
	char *template = file_whole(path);
	char *rest = template, *line;

	while ((line = strsep(&rest, "\n"))) {
		if (*line == '@')
			print_marked(line + 1, fragments, text);
		else if (rest || *line)
			text_print(text, "%s\n", line);
	}
}

int main(int argc, char *argv[])
{
	cleanup(text)
	struct text text = { 0 };

	if (argc > 2 && strcmp(argv[1], "manual") == 0)
		print_manual(argv[2], argv + 3, &text);
	else if (argc == 2 && strcmp(argv[1], "sample") == 0)
		schema_print_sample(&text);
	else if (argc == 2 && strcmp(argv[1], "schema") == 0)
		schema_print(&text);
	else
		return EX_USAGE;
	return fputs(text_string(&text), stdout) < 0 || fflush(stdout) != 0 ? EX_IOERR : 0;
}
