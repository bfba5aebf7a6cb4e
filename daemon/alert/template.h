/* template.h - texts with ${…} for what a notification says.
 *
 *   ${summary} ${event} ${id} ${receiver} ${group}      of the message
 *   ${problems} ${resolved} ${open} ${critical}         its counts
 *   ${endpoint} ${incident} ${severity} ${state} ${class} ${reason} ${started_at} ${duration}
 *                                                       of its first incident
 *
 * Values are escaped for what surrounds them; ${raw:NAME} is not.  $${ is a literal ${, and
 * every other $ is itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text;

enum template_escape { TEMPLATE_JSON, TEMPLATE_FORM, TEMPLATE_MARKUP, TEMPLATE_PLAIN };

/* By the media type: JSON, a form, XML and HTML, else plain text. */
enum template_escape template_escape_of(const char *content_type);

/* Whether every name is one of those above; else what is wanted, to stand behind a key. */
bool template_check(const char *template, size_t len, struct text *wanted);
/* `json` is the notification's own. */
void template_render(const char *template, enum template_escape escape, const char *json,
		     struct text *text);
