/* endpoint.c - endpoints and checks as the API shows them.
 *
 * Written straight into the text: a hundred thousand of them are listed at times.
 */
#include "status/endpoint.h"
#include "base/cleanup.h"
#include "model/check.h"
#include "model/incident.h"
#include "model/maintenance.h"
#include "model/roster.h"
#include "model/watch.h"
#include "probe/probe.h"
#include "status/heartbeat.h"
#include "status/member.h"
#include "status/status.h"

/* What was asked and its first byte are one step for people: the server's. */
static const struct {
	const char *name;
	uint8_t phases;
} steps[] = {
	{ "resolve", 1u << PHASE_RESOLVE },
	{ "connect", 1u << PHASE_CONNECT },
	{ "tls", 1u << PHASE_TLS },
	{ "first_byte", 1u << PHASE_REQUEST | 1u << PHASE_FIRST_BYTE },
	{ "transfer", 1u << PHASE_TRANSFER },
};

void endpoint_print_class(struct text *json, enum failure_class class, enum phase phase)
{
	if (class == CLASS_NONE)
		return;
	member_text(json, "class", class_name(class));
	if (phase < PHASES)
		member_text(json, "phase", phase_name(phase));
}

static void print_verdict(struct text *json, enum verdict_kind kind, enum failure_class class,
			  enum phase phase)
{
	member_text(json, "verdict", verdict_name(kind));
	endpoint_print_class(json, class, phase);
}

void endpoint_print_latency(struct text *json, usec_t latency)
{
	if (latency != USEC_NEVER)
		member_seconds(json, "latency", latency);
}

static void print_phases(struct text *json, const struct last_check *last)
{
	member(json, "phases");
	text_append_char(json, '{');
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		usec_t sum = 0;

		if (!(last->phases_seen & steps[i].phases))
			continue;
		for (enum phase phase = 0; phase < PHASE_JUDGE; phase++)
			if (last->phases_seen & steps[i].phases & 1u << phase)
				sum += last->phases[phase];
		member_seconds(json, steps[i].name, sum);
	}
	text_append_char(json, '}');
}

static void print_last(struct text *json, const struct last_check *last, bool shows_detail)
{
	member_time(json, "at", last->wall);
	print_verdict(json, last->kind, last->class, last->phase);
	if (last->reason)
		member_text(json, "reason", last->reason);
	endpoint_print_latency(json, last->latency);
	print_phases(json, last);
	if (last->address.family && shows_detail) {
		member(json, "address");
		text_append_char(json, '"');
		address_print(json, &last->address);
		text_append_char(json, '"');
	}
	member_seconds(json, "lateness", last->lateness);
}

/* Started later than a tenth of its interval, and than a second. */
static bool is_late(const struct watch *watch)
{
	return watch->last.wall && watch->last.lateness > USEC_PER_SEC &&
	       watch->last.lateness > watch->endpoint->interval / 10;
}

/* By their bits in endpoint_flags(). */
static const char *const flags[] = {
	"flapping", "stale", "late", "silenced", "maintenance", "acknowledged", "suppressed",
};

unsigned endpoint_flags(const struct roster *roster, const struct watch *watch)
{
	const bool is_set[] = {
		watch->standing.is_flapping,
		watch->is_stale,
		is_late(watch),
		watch->held & HOLD_SILENCE,
		watch->held & HOLD_MAINTENANCE,
		watch->incident && watch->incident->acknowledged.at,
		roster_find_down(roster, watch) != NULL,
	};
	unsigned bits = 0;

	_Static_assert(sizeof(is_set) / sizeof(is_set[0]) == sizeof(flags) / sizeof(flags[0]),
		       "each has a name");
	for (unsigned i = 0; i < sizeof(is_set) / sizeof(is_set[0]); i++)
		bits |= is_set[i] ? 1u << i : 0;
	return bits;
}

void endpoint_print_flags(struct text *json, unsigned bits, bool shows_none)
{
	bool is_first = true;

	if (!bits && !shows_none)
		return;
	member(json, "flags");
	text_append_char(json, '[');
	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (!(bits & 1u << i))
			continue;
		text_print(json, is_first ? "\"%s\"" : ",\"%s\"", flags[i]);
		is_first = false;
	}
	text_append_char(json, ']');
}

static void print_labels(struct text *json, const struct endpoint *endpoint)
{
	member(json, "labels");
	text_append_char(json, '{');
	for (unsigned i = 0; i < endpoint->labels_count; i++) {
		const struct label *label = &endpoint->labels[i];

		if (i > 0)
			text_append_char(json, ',');
		text_append_json(json, label->key, strlen(label->key));
		text_append_char(json, ':');
		text_append_json(json, label->value, strlen(label->value));
	}
	text_append_char(json, '}');
}

static void print_maintenance(struct text *json, const struct upkeep *upkeep)
{
	member(json, "maintenance");
	text_append_char(json, '{');
	if (upkeep->is_open)
		member_time(json, "since", upkeep->since);
	if (upkeep->until != USEC_NEVER)
		member_time(json, upkeep->is_open ? "until" : "next_at", upkeep->until);
	text_append_char(json, '}');
}

void endpoint_print_members(struct text *json, const struct roster *roster,
			    const struct watch *watch, usec_t next_check_wall, bool shows_detail)
{
	const struct endpoint *endpoint = watch->endpoint;
	const struct standing *standing = &watch->standing;

	member_text(json, "name", endpoint->name);
	if (endpoint->group)
		member_text(json, "group", endpoint->group->name);
	member_text(json, "probe", endpoint->type->name);
	member_text(json, "target", endpoint->target);
	member_text(json, "state", state_name(standing->state));
	if (standing->since)
		member_time(json, "since", standing->since);
	if (standing->leaning != standing->state) {
		member(json, "confirming");
		text_append_char(json, '{');
		member_text(json, "to", state_name(standing->leaning));
		member_uint(json, "seen", standing->seen);
		member_uint(json, "needed", standing->needed);
		text_append_char(json, '}');
	}
	endpoint_print_flags(json, endpoint_flags(roster, watch), true);
	if (watch->upkeep)
		print_maintenance(json, watch->upkeep);
	print_labels(json, endpoint);
	member_seconds(json, "interval", endpoint->interval);
	if (next_check_wall != 0 && next_check_wall != USEC_NEVER)
		member_time(json, "next_check_at", next_check_wall);
	if (watch->pulse)
		heartbeat_print(json, watch, shows_detail);
	if (watch->last.wall) {
		member(json, "last_check");
		text_append_char(json, '{');
		print_last(json, &watch->last, shows_detail);
		text_append_char(json, '}');
	}
}

void status_print_endpoint(struct text *json, const struct roster *roster,
			   const struct watch *watch, usec_t next_check_wall, bool shows_detail)
{
	text_append_char(json, '{');
	endpoint_print_members(json, roster, watch, next_check_wall, shows_detail);
	text_append_char(json, '}');
}

void status_print_verdict(struct text *json, const struct watch *watch)
{
	const struct endpoint *endpoint = watch->endpoint;

	text_append_char(json, '{');
	member_text(json, "endpoint", endpoint->name);
	if (endpoint->group)
		member_text(json, "group", endpoint->group->name);
	member_text(json, "probe", endpoint->type->name);
	member_text(json, "target", endpoint->target);
	print_labels(json, endpoint);
	member_text(json, "state", state_name(watch->standing.state));
	print_last(json, &watch->last, true);
	text_append_char(json, '}');
}

void endpoint_print_recent(struct text *json, const struct watch *watch)
{
	struct past_check checks[PAST_CHECKS];
	const unsigned count = recent_read(watch->recent, checks);

	text_append_char(json, '[');
	for (unsigned i = 0; i < count; i++) {
		const struct past_check *past = &checks[i];

		text_append(json, i > 0 ? ",{" : "{");
		member_time(json, "at", past->at);
		print_verdict(json, past->kind, past->class, past->phase);
		endpoint_print_latency(json, past->latency ? past->latency : USEC_NEVER);
		text_append_char(json, '}');
	}
	text_append_char(json, ']');
}

static void print_findings(struct text *json, const struct verdict *verdict)
{
	member(json, "expectations");
	text_append_char(json, '[');
	for (size_t i = 0; i < verdict->findings_count; i++) {
		const struct finding *finding = &verdict->findings[i];

		text_append(json, i > 0 ? ",{" : "{");
		member_text(json, "line", finding->line);
		member_text(json, "value", finding->value);
		member_text(json, "severity", finding->is_warn ? "warn" : "expect");
		text_append_char(json, '}');
	}
	text_append_char(json, ']');
}

void endpoint_print_check(struct text *json, const struct check *check)
{
	member_time(json, "at", check->observation.wall);
	if (check->is_silent) {
		member_text(json, "reason", check->observation.detail);
		return;
	}
	print_verdict(json, check->verdict.kind, check->verdict.class, check->verdict.phase);
	if (check->verdict.reason)
		member_text(json, "reason", check->verdict.reason);
	endpoint_print_latency(json, check->observation.latency);
	if (check->verdict.findings_count > 0)
		print_findings(json, &check->verdict);
}
