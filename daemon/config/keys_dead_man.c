/* keys_dead_man.c - the keys of `picket: dead_man:`. */
#include "base/text.h"
#include "config/keys.h"
#include "loop/post.h"

static bool check_url(const char *url, size_t len, struct text *wanted)
{
	const char *must;

	(void)len;
	if (post_check_url(url, &must))
		return true;
	text_print(wanted, "must %s", must);
	return false;
}

/* What a header can carry. */
static bool check_token(const char *text, size_t len, struct text *wanted)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] == 0x7f) {
			text_append(wanted, "must be one line without control characters");
			return false;
		}
	return true;
}

static const struct option_word methods[] = { { "GET", 0 }, { "POST", 1 }, { NULL, 0 } };

static const struct option dead_man_options[] = {
	{
		.key = "url",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct settings, dead_man.url, const char *),
		.is_url = true,
		.min = 1,
		.max = 8192,
		.check = check_url,
		.about = "Where the request goes, http:// or https://; nowhere unless given. A "
			 "status from 200 to 299 means that it has arrived.",
		.example = "https://watch.example.com/ping/picket",
		.elsewhere = "uri ping",
	},
	{
		.key = "every",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct settings, dead_man.every, usec_t),
		.fallback = "1m",
		.min = USEC_PER_SEC,
		.max = USEC_PER_DAY,
		.about = "From one to the next.",
		.elsewhere = "interval period",
	},
	{
		.key = "method",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct settings, dead_man.method, int),
		.fallback = "GET",
		.words = methods,
		.about = "Of the request, which has no body.",
	},
	{
		.key = "token",
		.kind = OPTION_SECRET,
		.offset = MEMBER(struct settings, dead_man.token, const char *),
		.min = 1,
		.max = 1024,
		.check = check_token,
		.about = "What is shown as Authorization: Bearer.",
		.example = "'${credential:dead-man}'",
		.elsewhere = "bearer password",
	},
	OPTION_END,
};

const struct option_table keys_dead_man = {
	.options = dead_man_options,
	.short_key = "url",
};
