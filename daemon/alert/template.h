/* template.h - texts with ${…} for what a notification says.
 *
 *   ${summary} ${event} ${id} ${receiver} ${group}      of the message
 *   ${problems} ${resolved} ${open} ${critical}         its counts
 *   ${endpoint} ${incident} ${severity} ${state} ${class} ${reason} ${started_at} ${duration}
 *                                                       of its first incident
 *   ${action} ${key} ${source} ${level}                 as incident managers want it
 *   ${field:NAME}                                       what the configuration says
 *
 * action is resolve where all of the group is over, else trigger; key is the same for all
 * messages about a group; source is the first endpoint, or picket; level its severity, or info.
 *
 * Values are escaped for what surrounds them; ${raw:NAME} is not.  $${ is a literal ${, and
 * every other $ is itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct option_pairs;
struct text;

enum template_escape {
	TEMPLATE_JSON,
	TEMPLATE_JSON_ENTITIES, /* with &amp; &lt; &gt; within the strings */
	TEMPLATE_FORM,
	TEMPLATE_MARKUP,
	TEMPLATE_PLAIN,
};

/* What names stand for. */
struct template_facts {
	const char *json; /* the notification's own */
	const struct option_pairs *fields; /* or NULL */
	size_t value_bytes; /* no value is longer, before it is escaped; 0: as long as it is */
};

/* By the media type: JSON, a form, XML and HTML, else plain text. */
enum template_escape template_escape_of(const char *content_type);

/* Whether every name is one of those above; else what is wanted, to stand behind a key. */
bool template_check(const char *template, size_t len, struct text *wanted);
/* The name of the first ${field:NAME} that `fields` does not have, of *ret_len bytes; or NULL. */
const char *template_missing(const char *template, const struct option_pairs *fields,
			     size_t *ret_len);
void template_render(const char *template, enum template_escape escape,
		     const struct template_facts *facts, struct text *text);
