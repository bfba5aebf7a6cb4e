/* page.h - what the pages for people share: head and foot, states, ages.
 *
 * A page is HTML made here, with its style and its script in it (page/): nothing is fetched from
 * anywhere, and a Content-Security-Policy says so.  It says all without the script, which keeps
 * it up to date by /v1/events.  Whatever comes from outside goes through base/html.h.
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "model/watch.h"

struct answer;
struct call;
struct history;
struct roster;
struct status;
struct text;

/* The state that is worst comes first; STATES of them. */
extern const enum state page_order[STATES];

/* The headers of an answer for browsers; `is_page`: with our style and our script. */
void page_set_headers(struct answer *answer, bool is_page);

/* All up to the body's first element. `kind` is what the script has to do; `root` leads to "/"
 * from there; `worst` is what is seen from afar.
 */
struct page_head {
	const char *title; /* as it comes from outside */
	const char *kind;
	const char *root;
	const char *name; /* of the endpoint that it is about, or NULL */
	enum state worst;
	unsigned long long seq; /* of the last event before it was made */
	bool is_partial; /* there is more than it shows */
};
void page_print_head(struct text *html, const struct page_head *head);
void page_print_foot(struct text *html, const char *root);

/* <time> with how long that is ago: "42s", "12m", "3h12m", "14d". */
void page_print_age(struct text *html, usec_t at, usec_t wall);
/* Why it is as it is: of the last check, or where that passed and is not believed yet, of the open
 * incident.  NULL: there is nothing to say.
 */
const char *page_reason_of(const struct watch *watch);
/* <span class="state">: the glyph comes from the style, the word is here. */
void page_print_state(struct text *html, enum state state);
/* What else there is to know of it, as tags: flapping, acknowledged, suppressed. */
void page_print_tags(struct text *html, const struct roster *roster, const struct watch *watch);

/* A line of its last latencies, for who can see it. */
void page_print_spark(struct text *html, const struct watch *watch);

/* The incidents, of one endpoint or of all (NULL), as a section; without `sees_all` only those of
 * endpoints that are public.
 */
void page_print_incidents(struct text *html, const struct status *status, const char *name,
			  const char *root, bool sees_all);

/* A section about how it was; nothing where there is no history (NULL). */
void page_print_uptime(struct text *html, const struct history *history, const struct watch *watch,
		       usec_t wall);

/* 404 for people. */
void page_answer_unknown(struct call *call);
