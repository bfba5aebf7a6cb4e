/* connecting.h - what became of connecting: class, phases, and the addresses tried. */
#pragma once

#include "loop/connect.h"
#include "model/observation.h"

/* Of a connection that was not made; `detail` gets a sentence, or nothing where the class
 * says it all.
 */
enum failure_class connecting_classify(const struct connected *connected, enum phase *ret_phase,
				       struct text *detail);
/* What an errno of a connected socket says; CLASS_NONE where it says nothing. */
enum failure_class connecting_class_of_errno(int error);

/* As many as connected->tries_count; malloc'ed, or NULL. */
struct tried *connecting_tried(const struct connected *connected, uint16_t port);

/* Time was up after `took`, and this is what connect_cancel() had to say: works out what
 * each phase took, and what that was.
 */
void connecting_expire(struct connected *so_far, usec_t took);
