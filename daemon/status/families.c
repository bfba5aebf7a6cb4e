/* families.c - the metrics of endpoints: names and meaning of blackbox_exporter's, and our own. */
#include <string.h>

#include "expect/times.h"
#include "model/check.h"
#include "model/dns.h"
#include "model/figures.h"
#include "probe/probe.h"
#include "status/families.h"
#include "status/family.h"

static double seconds(usec_t duration)
{
	return (double)duration / USEC_PER_SEC;
}

static bool has_phase(const struct printing *printing, enum phase phase)
{
	return printing->one->last->phases_seen & 1u << phase;
}

/* The sum of those of the phases (bits) that happened; nothing where none did. */
static void sample_phases(struct printing *printing, const char *label, unsigned phases)
{
	const struct last_check *last = printing->one->last;
	usec_t sum = 0;

	if (!(last->phases_seen & phases))
		return;
	for (enum phase phase = 0; phase < PHASE_JUDGE; phase++)
		if (last->phases_seen & phases & 1u << phase)
			sum += last->phases[phase];
	family_sample_with(printing, label, seconds(sum));
}

static bool is_kind(const struct printing *printing, enum figures_kind kind)
{
	return printing->one->figures && printing->one->figures->kind == kind;
}

/* Where this host could not look, nothing is known of the endpoint. */
static bool is_known(const struct printing *printing)
{
	const struct last_check *last = printing->one->last;

	return last->wall && last->class != CLASS_local && !printing->one->is_stale &&
	       printing->one->state != STATE_PAUSED;
}

static void print_success(struct printing *printing)
{
	family_sample(printing, printing->one->last->kind != VERDICT_FAIL);
}

static void print_duration(struct printing *printing)
{
	if (printing->one->last->latency != USEC_NEVER)
		family_sample(printing, seconds(printing->one->last->latency));
}

static void print_lookup(struct printing *printing)
{
	if (has_phase(printing, PHASE_RESOLVE))
		family_sample(printing, seconds(printing->one->last->phases[PHASE_RESOLVE]));
}

static void print_protocol(struct printing *printing)
{
	if (printing->one->last->address.family)
		family_sample(printing, printing->one->last->address.family);
}

/* FNV-1a of 32 bits, as there.  Of an IPv4 address it is no secret what it was made of. */
static void print_hash(struct printing *printing)
{
	const struct address *address = &printing->one->last->address;
	const unsigned len = address->family == 4 ? 4 : 16;
	uint32_t hash = 2166136261u;

	if (!address->family || !printing->one->shows_detail)
		return;
	for (unsigned i = 0; i < len; i++)
		hash = (hash ^ address->bytes[i]) * 16777619u;
	family_sample(printing, hash);
}

static void print_regex(struct printing *printing)
{
	const struct figures *figures = printing->one->figures;

	if (figures && (figures->kind == FIGURES_HTTP || figures->kind == FIGURES_TALK))
		family_sample(printing, figures->has_failed_by_regex);
}

static void print_http_phases(struct printing *printing)
{
	if (!is_kind(printing, FIGURES_HTTP))
		return;
	sample_phases(printing, "resolve", 1u << PHASE_RESOLVE);
	sample_phases(printing, "connect", 1u << PHASE_CONNECT);
	sample_phases(printing, "tls", 1u << PHASE_TLS);
	sample_phases(printing, "processing", 1u << PHASE_REQUEST | 1u << PHASE_FIRST_BYTE);
	sample_phases(printing, "transfer", 1u << PHASE_TRANSFER);
}

static void print_status_code(struct printing *printing)
{
	if (is_kind(printing, FIGURES_HTTP))
		family_sample(printing, printing->one->figures->of.http.status);
}

static void print_http_version(struct printing *printing)
{
	if (is_kind(printing, FIGURES_HTTP))
		family_sample(printing, printing->one->figures->of.http.version / 10.0);
}

static void print_redirects(struct printing *printing)
{
	if (is_kind(printing, FIGURES_HTTP))
		family_sample(printing, printing->one->figures->of.http.redirects);
}

static void print_http_ssl(struct printing *printing)
{
	if (is_kind(printing, FIGURES_HTTP))
		family_sample(printing, printing->one->figures->of.http.is_tls);
}

static void print_content_length(struct printing *printing)
{
	if (is_kind(printing, FIGURES_HTTP))
		family_sample(printing, (double)printing->one->figures->of.http.length);
}

static void print_body_length(struct printing *printing)
{
	if (is_kind(printing, FIGURES_HTTP))
		family_sample(printing, (double)printing->one->figures->of.http.body_bytes);
}

static void print_modified(struct printing *printing)
{
	if (is_kind(printing, FIGURES_HTTP) && printing->one->figures->of.http.has_modified)
		family_sample(printing, (double)printing->one->figures->of.http.modified);
}

static void print_certificate_ends(struct printing *printing)
{
	const struct figures *figures = printing->one->figures;

	if (figures && figures->has_certificate)
		family_sample(printing, (double)figures->certificate_ends);
}

static void print_chain_ends(struct printing *printing)
{
	const struct figures *figures = printing->one->figures;

	if (figures && figures->chain_ends)
		family_sample(printing, (double)figures->chain_ends);
}

static void print_tls_version(struct printing *printing)
{
	static const char *const names[] = { "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3" };
	const struct figures *figures = printing->one->figures;

	if (figures && figures->tls_version >= 10 && figures->tls_version <= 13)
		family_sample_with(printing, names[figures->tls_version - 10], 1);
}

static void print_icmp_phases(struct printing *printing)
{
	if (!is_kind(printing, FIGURES_PING))
		return;
	sample_phases(printing, "resolve", 1u << PHASE_RESOLVE);
	if (printing->one->figures->of.ping.back)
		family_sample_with(printing, "rtt", seconds(printing->one->figures->of.ping.avg));
}

static void print_rtt(struct printing *printing)
{
	const struct figures *figures = printing->one->figures;

	if (!is_kind(printing, FIGURES_PING) || figures->of.ping.back == 0)
		return;
	family_sample_with(printing, "min", seconds(figures->of.ping.min));
	family_sample_with(printing, "avg", seconds(figures->of.ping.avg));
	family_sample_with(printing, "max", seconds(figures->of.ping.max));
	family_sample_with(printing, "jitter", seconds(figures->of.ping.jitter));
}

static void print_loss(struct printing *printing)
{
	const struct figures *figures = printing->one->figures;

	if (is_kind(printing, FIGURES_PING) && figures->of.ping.sent > 0)
		family_sample(printing, 1 - (double)figures->of.ping.back / figures->of.ping.sent);
}

static void print_dns_phases(struct printing *printing)
{
	if (!is_kind(printing, FIGURES_DNS))
		return;
	sample_phases(printing, "resolve", 1u << PHASE_RESOLVE);
	sample_phases(printing, "connect", 1u << PHASE_CONNECT | 1u << PHASE_TLS);
	sample_phases(printing, "request",
		      1u << PHASE_REQUEST | 1u << PHASE_FIRST_BYTE | 1u << PHASE_TRANSFER);
}

static void print_dns_success(struct printing *printing)
{
	if (is_kind(printing, FIGURES_DNS))
		family_sample(printing, printing->one->figures->of.dns.has_answer);
}

static void print_records(struct printing *printing, enum dns_section section)
{
	const struct figures *figures = printing->one->figures;

	if (is_kind(printing, FIGURES_DNS) && figures->of.dns.has_answer)
		family_sample(printing, figures->of.dns.counts[section]);
}

static void print_answers(struct printing *printing)
{
	print_records(printing, DNS_ANSWER);
}

static void print_authorities(struct printing *printing)
{
	print_records(printing, DNS_AUTHORITY);
}

static void print_additionals(struct printing *printing)
{
	print_records(printing, DNS_ADDITIONAL);
}

static void print_serial(struct printing *printing)
{
	if (is_kind(printing, FIGURES_DNS) && printing->one->figures->of.dns.has_serial)
		family_sample(printing, printing->one->figures->of.dns.serial);
}

static void print_exit(struct printing *printing)
{
	if (is_kind(printing, FIGURES_EXEC) && printing->one->figures->of.exec.exit >= 0)
		family_sample(printing, printing->one->figures->of.exec.exit);
}

static void print_perf(struct printing *printing)
{
	const struct figures *figures = printing->one->figures;

	if (!is_kind(printing, FIGURES_EXEC))
		return;
	for (uint32_t i = 0; i < figures->of.exec.perf_count; i++) {
		const struct perf_figure *perf = &figures->of.exec.perf[i];

		family_begin(printing);
		exposition_label(printing->to, "label", perf->label);
		exposition_label(printing->to, "unit", perf->unit);
		exposition_value(printing->to, perf->value);
	}
}

static void print_failure(struct printing *printing)
{
	const struct last_check *last = printing->one->last;

	if (last->class == CLASS_NONE)
		return;
	family_begin(printing);
	exposition_label(printing->to, "class", class_name(last->class));
	exposition_label(printing->to, "phase",
			 last->phase < PHASES ? phase_name(last->phase) : "");
	exposition_count(printing->to, 1);
}

static void print_checked(struct printing *printing)
{
	if (printing->one->state != STATES && printing->one->last->wall)
		family_sample(printing, seconds(printing->one->last->wall));
}

static void print_state(struct printing *printing)
{
	if (printing->one->state != STATES)
		family_sample_with(printing, state_name(printing->one->state), 1);
}

/* Those that are there whatever is known of the last check. */
enum { FAMILIES_ALWAYS = 6 };

static const struct family families[] = {
	{ "picket_endpoint_state",
	  "Always 1; the confirmed state is a label.",
	  print_state,
	  { "state" } },
	{ "picket_endpoint_last_check_timestamp_seconds",
	  "When the last check began, since 1970.",
	  print_checked,
	  { 0 } },
	{ "picket_endpoint_uptime_ratio",
	  "The share of known time in which it was up or degraded.",
	  family_print_uptime,
	  { "window" } },
	{ "picket_slo_target_ratio", "What is promised of that.", family_print_target, { 0 } },
	{ "picket_slo_budget_left_ratio",
	  "What is left of the time that it may be down; below 0 where that is overdrawn.",
	  family_print_budget,
	  { 0 } },
	{ "picket_slo_burn_rate",
	  "How fast it is used up: 1 is just as fast as the window of the promise allows.",
	  family_print_burn,
	  { "window" } },
	{ "picket_endpoint_failure",
	  "Always 1, where the last check did not pass; class and phase are labels.",
	  print_failure,
	  { "class", "phase" } },
	{ "probe_success", "1 if the last check did not fail, else 0.", print_success, { 0 } },
	{ "probe_duration_seconds", "How long the last check took.", print_duration, { 0 } },
	{ "probe_dns_lookup_time_seconds",
	  "How long the name's lookup took.",
	  print_lookup,
	  { 0 } },
	{ "probe_ip_protocol", "4 or 6: the version of IP.", print_protocol, { 0 } },
	{ "probe_ip_addr_hash",
	  "A hash of the address, to see that it changes.",
	  print_hash,
	  { 0 } },
	{ "probe_failed_due_to_regex",
	  "1 if an expectation with a regular expression failed.",
	  print_regex,
	  { 0 } },
	{ "probe_http_duration_seconds",
	  "How long each phase took, summed over all redirects.",
	  print_http_phases,
	  { "phase" } },
	{ "probe_http_status_code", "The status, 0 without one.", print_status_code, { 0 } },
	{ "probe_http_version",
	  "The version of HTTP, 0 without an answer.",
	  print_http_version,
	  { 0 } },
	{ "probe_http_redirects", "Redirects that were followed.", print_redirects, { 0 } },
	{ "probe_http_ssl", "1 if the last hop was over TLS.", print_http_ssl, { 0 } },
	{ "probe_http_content_length",
	  "What Content-Length says, -1 where it is missing.",
	  print_content_length,
	  { 0 } },
	{ "probe_http_uncompressed_body_length",
	  "Bytes of the body that were read.",
	  print_body_length,
	  { 0 } },
	{ "probe_http_last_modified_timestamp_seconds",
	  "What Last-Modified says, since 1970.",
	  print_modified,
	  { 0 } },
	{ "probe_ssl_earliest_cert_expiry",
	  "When the first of the certificates that were sent expires, since 1970.",
	  print_certificate_ends,
	  { 0 } },
	{ "probe_ssl_last_chain_expiry_timestamp_seconds",
	  "When the first of the chain up to a trusted root expires, since 1970.",
	  print_chain_ends,
	  { 0 } },
	{ "probe_tls_version_info",
	  "Always 1; the version of TLS is a label.",
	  print_tls_version,
	  { "version" } },
	{ "probe_icmp_duration_seconds",
	  "How long each phase took.",
	  print_icmp_phases,
	  { "phase" } },
	{ "picket_ping_rtt_seconds",
	  "Round trips: min, avg, max and jitter.",
	  print_rtt,
	  { "stat" } },
	{ "picket_ping_loss_ratio", "Echo requests without a reply, 0 to 1.", print_loss, { 0 } },
	{ "probe_dns_duration_seconds",
	  "How long each phase took.",
	  print_dns_phases,
	  { "phase" } },
	{ "probe_dns_query_succeeded", "1 if the name server answered.", print_dns_success, { 0 } },
	{ "probe_dns_answer_rrs", "Records in the answer.", print_answers, { 0 } },
	{ "probe_dns_authority_rrs",
	  "Records in the authority section.",
	  print_authorities,
	  { 0 } },
	{ "probe_dns_additional_rrs",
	  "Records in the additional section.",
	  print_additionals,
	  { 0 } },
	{ "probe_dns_serial", "The serial of the first SOA record.", print_serial, { 0 } },
	{ "picket_exec_exit_status", "The exit status of the program.", print_exit, { 0 } },
	{ "picket_exec_perf",
	  "Performance data of a plugin, in its base unit.",
	  print_perf,
	  { "label", "unit" } },
};

unsigned families_count(void)
{
	return sizeof(families) / sizeof(families[0]);
}

unsigned families_print(struct exposition *to, unsigned number, const struct probed *one,
			bool *has_head)
{
	struct printing printing = {
		.to = to,
		.family = &families[number],
		.one = one,
		.has_head = has_head,
	};

	if (number < FAMILIES_ALWAYS || is_known(&printing))
		printing.family->print(&printing);
	return printing.count;
}

static enum figures_kind kind_of(const struct probe_type *type)
{
	static const struct {
		const char *name;
		enum figures_kind kind;
	} kinds[] = {
		{ "http", FIGURES_HTTP }, { "tcp", FIGURES_TALK },  { "ping", FIGURES_PING },
		{ "dns", FIGURES_DNS },	  { "exec", FIGURES_EXEC },
	};

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(type->name, kinds[i].name) == 0)
			return kinds[i].kind;
	return FIGURES_PLAIN;
}

void families_note(struct figures *figures, const struct check *check)
{
	const char *modified = figures_find_header(&check->observation.headers, "Last-Modified");
	int64_t time;

	if (!modified ||
	    times_read(modified, strcspn(modified, "\r\n"), check->observation.wall, &time) < 0)
		time = INT64_MIN;
	else
		time /= (int64_t)USEC_PER_SEC;
	figures_note(figures, kind_of(check->endpoint->type), check, time);
}
