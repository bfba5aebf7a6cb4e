/* preset.c - bodies of webhooks that services of others expect. */
#include <stddef.h>

#include "alert/preset.h"

static const char json[] = "application/json";

/* Wherever a service reads mentions, links or markup in a text, the text goes where it does not,
 * or is escaped for that too: what an endpoint says wakes up no channel.
 */
static const struct preset presets[] = {
	{
		.name = "slack",
		.content_type = json,
		.escape = TEMPLATE_JSON_ENTITIES,
		.value_bytes = 2500,
		.answer_has = "ok",
		.body = "{\"text\":\"${summary}\",\"mrkdwn\":false,\"unfurl_links\":false,"
			"\"blocks\":[{\"type\":\"section\",\"text\":{\"type\":\"plain_text\","
			"\"text\":\"${summary}\",\"emoji\":false}},{\"type\":\"context\","
			"\"elements\":[{\"type\":\"plain_text\",\"text\":\"${event} · ${group} · "
			"${open} open\",\"emoji\":false}]}]}",
	},
	{
		.name = "discord",
		.content_type = json,
		.escape = TEMPLATE_JSON,
		.value_bytes = 1800,
		.body = "{\"username\":\"picket\",\"content\":\"${summary}\","
			"\"allowed_mentions\":{\"parse\":[]},\"flags\":4}",
	},
	{
		.name = "teams",
		.content_type = json,
		.escape = TEMPLATE_JSON,
		.value_bytes = 2500,
		.body = "{\"type\":\"message\",\"attachments\":[{\"contentType\":"
			"\"application/vnd.microsoft.card.adaptive\",\"content\":{\"$schema\":"
			"\"http://adaptivecards.io/schemas/adaptive-card.json\",\"type\":"
			"\"AdaptiveCard\",\"version\":\"1.4\",\"body\":[{\"type\":\"RichTextBlock\","
			"\"inlines\":[{\"type\":\"TextRun\",\"weight\":\"Bolder\",\"text\":"
			"\"${summary}\"}]},{\"type\":\"RichTextBlock\",\"inlines\":[{\"type\":"
			"\"TextRun\",\"isSubtle\":true,\"text\":\"${event} · ${group} · ${open} open\""
			"}]}]}}]}",
	},
	{
		.name = "telegram",
		.content_type = json,
		.escape = TEMPLATE_JSON,
		.value_bytes = 3500,
		.answer_has = "\"ok\":true",
		.body = "{\"chat_id\":\"${field:chat_id}\",\"text\":\"${summary}\","
			"\"disable_web_page_preview\":true}",
	},
	{
		.name = "ntfy",
		.content_type = "text/plain; charset=utf-8",
		.escape = TEMPLATE_PLAIN,
		.value_bytes = 3500,
		.body = "${summary}",
	},
	{
		.name = "pagerduty",
		.content_type = json,
		.escape = TEMPLATE_JSON,
		.value_bytes = 1000,
		.answer_has = "\"success\"",
		.body = "{\"routing_key\":\"${field:routing_key}\",\"event_action\":\"${action}\","
			"\"dedup_key\":\"${key}\",\"client\":\"picket\",\"payload\":{\"summary\":"
			"\"${summary}\",\"source\":\"${source}\",\"severity\":\"${level}\","
			"\"group\":\"${group}\",\"class\":\"${class}\"}}",
	},
};

enum { PRESETS = sizeof(presets) / sizeof(presets[0]) };

const struct option_word preset_words[] = {
	{ "slack", 1 }, { "discord", 2 },   { "teams", 3 }, { "telegram", 4 },
	{ "ntfy", 5 },	{ "pagerduty", 6 }, { NULL, 0 },
};

_Static_assert(sizeof(preset_words) / sizeof(preset_words[0]) == PRESETS + 1,
	       "a word for each preset");

const struct preset *preset_find(int word)
{
	return word > 0 && word <= PRESETS ? &presets[word - 1] : NULL;
}
