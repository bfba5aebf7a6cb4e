/* verdict.h - what judging an observation gives, and the words for failures. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum class_family {
	FAMILY_NONE,
	FAMILY_RESOLVING,
	FAMILY_CONNECTING,
	FAMILY_TLS,
	FAMILY_TALKING,
	FAMILY_RUNNING,
	FAMILY_JUDGING,
	FAMILY_HERE,
};

enum failure_class {
	CLASS_NONE,
#define CLASS(name, family, sentence) CLASS_##name,
#include "model/classes.inc"
#undef CLASS
	CLASSES,
};

/* The steps of a check, in their order. */
enum phase {
	PHASE_RESOLVE,
	PHASE_CONNECT,
	PHASE_TLS,
	PHASE_REQUEST,
	PHASE_FIRST_BYTE,
	PHASE_TRANSFER,
	PHASE_JUDGE,
	PHASES,
};

enum verdict_kind { VERDICT_NONE, VERDICT_PASS, VERDICT_WARN, VERDICT_FAIL };

/* Stable names: "connect_refused", "first_byte", "pass".  CLASS_NONE has NULL. */
const char *class_name(enum failure_class class);
const char *class_sentence(enum failure_class class);
enum class_family class_family(enum failure_class class);
/* CLASS_NONE if no class is called so. */
enum failure_class class_find(const char *name);
const char *phase_name(enum phase phase);
const char *verdict_name(enum verdict_kind kind);

/* One expectation, and what it found. */
struct finding {
	char *line; /* owned; the expectation as it was written */
	char *value; /* owned; "status is 503", never NULL */
	bool is_warn; /* from `warn:` */
	size_t place; /* among the lines of its kind, from 0 */
};

struct verdict {
	enum verdict_kind kind;
	enum failure_class class; /* CLASS_NONE when kind is VERDICT_PASS */
	enum phase phase; /* where it ended; PHASES when kind is VERDICT_PASS */
	char *reason; /* owned; one line for people; NULL when kind is VERDICT_PASS */
	struct finding *findings; /* owned array; what did not hold */
	size_t findings_count;
	struct finding *held; /* owned array; what did hold, of a check that leaves evidence */
	size_t held_count;
	bool has_duplicate_names; /* JSON that was read names a member twice: the last counted */
};

void verdict_done(struct verdict *verdict);
