/* silences.h - all silences, and which of them keeps a watch quiet.
 *
 * Matching a name with every silence at each look would be too much for a hundred thousand
 * watches and a thousand silences, so a watch remembers the one that ends last of those that
 * match, and which were made since it was looked at.  A new silence costs one match a watch,
 * one that is over costs none, and only where one is ended early those it kept quiet are
 * matched with all that are left.
 *
 * Time is an argument; `boot` is CLOCK_BOOTTIME.  What must survive is added to `rows` (NULL:
 * nothing is kept).  Loop thread only; nothing fails.
 */
#pragma once

#include <stdbool.h>

#include "model/silence.h"
#include "model/watch.h"

struct pack;
struct silences;
struct store_row;

enum { SILENCES_MAX = 1000 };

struct silences *silences_new(void);
void silences_free(struct silences *silences);

/* Takes a silence that is dated.  -ENOSPC, with the silence freed: there are SILENCES_MAX. */
int silences_add(struct silences *silences, struct silence *silence, struct pack *rows);
/* Takes one out before its time; the caller frees it.  NULL: none has this id. */
struct silence *silences_take(struct silences *silences, const char *id, struct pack *rows);
/* The same with one whose time is over; NULL: there is none (left). */
struct silence *silences_take_over(struct silences *silences, usec_t boot, struct pack *rows);
/* When the next of them is over; USEC_NEVER: there are none. */
usec_t silences_next(const struct silences *silences);

/* Whether one keeps this watch quiet.  `looks` goes up by how many names were matched. */
bool silences_look(const struct silences *silences, struct watch *watch, usec_t boot,
		   unsigned *looks);
/* The same of what nobody watches any more (its labels are not known), and with NULL of picket
 * itself: only what matches whatever there is keeps that quiet.
 */
bool silences_look_name(const struct silences *silences, const char *name, const char *group,
			usec_t boot);

/* A row of STORE_READ_SILENCES; one whose time is over is dropped by `rows`. */
void silences_load(struct silences *silences, const struct store_row *row, usec_t wall, usec_t boot,
		   struct pack *rows);
/* All of them, after the store lost them. */
void silences_pack(const struct silences *silences, struct pack *rows);

/* In the order in which they were made. */
unsigned silences_count(const struct silences *silences);
const struct silence *silences_get(const struct silences *silences, unsigned place);
