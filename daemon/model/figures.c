/* figures.c - what the last check measured beyond its times. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mask.h"
#include "base/memory.h"
#include "model/check.h"
#include "model/dns.h"
#include "model/echo.h"
#include "model/figures.h"
#include "model/process.h"
#include "model/tls.h"

static uint32_t saturate_32(usec_t value)
{
	return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static uint16_t saturate_16(size_t value)
{
	return value > UINT16_MAX ? UINT16_MAX : (uint16_t)value;
}

static void note_tls(struct figures *figures, const struct tls_facts *tls)
{
	if (!tls)
		return;
	figures->tls_version = (uint8_t)tls->version;
	figures->chain_ends = tls->chain_ends;
	figures->has_certificate = tls->chain_count > 0;
	for (size_t i = 0; i < tls->chain_count; i++)
		if (i == 0 || tls->chain[i].not_after < figures->certificate_ends)
			figures->certificate_ends = tls->chain[i].not_after;
}

static int64_t content_length(const struct text *headers)
{
	const char *value = figures_find_header(headers, "Content-Length");
	size_t digits;

	if (!value)
		return -1;
	digits = strspn(value, "0123456789");
	if (digits == 0 || digits > 18)
		return -1;
	return strtoll(value, NULL, 10);
}

static void note_http(struct figures *figures, const struct observation *seen, int64_t modified)
{
	figures->of.http.status = (uint16_t)seen->status;
	figures->of.http.version = (uint8_t)seen->http_version;
	figures->of.http.redirects = (uint8_t)(seen->redirects < 255 ? seen->redirects : 255);
	figures->of.http.is_tls = seen->tls && seen->tls->version;
	figures->of.http.has_modified = modified != INT64_MIN;
	figures->of.http.modified = modified;
	figures->of.http.length = seen->status ? content_length(&seen->headers) : 0;
	figures->of.http.body_bytes = seen->body.len;
}

static void note_ping(struct figures *figures, const struct echo_facts *echo)
{
	figures->of.ping.sent = saturate_16(echo->sent);
	figures->of.ping.back = saturate_16(echo->back);
	figures->of.ping.min = saturate_32(echo->min);
	figures->of.ping.avg = saturate_32(echo->avg);
	figures->of.ping.max = saturate_32(echo->max);
	figures->of.ping.jitter = saturate_32(echo->jitter);
}

static void note_dns(struct figures *figures, const struct dns_facts *dns)
{
	figures->of.dns.has_answer = true;
	figures->of.dns.has_serial = dns->has_serial;
	figures->of.dns.serial = dns->serial;
	for (unsigned i = 0; i < DNS_SECTIONS; i++)
		figures->of.dns.counts[i] = saturate_16(dns->counts[i]);
}

/* The base unit of what plugins write (Monitoring Plugins Development Guidelines, 2.6); sizes
 * count in 1024, as they do for expectations.
 */
static const char *base_unit(const char *unit, double *factor)
{
	static const struct {
		const char *written, *base;
		double factor;
	} units[] = {
		{ "s", "seconds", 1 },
		{ "ms", "seconds", 1e-3 },
		{ "us", "seconds", 1e-6 },
		{ "%", "ratio", 1e-2 },
		{ "B", "bytes", 1 },
		{ "KB", "bytes", 1024.0 },
		{ "MB", "bytes", 1024.0 * 1024 },
		{ "GB", "bytes", 1024.0 * 1024 * 1024 },
		{ "TB", "bytes", 1024.0 * 1024 * 1024 * 1024 },
	};

	*factor = 1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit, units[i].written) != 0)
			continue;
		*factor = units[i].factor;
		return units[i].base;
	}
	return "";
}

/* A name that was there before would make two samples of one name, which nobody takes. */
static bool is_repeated(const struct process_facts *process, size_t number)
{
	for (size_t i = 0; i < number && i < FIGURES_PERF_MAX; i++)
		if (strncmp(process->perf[i].label, process->perf[number].label,
			    FIGURES_LABEL_MAX) == 0)
			return true;
	return false;
}

/* Its end, a NUL. */
static char *add_label(char *to, const char *label, const char *const *secrets)
{
	char *shown = mask_secrets(memory_text(label), secrets);
	char *end = stpncpy(to, shown, FIGURES_LABEL_MAX);

	free(shown);
	return end;
}

static void note_exec(struct figures *figures, const struct process_facts *process,
		      const char *const *secrets)
{
	const size_t most =
		process->perf_count < FIGURES_PERF_MAX ? process->perf_count : FIGURES_PERF_MAX;
	struct perf_figure *perf;
	char *labels;
	uint32_t count = 0;

	figures->of.exec.exit = process->has_exited ? (int16_t)process->exit : -1;
	if (most == 0)
		return;
	perf = memory_new(most, sizeof(*perf) + FIGURES_LABEL_MAX + 1);
	labels = (char *)(perf + most);
	for (size_t i = 0; i < most; i++) {
		const struct perf *from = &process->perf[i];
		double factor;

		if (!from->has_value || is_repeated(process, i))
			continue;
		perf[count].label = labels;
		perf[count].unit = base_unit(from->unit, &factor);
		perf[count++].value = from->value * factor;
		labels = add_label(labels, from->label, secrets) + 1;
	}
	figures->of.exec.perf = perf;
	figures->of.exec.perf_count = count;
}

/* As blackbox_exporter has it: where the status is wrong already, the body is not to blame. */
static bool has_failed_by_regex(const struct verdict *verdict)
{
	bool has_failed = false;

	for (size_t i = 0; i < verdict->findings_count; i++) {
		const struct finding *finding = &verdict->findings[i];

		if (finding->is_warn)
			continue;
		if (strncmp(finding->line, "status ", 7) == 0)
			return false;
		has_failed = has_failed || strstr(finding->line, " matches ");
	}
	return has_failed;
}

void figures_note(struct figures *figures, enum figures_kind kind, const struct check *check,
		  int64_t modified)
{
	const struct observation *seen = &check->observation;

	figures_done(figures);
	figures->kind = (uint8_t)kind;
	figures->has_failed_by_regex = has_failed_by_regex(&check->verdict);
	note_tls(figures, seen->tls);
	if (kind == FIGURES_HTTP)
		note_http(figures, seen, modified);
	else if (kind == FIGURES_PING && seen->echo)
		note_ping(figures, seen->echo);
	else if (kind == FIGURES_DNS && seen->dns)
		note_dns(figures, seen->dns);
	else if (kind == FIGURES_EXEC && seen->process)
		note_exec(figures, seen->process, check->endpoint->secrets);
}

void figures_done(struct figures *figures)
{
	if (figures->kind == FIGURES_EXEC)
		free(figures->of.exec.perf);
	*figures = (struct figures){ 0 };
}

void figures_free(struct figures *figures)
{
	figures_done(figures);
	free(figures);
}

const char *figures_find_header(const struct text *headers, const char *name)
{
	const size_t len = strlen(name);
	const char *line = text_string(headers);

	while (*line) {
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return NULL;
}
