/* evidence.c - an observation as proof. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "judge/evidence.h"
#include "judge/proof.h"
#include "model/check.h"
#include "model/dns.h"
#include "model/echo.h"
#include "model/evidence.h"
#include "model/process.h"
#include "model/tls.h"

enum {
	NAMES_MAX = 20,
	PERF_MAX = 20,
	RECORDS_SHOWN = 20,
	RECORD_BYTES = 512,
	PERF_BYTES = 256,
};

static void print_phases(struct text *json, const usec_t *phases, unsigned seen)
{
	proof_key(json, "phases");
	text_append_char(json, '{');
	for (unsigned phase = 0; phase < PHASES; phase++) {
		if (!(seen & 1u << phase))
			continue;
		proof_key(json, phase_name((enum phase)phase));
		units_seconds_print(json, phases[phase]);
	}
	text_append_char(json, '}');
}

static void print_address(struct text *json, const struct address *address)
{
	struct text text = { 0 };

	if (address->family == 0)
		return;
	address_print_port(&text, address);
	proof_member(json, "address", text_string(&text));
	text_done(&text);
}

/* An address, and what came of trying it. */
static void print_tried(struct text *json, const struct tried *tried)
{
	static const char *const ends[] = {
		[TRIED_NOT] = "not tried",
		[TRIED_CONNECTED] = "connected",
		[TRIED_LEFT] = "given up",
	};

	proof_key(json, NULL);
	text_append_char(json, '{');
	print_address(json, &tried->address);
	proof_member(json, "outcome",
		     tried->end == TRIED_FAILED ? class_name(tried->class) : ends[tried->end]);
	if (tried->end != TRIED_NOT) {
		proof_key(json, "after");
		units_seconds_print(json, tried->began);
		proof_key(json, "took");
		units_seconds_print(json, tried->took);
	}
	text_append_char(json, '}');
}

static void print_hops(struct text *json, const struct observation *observation,
		       const char *const *secrets)
{
	proof_key(json, "hops");
	text_append_char(json, '[');
	for (unsigned i = 0; i < observation->hops_count; i++) {
		const struct hop *hop = &observation->hops[i];

		proof_key(json, NULL);
		text_append_char(json, '{');
		proof_masked(json, "url", hop->url, secrets);
		if (hop->status) {
			proof_key(json, "status");
			text_append_uint(json, hop->status);
		}
		if (hop->is_downgrade)
			text_append(json, ",\"is_downgrade\":true");
		print_address(json, &hop->address);
		proof_key(json, "addresses");
		text_append_char(json, '[');
		for (unsigned j = 0; j < hop->tried_count; j++)
			print_tried(json, &hop->tried[j]);
		text_append_char(json, ']');
		print_phases(json, hop->phases, hop->phases_seen);
		text_append_char(json, '}');
	}
	text_append_char(json, ']');
}

static void print_certificate(struct text *json, const struct certificate *certificate)
{
	proof_key(json, NULL);
	text_append_char(json, '{');
	proof_name(json, "subject", certificate->subject);
	proof_name(json, "issuer", certificate->issuer);
	proof_member(json, "serial", certificate->serial);
	proof_member(json, "fingerprint", certificate->fingerprint);
	proof_member(json, "spki", certificate->spki);
	proof_key(json, "names");
	text_append_char(json, '[');
	for (size_t i = 0; i < certificate->names_count && i < NAMES_MAX; i++) {
		proof_key(json, NULL);
		text_append_json(json, certificate->names[i], strlen(certificate->names[i]));
	}
	text_append_char(json, ']');
	proof_key(json, "not_before");
	text_append_char(json, '"');
	units_time_print(json, (usec_t)certificate->not_before * USEC_PER_SEC);
	text_append(json, "\",\"not_after\":\"");
	units_time_print(json, (usec_t)certificate->not_after * USEC_PER_SEC);
	text_append(json, "\"}");
}

static void print_tls(struct text *json, const struct tls_facts *tls)
{
	if (!tls)
		return;
	proof_key(json, "tls");
	text_append_char(json, '{');
	if (tls->version) {
		proof_key(json, "version");
		text_print(json, "%u.%u", tls->version / 10, tls->version % 10);
	}
	proof_member(json, "cipher", tls->cipher);
	proof_member(json, "staple", tls_staple_name(tls->staple));
	if (tls->revoked_at > 0) {
		proof_key(json, "revoked_at");
		text_append_char(json, '"');
		units_time_print(json, (usec_t)tls->revoked_at * USEC_PER_SEC);
		text_append_char(json, '"');
	}
	proof_key(json, "chain");
	text_append_char(json, '[');
	for (size_t i = 0; i < tls->chain_count; i++)
		print_certificate(json, &tls->chain[i]);
	text_append(json, "]}");
}

static void print_dns(struct text *json, const struct dns_facts *dns, const char *const *secrets)
{
	static const char *const names[] = { "answer", "authority", "additional" };
	char room[16];

	if (!dns)
		return;
	proof_key(json, "dns");
	text_append_char(json, '{');
	proof_member(json, "rcode", dns_rcode_name(dns->rcode, room));
	for (unsigned section = 0; section < DNS_SECTIONS; section++) {
		proof_key(json, names[section]);
		text_append_char(json, '[');
		for (size_t i = 0; i < dns->counts[section] && i < RECORDS_SHOWN; i++) {
			const char *record = dns->records[section][i];

			proof_key(json, NULL);
			proof_excerpt(json, record, strlen(record), RECORD_BYTES, secrets);
		}
		text_append_char(json, ']');
	}
	text_append_char(json, '}');
}

static void print_echo(struct text *json, const struct echo_facts *echo)
{
	if (!echo)
		return;
	proof_key(json, "echo");
	text_print(json, "{\"sent\":%u,\"back\":%u", echo->sent, echo->back);
	if (echo->back > 0) {
		text_append(json, ",\"min\":");
		units_seconds_print(json, echo->min);
		text_append(json, ",\"avg\":");
		units_seconds_print(json, echo->avg);
		text_append(json, ",\"max\":");
		units_seconds_print(json, echo->max);
		text_append(json, ",\"jitter\":");
		units_seconds_print(json, echo->jitter);
	}
	text_append_char(json, '}');
}

/* A word of a program, which may make it as long as it likes. */
static void print_word(struct text *json, const char *name, const char *word,
		       const char *const *secrets)
{
	if (!word)
		return;
	proof_key(json, name);
	proof_excerpt(json, word, strlen(word), PERF_BYTES, secrets);
}

static void print_perf(struct text *json, const struct perf *perf, const char *const *secrets)
{
	proof_key(json, NULL);
	text_append_char(json, '{');
	print_word(json, "name", perf->label, secrets);
	if (perf->has_value) {
		proof_key(json, "value");
		text_print(json, "%.12g", perf->value);
	}
	print_word(json, "unit", perf->unit[0] ? perf->unit : NULL, secrets);
	print_word(json, "warn", perf->warn, secrets);
	print_word(json, "crit", perf->crit, secrets);
	print_word(json, "min", perf->min, secrets);
	print_word(json, "max", perf->max, secrets);
	proof_member(json, "level", perf_level_name(perf->level));
	text_append_char(json, '}');
}

static void print_process(struct text *json, const struct process_facts *process, size_t max,
			  const char *const *secrets)
{
	if (!process)
		return;
	proof_key(json, "process");
	text_append_char(json, '{');
	if (process->has_exited) {
		proof_key(json, "exit");
		text_append_uint(json, (uint64_t)process->exit);
	}
	if (process->signal) {
		proof_key(json, "signal");
		text_append_uint(json, (uint64_t)process->signal);
	}
	if (process->errors.len) {
		proof_key(json, "stderr");
		proof_excerpt(json, process->errors.data, process->errors.len, max, secrets);
	}
	if (process->perf_count) {
		proof_key(json, "perf");
		text_append_char(json, '[');
		for (size_t i = 0; i < process->perf_count && i < PERF_MAX; i++)
			print_perf(json, &process->perf[i], secrets);
		text_append_char(json, ']');
	}
	text_append_char(json, '}');
}

static void print_finding(struct text *json, const struct finding *finding, bool holds)
{
	proof_key(json, NULL);
	text_print(json, "{\"holds\":%s", holds ? "true" : "false");
	proof_member(json, "line", finding->line);
	/* Of what holds, the value may have cost too much to be told. */
	if (finding->value[0])
		proof_member(json, "value", finding->value);
	proof_member(json, "severity", finding->is_warn ? "warn" : "expect");
	text_append_char(json, '}');
}

static bool is_before(const struct finding *a, const struct finding *b)
{
	return a->is_warn != b->is_warn ? b->is_warn : a->place < b->place;
}

/* Every expectation that was asked, in the order of the configuration. */
static void print_findings(struct text *json, const struct verdict *verdict)
{
	size_t i = 0, j = 0;

	proof_key(json, "expectations");
	text_append_char(json, '[');
	while (i < verdict->findings_count || j < verdict->held_count) {
		const bool is_held = i == verdict->findings_count ||
				     (j < verdict->held_count &&
				      is_before(&verdict->held[j], &verdict->findings[i]));

		print_finding(json, is_held ? &verdict->held[j] : &verdict->findings[i], is_held);
		i += !is_held;
		j += is_held;
	}
	text_append_char(json, ']');
}

static void print_latency(struct text *json, const struct observation *seen)
{
	if (seen->latency == USEC_NEVER)
		return;
	proof_key(json, "latency");
	units_seconds_print(json, seen->latency);
}

static void print_verdict(struct text *json, const struct check *check)
{
	const struct verdict *verdict = &check->verdict;

	text_append(json, "{\"at\":\"");
	units_time_print(json, check->observation.wall);
	text_append_char(json, '"');
	proof_member(json, "verdict", verdict_name(verdict->kind));
	if (verdict->class) {
		proof_member(json, "class", class_name(verdict->class));
		proof_member(json, "phase", phase_name(verdict->phase));
	}
	proof_member(json, "reason", verdict->reason);
	print_latency(json, &check->observation);
}

/* A look that was not the worst one. */
static void print_other(struct text *json, const struct look *look)
{
	const struct observation *seen = &look->observation;

	proof_key(json, NULL);
	text_print(json, "{\"verdict\":\"%s\"", verdict_name(look->verdict.kind));
	proof_member(json, "class", class_name(look->verdict.class));
	proof_member(json, "reason", look->verdict.reason);
	if (seen->status) {
		proof_key(json, "status");
		text_append_uint(json, seen->status);
	}
	print_address(json, &seen->address);
	print_latency(json, seen);
	print_phases(json, seen->phases, seen->phases_seen);
	text_append_char(json, '}');
}

static void print_others(struct text *json, const struct check *check)
{
	if (check->others_count == 0)
		return;
	proof_key(json, "others");
	text_append_char(json, '[');
	for (unsigned i = 0; i < check->others_count; i++)
		print_other(json, &check->others[i]);
	text_append_char(json, ']');
}

/* Those before this one, masked already. */
static void print_steps(struct text *json, const struct check *check)
{
	if (!check->chain || check->chain->told.len == 0)
		return;
	proof_key(json, "steps");
	text_print(json, "[%s]", check->chain->told.data);
}

static void print_answer(struct text *json, const struct check *check, const char *const *secrets)
{
	const struct observation *seen = &check->observation;
	const size_t max = check->limits->evidence_bytes;
	const char *request = seen->hops_count ? seen->hops[seen->hops_count - 1].request : NULL;

	if (request)
		proof_lines(json, "request", request, max, secrets);
	if (seen->headers.len)
		proof_lines(json, "headers", text_string(&seen->headers), max, secrets);
	if (seen->body.len == 0)
		return;
	proof_key(json, "size");
	text_append_uint(json, seen->body.len);
	text_print(json, ",\"is_cut\":%s", seen->body_is_cut ? "true" : "false");
	if (check->verdict.has_duplicate_names)
		text_append(json, ",\"has_duplicate_names\":true");
	proof_key(json, "body");
	proof_excerpt(json, seen->body.data, seen->body.len, max, secrets);
}

struct evidence *evidence_new(const struct check *check, const char *const *secrets)
{
	const struct observation *observation = &check->observation;
	struct text json = { 0 };
	struct evidence *evidence;

	print_verdict(&json, check);
	print_phases(&json, observation->phases, observation->phases_seen);
	print_address(&json, &observation->address);
	print_findings(&json, &check->verdict);
	print_hops(&json, observation, secrets);
	print_others(&json, check);
	print_steps(&json, check);
	print_tls(&json, observation->tls);
	print_dns(&json, observation->dns, secrets);
	print_echo(&json, observation->echo);
	print_process(&json, observation->process, check->limits->evidence_bytes / 4, secrets);
	print_answer(&json, check, secrets);
	text_append_char(&json, '}');
	/* It is kept for long: without the room that it grew in. */
	evidence = evidence_make(memory_text_len(json.data, json.len), json.len);
	text_done(&json);
	return evidence;
}
