/* mask.c - secrets do not come back. */
#include <stdlib.h>
#include <string.h>

#include "base/mask.h"
#include "base/memory.h"
#include "base/text.h"

static char *mask_one(char *text, const char *secret)
{
	const size_t len = strlen(secret);
	struct text masked = { 0 };
	const char *from = text;
	const char *hit;

	if (len == 0 || !strstr(text, secret))
		return text;
	while ((hit = strstr(from, secret))) {
		text_append_len(&masked, from, (size_t)(hit - from));
		text_append(&masked, "***");
		from = hit + len;
	}
	text_append(&masked, from);
	free(text);
	return text_take(&masked);
}

char *mask_secrets(char *text, const char *const *secrets)
{
	for (; text && secrets && *secrets; secrets++) {
		struct text escaped = { 0 };

		text = mask_one(text, *secrets);
		text_append_escaped(&escaped, *secrets, strlen(*secrets));
		if (strcmp(text_string(&escaped), *secrets) != 0)
			text = mask_one(text, text_string(&escaped));
		text_done(&escaped);
	}
	return text;
}

const char **mask_list(const char *const *secrets, const char *token)
{
	const char **list;
	size_t count = 0;

	while (secrets && secrets[count])
		count++;
	list = memory_new(count + 2, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = secrets[i];
	list[count] = token;
	return list;
}
