/* steps.h - the keys of `steps:`, and what they lead to. */
#pragma once

#include "probe/http_options.h"
#include "probe/probe.h"

/* One request. */
struct step {
	struct http_options http; /* the first member: its rows are these */
	struct option_pairs capture; /* names and subjects */
	const struct value *expect;
	bool always;

	/* Prepared. */
	bool has_names; /* ${NAME} is in one of its texts */
	const struct value *captures_lines; /* "SUBJECT exists", as a list; NULL: none */
	const struct program *program; /* what it expects */
	const struct program *captures; /* a line for each of `capture` */
};

struct steps_options {
	struct option_steps requests; /* of struct step */
};

extern const struct option_table steps_table;

void steps_options_prepare(void *options, struct arena *arena, struct complaints *complaints,
			   const struct option_places *places);
void steps_options_compile(void *options, probe_compile *compile, void *context);

/* The length of the name in a "${NAME}" that `text` begins with, or 0. */
size_t steps_name_len(const char *text);
