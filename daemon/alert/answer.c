/* answer.c - what a receiver answered, as it may stand in a log. */
#include "alert/receiver.h"
#include "base/cleanup.h"
#include "base/mask.h"
#include "base/text.h"

enum { ANSWER_BYTES = 200 };

void delivery_append_answer(struct text *detail, const struct receiver *receiver, const char *data,
			    size_t len)
{
	cleanup(text)
	struct text answer = { .limit_bytes = ANSWER_BYTES };

	mask_append_escaped(&answer, data, len, receiver->secrets);
	text_append_len(detail, text_string(&answer), answer.len);
	text_append(detail, answer.is_cut ? "…" : "");
}
