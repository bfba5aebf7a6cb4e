/* hosts.c - the table of /etc/hosts. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/map.h"
#include "base/memory.h"
#include "loop/hosts.h"

enum { FILE_MAX = 4 * 1024 * 1024, NAME_MAX_LEN = 255 };

struct host {
	struct ip ip;
	struct host *next; /* of the same name; in the file's order */
	struct host *last; /* in the first of a name: the last one */
};

struct hosts {
	struct map *names; /* owned; to the first struct host, keys in lower case */
	struct arena *arena; /* owned; hosts and names */
};

/* A copy in lower case, or false where it is too long for a name. */
static bool fold(const char *name, char ret[NAME_MAX_LEN + 1])
{
	const size_t len = strlen(name);

	if (len > NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i <= len; i++)
		ret[i] = (char)tolower((unsigned char)name[i]);
	return true;
}

static void add(struct hosts *hosts, const char *name, const struct ip *ip)
{
	struct host *host = arena_take(hosts->arena, sizeof(*host)), *first;
	char folded[NAME_MAX_LEN + 1];

	if (!fold(name, folded))
		return;
	*host = (struct host){ .ip = *ip };
	first = map_find(hosts->names, folded);
	if (first) {
		first->last->next = host;
		first->last = host;
		return;
	}
	host->last = host;
	(void)map_set(hosts->names, arena_text(hosts->arena, folded), host);
}

static void add_line(struct hosts *hosts, char *line)
{
	static const char blanks[] = " \t\r\f\v";
	char *rest = NULL;
	char *word;
	struct ip ip;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, blanks, &rest);
	if (!word || ip_parse(word, &ip) < 0)
		return;
	while ((word = strtok_r(NULL, blanks, &rest)))
		add(hosts, word, &ip);
}

struct hosts *hosts_load(const char *path)
{
	struct hosts *hosts = MEMORY_NEW(struct hosts);
	cleanup(free)
	char *text = NULL;
	char *rest, *line;
	size_t len;

	hosts->names = map_new();
	hosts->arena = arena_new();
	if (file_read(path, FILE_MAX, &text, &len) < 0)
		return hosts;
	rest = text;
	while ((line = strsep(&rest, "\n")))
		add_line(hosts, line);
	return hosts;
}

void hosts_free(struct hosts *hosts)
{
	map_free(hosts->names);
	arena_free(hosts->arena);
	free(hosts);
}

unsigned hosts_find(const struct hosts *hosts, const char *name, int family, struct ip *ret,
		    unsigned max)
{
	char folded[NAME_MAX_LEN + 1];
	const struct host *host;
	unsigned count = 0;

	if (!fold(name, folded))
		return 0;
	for (host = map_find(hosts->names, folded); host && count < max; host = host->next)
		if (family == 0 || family == host->ip.family)
			ret[count++] = host->ip;
	return count;
}
