/* preset.h - bodies of webhooks that services of others expect.
 *
 * Sources: Slack, "Sending messages using incoming webhooks" and "Formatting text for app
 * surfaces"; Discord, "Webhook resource: Execute Webhook"; Microsoft Teams, "Create incoming
 * webhooks with workflows", and the Adaptive Card schema 1.4; Telegram Bot API, sendMessage; ntfy,
 * "Publishing"; PagerDuty, "Events API v2".
 */
#pragma once

#include "alert/template.h"
#include "option/option.h"

struct preset {
	const char *name;
	const char *content_type;
	enum template_escape escape;
	unsigned value_bytes; /* no value is longer */
	const char *answer_has; /* where the message was taken; NULL: the status says enough */
	const char *body;
};

/* Words for OPTION_CHOICE; their values are for preset_find(). */
extern const struct option_word preset_words[];
/* NULL for 0. */
const struct preset *preset_find(int word);
