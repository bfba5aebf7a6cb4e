/* pulse.c - what is known of somebody who calls us: the beats of a heartbeat. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/pulse.h"

static const char *const words[PULSE_WORDS] = {
	[PULSE_START] = "start",
	[PULSE_OK] = "ok",
	[PULSE_FAIL] = "fail",
};

const char *pulse_word_name(enum pulse_word word)
{
	return words[word];
}

enum pulse_word pulse_word_find(const char *name)
{
	for (enum pulse_word word = PULSE_NONE + 1; word < PULSE_WORDS; word++)
		if (strcmp(words[word], name) == 0)
			return word;
	return PULSE_NONE;
}

struct pulse *pulse_new(void)
{
	struct pulse *pulse = MEMORY_NEW(struct pulse);

	pulse->took = USEC_NEVER;
	return pulse;
}

void pulse_free(struct pulse *pulse)
{
	free(pulse->message);
	free(pulse);
}

struct pulse *pulse_copy(const struct pulse *pulse)
{
	struct pulse *copy = pulse_new();

	*copy = *pulse;
	copy->message = pulse->message ? memory_text(pulse->message) : NULL;
	return copy;
}

void pulse_hear(struct pulse *pulse, enum pulse_word word, char *message, struct instant now)
{
	if (word == PULSE_START) {
		pulse->began = now;
		if (!pulse->waits.at)
			pulse->waits = now;
		free(message);
		return;
	}
	pulse->took = pulse->began.at ? now.at - pulse->began.at : USEC_NEVER;
	pulse->last = word;
	pulse->ended = pulse->waits = now;
	pulse->began = (struct instant){ 0 };
	pulse->spared = 0;
	free(pulse->message);
	pulse->message = message;
	pulse->is_news = true;
}

void pulse_wait_anew(struct pulse *pulse, struct instant now)
{
	if (!pulse->waits.at)
		return;
	pulse->waits = now;
	pulse->spared = 0;
}
