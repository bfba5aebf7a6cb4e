/* evidence.h - an observation as proof: one bounded JSON object, secrets masked. */
#pragma once

struct check;
struct evidence;

/* Of a check that has its verdict, without its `secrets` (ended by NULL).  Any thread. */
struct evidence *evidence_new(const struct check *check, const char *const *secrets);
