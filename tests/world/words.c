/* words.c - taking texts apart. */
#include "words.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"

char *words_next(char **rest, const char *separators)
{
	char *word = *rest + strspn(*rest, separators);
	char *end = word + strcspn(word, separators);

	if (word == end)
		return NULL;
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

char *words_trimmed(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	return text;
}

int words_number(const char *text, size_t most, size_t *ret_number)
{
	size_t number = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || number > (most - (size_t)(*text - '0')) / 10)
			return -EINVAL;
		number = 10 * number + (size_t)(*text - '0');
	}
	if (number > most)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *found;

	if (c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	found = c ? strchr(digits, c) : NULL;
	return found ? (int)(found - digits) : -1;
}

char *words_decoded(const char *text)
{
	char *decoded = memory_text(text), *to = decoded;

	for (const char *from = text; *from; from++) {
		int high = *from == '%' ? digit(from[1]) : -1;
		int low = high >= 0 ? digit(from[2]) : -1;

		if (low >= 0 && (high || low)) {
			*to++ = (char)(16 * high + low);
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return decoded;
}

char *words_query(const char *query, const char *name)
{
	cleanup(free)
	char *copy = memory_text(query);
	const size_t len = strlen(name);
	char *rest = copy, *pair;

	while ((pair = words_next(&rest, "&")))
		if (strncmp(pair, name, len) == 0 && pair[len] == '=')
			return words_decoded(pair + len + 1);
	return NULL;
}
