/* verdict.c - the words for failures. */
#include <stdlib.h>
#include <string.h>

#include "model/verdict.h"

static const struct {
	const char *name, *sentence;
	enum class_family family;
} classes[CLASSES] = {
#define CLASS(name, family, sentence) [CLASS_##name] = { #name, sentence, FAMILY_##family },
#include "model/classes.inc"
#undef CLASS
};

static const char *const phases[PHASES] = {
	[PHASE_RESOLVE] = "resolve",
	[PHASE_CONNECT] = "connect",
	[PHASE_TLS] = "tls",
	[PHASE_REQUEST] = "request",
	[PHASE_FIRST_BYTE] = "first_byte",
	[PHASE_TRANSFER] = "transfer",
	[PHASE_JUDGE] = "judge",
};

static const char *const verdicts[] = {
	[VERDICT_NONE] = "none",
	[VERDICT_PASS] = "pass",
	[VERDICT_WARN] = "warn",
	[VERDICT_FAIL] = "fail",
};

const char *class_name(enum failure_class class)
{
	return classes[class].name;
}

const char *class_sentence(enum failure_class class)
{
	return classes[class].sentence;
}

enum class_family class_family(enum failure_class class)
{
	return classes[class].family;
}

enum failure_class class_find(const char *name)
{
	for (enum failure_class class = CLASS_NONE + 1; class < CLASSES; class ++)
		if (strcmp(classes[class].name, name) == 0)
			return class;
	return CLASS_NONE;
}

const char *phase_name(enum phase phase)
{
	return phases[phase];
}

const char *verdict_name(enum verdict_kind kind)
{
	return verdicts[kind];
}

static void findings_free(struct finding *findings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(findings[i].line);
		free(findings[i].value);
	}
	free(findings);
}

void verdict_done(struct verdict *verdict)
{
	findings_free(verdict->findings, verdict->findings_count);
	findings_free(verdict->held, verdict->held_count);
	free(verdict->reason);
	*verdict = (struct verdict){ 0 };
}
