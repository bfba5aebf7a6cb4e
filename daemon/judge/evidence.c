/* evidence.c - an observation as proof. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "base/utf8.h"
#include "judge/evidence.h"
#include "judge/mask.h"
#include "model/check.h"
#include "model/dns.h"
#include "model/echo.h"
#include "model/evidence.h"
#include "model/process.h"
#include "model/tls.h"

enum {
	HEADER_LINES_MAX = 100,
	NAMES_MAX = 20,
	NAME_BYTES = 512,
	PERF_MAX = 20,
	RECORDS_SHOWN = 20,
	RECORD_BYTES = 512,
};

/* `"key":` with the comma that it needs. */
static void key(struct text *json, const char *name)
{
	const char last = json->data[json->len - 1];

	if (last != '{' && last != '[')
		text_append_char(json, ',');
	if (name)
		text_print(json, "\"%s\":", name);
}

static void member(struct text *json, const char *name, const char *value)
{
	if (!value)
		return;
	key(json, name);
	text_append_json(json, value, strlen(value));
}

/* A name that the peer may have made as long as it likes. */
static void cut_member(struct text *json, const char *name, const char *value)
{
	key(json, name);
	text_append_json(json, value, utf8_cut(value, strlen(value), NAME_BYTES));
}

static void print_phases(struct text *json, const usec_t *phases, unsigned seen)
{
	key(json, "phases");
	text_append_char(json, '{');
	for (unsigned phase = 0; phase < PHASES; phase++) {
		if (!(seen & 1u << phase))
			continue;
		key(json, phase_name((enum phase)phase));
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
	member(json, "address", text_string(&text));
	text_done(&text);
}

/* A text that may hold a secret of the endpoint. */
static void masked(struct text *json, const char *name, const char *value,
		   const char *const *secrets)
{
	char *shown = mask_secrets(memory_text(value ? value : ""), secrets);

	if (value)
		member(json, name, shown);
	free(shown);
}

/* An address, and what came of trying it. */
static void print_tried(struct text *json, const struct tried *tried)
{
	static const char *const ends[] = {
		[TRIED_NOT] = "not tried",
		[TRIED_CONNECTED] = "connected",
		[TRIED_LEFT] = "given up",
	};

	key(json, NULL);
	text_append_char(json, '{');
	print_address(json, &tried->address);
	member(json, "outcome",
	       tried->end == TRIED_FAILED ? class_name(tried->class) : ends[tried->end]);
	if (tried->end != TRIED_NOT) {
		key(json, "after");
		units_seconds_print(json, tried->began);
		key(json, "took");
		units_seconds_print(json, tried->took);
	}
	text_append_char(json, '}');
}

static void print_hops(struct text *json, const struct observation *observation,
		       const char *const *secrets)
{
	key(json, "hops");
	text_append_char(json, '[');
	for (unsigned i = 0; i < observation->hops_count; i++) {
		const struct hop *hop = &observation->hops[i];

		key(json, NULL);
		text_append_char(json, '{');
		masked(json, "url", hop->url, secrets);
		if (hop->status) {
			key(json, "status");
			text_append_uint(json, hop->status);
		}
		if (hop->is_downgrade)
			text_append(json, ",\"is_downgrade\":true");
		print_address(json, &hop->address);
		key(json, "addresses");
		text_append_char(json, '[');
		for (unsigned j = 0; j < hop->tried_count; j++)
			print_tried(json, &hop->tried[j]);
		text_append_char(json, ']');
		print_phases(json, hop->phases, hop->phases_seen);
		text_append_char(json, '}');
	}
	text_append_char(json, ']');
}

static size_t longest(const char *const *secrets)
{
	size_t max = 0;

	for (; secrets && *secrets; secrets++)
		if (strlen(*secrets) > max)
			max = strlen(*secrets);
	return max;
}

/* The first `max` bytes of `data` as a JSON text, secrets masked.  More than that
 * is looked at, so that a secret across the end is seen whole.
 */
static void print_excerpt(struct text *json, const char *data, size_t len, size_t max,
			  const char *const *secrets)
{
	const size_t margin = longest(secrets);
	const size_t window = len < max + 2 * margin ? len : max + 2 * margin;
	char *shown = memory_text_len(data, window);

	/* A NUL would end the masking early. */
	for (size_t i = 0; i < window; i++)
		if (shown[i] == '\0')
			shown[i] = ' ';
	shown = mask_secrets(shown, secrets);
	len = strlen(shown);
	if (margin && window == max + 2 * margin) /* may end with half a secret */
		len = len > margin ? len - margin : 0;
	text_append_json(json, shown, utf8_cut(shown, len, max));
	free(shown);
}

/* What is nobody's business, whoever made it: a digest and a cookie are as good as the
 * password that led to them.  How much of the line may be shown, or all of it.
 */
static size_t shown_of(const char *line, size_t len)
{
	static const char *const hidden[] = { "Authorization:", "Proxy-Authorization:", "Cookie:" };
	static const char cookie[] = "Set-Cookie:";
	const char *value;

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (strncasecmp(line, hidden[i], strlen(hidden[i])) == 0)
			return strlen(hidden[i]);
	value = strncasecmp(line, cookie, strlen(cookie)) == 0 ? memchr(line, '=', len) : NULL;
	return value ? (size_t)(value - line) : len;
}

/* A header, or the line before them. */
static void print_line(struct text *json, const char *line, size_t len, size_t max,
		       const char *const *secrets)
{
	const size_t shown = shown_of(line, len);
	cleanup(free)
	char *part = NULL;

	key(json, NULL);
	if (shown == len) {
		print_excerpt(json, line, len, max, secrets);
		return;
	}
	part = memory_print("%.*s%s***", (int)shown, line, line[shown] == '=' ? "=" : " ");
	print_excerpt(json, part, strlen(part), max, secrets);
}

/* Lines that end with CR, LF or both. */
static void print_lines(struct text *json, const char *name, const char *line, size_t max,
			const char *const *secrets)
{
	unsigned lines = 0;
	size_t used = 0;

	key(json, name);
	text_append_char(json, '[');
	while (*line && lines++ < HEADER_LINES_MAX && used < max) {
		const size_t len = strcspn(line, "\r\n");

		print_line(json, line, len, max - used, secrets);
		used += len;
		line += len;
		line += strspn(line, "\r\n");
	}
	text_append_char(json, ']');
}

static void print_certificate(struct text *json, const struct certificate *certificate)
{
	key(json, NULL);
	text_append_char(json, '{');
	cut_member(json, "subject", certificate->subject);
	cut_member(json, "issuer", certificate->issuer);
	member(json, "serial", certificate->serial);
	member(json, "fingerprint", certificate->fingerprint);
	member(json, "spki", certificate->spki);
	key(json, "names");
	text_append_char(json, '[');
	for (size_t i = 0; i < certificate->names_count && i < NAMES_MAX; i++) {
		key(json, NULL);
		text_append_json(json, certificate->names[i], strlen(certificate->names[i]));
	}
	text_append_char(json, ']');
	key(json, "not_before");
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
	key(json, "tls");
	text_append_char(json, '{');
	if (tls->version) {
		key(json, "version");
		text_print(json, "%u.%u", tls->version / 10, tls->version % 10);
	}
	member(json, "cipher", tls->cipher);
	member(json, "staple", tls_staple_name(tls->staple));
	if (tls->revoked_at > 0) {
		key(json, "revoked_at");
		text_append_char(json, '"');
		units_time_print(json, (usec_t)tls->revoked_at * USEC_PER_SEC);
		text_append_char(json, '"');
	}
	key(json, "chain");
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
	key(json, "dns");
	text_append_char(json, '{');
	member(json, "rcode", dns_rcode_name(dns->rcode, room));
	for (unsigned section = 0; section < DNS_SECTIONS; section++) {
		key(json, names[section]);
		text_append_char(json, '[');
		for (size_t i = 0; i < dns->counts[section] && i < RECORDS_SHOWN; i++) {
			const char *record = dns->records[section][i];

			key(json, NULL);
			print_excerpt(json, record, strlen(record), RECORD_BYTES, secrets);
		}
		text_append_char(json, ']');
	}
	text_append_char(json, '}');
}

static void print_echo(struct text *json, const struct echo_facts *echo)
{
	if (!echo)
		return;
	key(json, "echo");
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

static void print_perf(struct text *json, const struct perf *perf)
{
	key(json, NULL);
	text_append_char(json, '{');
	member(json, "name", perf->label);
	if (perf->has_value) {
		key(json, "value");
		text_print(json, "%.12g", perf->value);
	}
	member(json, "unit", perf->unit[0] ? perf->unit : NULL);
	member(json, "warn", perf->warn);
	member(json, "crit", perf->crit);
	member(json, "min", perf->min);
	member(json, "max", perf->max);
	member(json, "level", perf_level_name(perf->level));
	text_append_char(json, '}');
}

static void print_process(struct text *json, const struct process_facts *process, size_t max,
			  const char *const *secrets)
{
	if (!process)
		return;
	key(json, "process");
	text_append_char(json, '{');
	if (process->has_exited) {
		key(json, "exit");
		text_append_uint(json, (uint64_t)process->exit);
	}
	if (process->signal) {
		key(json, "signal");
		text_append_uint(json, (uint64_t)process->signal);
	}
	if (process->errors.len) {
		key(json, "stderr");
		print_excerpt(json, process->errors.data, process->errors.len, max, secrets);
	}
	if (process->perf_count) {
		key(json, "perf");
		text_append_char(json, '[');
		for (size_t i = 0; i < process->perf_count && i < PERF_MAX; i++)
			print_perf(json, &process->perf[i]);
		text_append_char(json, ']');
	}
	text_append_char(json, '}');
}

static void print_finding(struct text *json, const struct finding *finding, bool holds)
{
	key(json, NULL);
	text_print(json, "{\"holds\":%s", holds ? "true" : "false");
	member(json, "line", finding->line);
	/* Of what holds, the value may have cost too much to be told. */
	if (finding->value[0])
		member(json, "value", finding->value);
	member(json, "severity", finding->is_warn ? "warn" : "expect");
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

	key(json, "expectations");
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

static void print_verdict(struct text *json, const struct check *check)
{
	const struct verdict *verdict = &check->verdict;

	text_append(json, "{\"at\":\"");
	units_time_print(json, check->observation.wall);
	text_append_char(json, '"');
	member(json, "verdict", verdict_name(verdict->kind));
	if (verdict->class) {
		member(json, "class", class_name(verdict->class));
		member(json, "phase", phase_name(verdict->phase));
	}
	member(json, "reason", verdict->reason);
	key(json, "latency");
	units_seconds_print(json, check->observation.latency);
}

/* A look that was not the worst one. */
static void print_other(struct text *json, const struct look *look)
{
	const struct observation *seen = &look->observation;

	key(json, NULL);
	text_print(json, "{\"verdict\":\"%s\"", verdict_name(look->verdict.kind));
	member(json, "class", class_name(look->verdict.class));
	member(json, "reason", look->verdict.reason);
	if (seen->status) {
		key(json, "status");
		text_append_uint(json, seen->status);
	}
	print_address(json, &seen->address);
	key(json, "latency");
	units_seconds_print(json, seen->latency);
	print_phases(json, seen->phases, seen->phases_seen);
	text_append_char(json, '}');
}

static void print_others(struct text *json, const struct check *check)
{
	if (check->others_count == 0)
		return;
	key(json, "others");
	text_append_char(json, '[');
	for (unsigned i = 0; i < check->others_count; i++)
		print_other(json, &check->others[i]);
	text_append_char(json, ']');
}

static void print_answer(struct text *json, const struct check *check, const char *const *secrets)
{
	const struct observation *seen = &check->observation;
	const size_t max = check->limits->evidence_bytes;
	const char *request = seen->hops_count ? seen->hops[seen->hops_count - 1].request : NULL;

	if (request)
		print_lines(json, "request", request, max, secrets);
	if (seen->headers.len)
		print_lines(json, "headers", text_string(&seen->headers), max, secrets);
	if (seen->body.len == 0)
		return;
	key(json, "size");
	text_append_uint(json, seen->body.len);
	text_print(json, ",\"is_cut\":%s", seen->body_is_cut ? "true" : "false");
	if (check->verdict.has_duplicate_names)
		text_append(json, ",\"has_duplicate_names\":true");
	key(json, "body");
	print_excerpt(json, seen->body.data, seen->body.len, max, secrets);
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
