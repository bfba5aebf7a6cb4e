/* subject.c - what an expectation can ask about, and where an observation has it. */
#include <string.h>
#include <strings.h>

#include "expect/certificate.h"
#include "expect/dns.h"
#include "expect/echo.h"
#include "expect/file.h"
#include "expect/process.h"
#include "expect/subject.h"
#include "model/file.h"

static enum subject_found found(struct value *ret, struct value value)
{
	*ret = value;
	return SUBJECT_FOUND;
}

static enum subject_found found_string(struct value *ret, const char *string)
{
	if (!string)
		return SUBJECT_ABSENT;
	return found(ret, value_string(string));
}

static enum subject_found get_latency(const struct observation *observation, const char *name,
				      size_t *cursor, struct value *ret)
{
	if (observation->latency > INT64_MAX)
		return SUBJECT_ABSENT;
	return found(ret, value_integer(TYPE_DURATION, (int64_t)observation->latency));
}

static enum subject_found found_phase(const struct observation *observation, enum phase phase,
				      struct value *ret)
{
	if (!observation_has_phase(observation, phase))
		return SUBJECT_ABSENT;
	return found(ret, value_integer(TYPE_DURATION, (int64_t)observation->phases[phase]));
}

#define PHASE(lower, upper)                                                                        \
	static enum subject_found get_##lower(const struct observation *observation,               \
					      const char *name, size_t *cursor, struct value *ret) \
	{                                                                                          \
		return found_phase(observation, PHASE_##upper, ret);                               \
	}
PHASE(resolve, RESOLVE)
PHASE(connect, CONNECT)
PHASE(tls, TLS)
PHASE(first_byte, FIRST_BYTE)
PHASE(transfer, TRANSFER)
#undef PHASE

static enum subject_found get_address(const struct observation *observation, const char *name,
				      size_t *cursor, struct value *ret)
{
	struct value value = { .type = TYPE_ADDRESS, .as.address = observation->address };

	if (observation->address.family == 0)
		return SUBJECT_ABSENT;
	value.as.address.port = 0; /* which would make it another one */
	return found(ret, value);
}

static enum subject_found get_family(const struct observation *observation, const char *name,
				     size_t *cursor, struct value *ret)
{
	if (observation->address.family == 0)
		return SUBJECT_ABSENT;
	return found(ret, value_integer(TYPE_NUMBER, observation->address.family));
}

static enum subject_found get_class(const struct observation *observation, const char *name,
				    size_t *cursor, struct value *ret)
{
	return found_string(ret, class_name(observation->class));
}

static enum subject_found get_status(const struct observation *observation, const char *name,
				     size_t *cursor, struct value *ret)
{
	if (observation->status == 0)
		return SUBJECT_ABSENT;
	return found(ret, value_integer(TYPE_NUMBER, observation->status));
}

static enum subject_found get_http_version(const struct observation *observation, const char *name,
					   size_t *cursor, struct value *ret)
{
	if (observation->http_version == 0)
		return SUBJECT_ABSENT;
	return found(ret, value_real(TYPE_NUMBER, observation->http_version / 10.0));
}

static enum subject_found get_redirects(const struct observation *observation, const char *name,
					size_t *cursor, struct value *ret)
{
	if (observation->status == 0 && observation->hops_count == 0)
		return SUBJECT_ABSENT;
	return found(ret, value_integer(TYPE_NUMBER, observation->redirects));
}

static enum subject_found get_url(const struct observation *observation, const char *name,
				  size_t *cursor, struct value *ret)
{
	return found_string(ret, observation->url);
}

/* The cursor is the place of the next line. */
static enum subject_found get_header(const struct observation *observation, const char *name,
				     size_t *cursor, struct value *ret)
{
	const char *const headers = text_string(&observation->headers);
	const size_t name_len = strlen(name);
	const bool is_first = *cursor == 0;

	while (*cursor < observation->headers.len) {
		const char *line = headers + *cursor;
		const size_t left = observation->headers.len - *cursor;
		const char *end = memchr(line, '\n', left);
		size_t len = end ? (size_t)(end - line) : left;

		*cursor += len + 1;
		if (len <= name_len || line[name_len] != ':' ||
		    strncasecmp(line, name, name_len) != 0)
			continue;
		line += name_len + 1;
		len -= name_len + 1;
		while (len > 0 && (line[0] == ' ' || line[0] == '\t'))
			line++, len--;
		while (len > 0 && strchr(" \t\r", line[len - 1]))
			len--;
		return found(ret, value_text(line, len));
	}
	return is_first ? SUBJECT_ABSENT : SUBJECT_END;
}

/* Of a failed probe nobody knows how much more there would have been. */
static bool is_body_cut(const struct observation *observation)
{
	return observation->body_is_cut || observation->class != CLASS_NONE;
}

static bool has_body(const struct observation *observation)
{
	return observation->class == CLASS_NONE || observation->body.len > 0;
}

static enum subject_found get_body(const struct observation *observation, const char *name,
				   size_t *cursor, struct value *ret)
{
	if (!has_body(observation))
		return SUBJECT_ABSENT;
	*ret = value_text(text_string(&observation->body), observation->body.len);
	ret->is_cut = is_body_cut(observation);
	return SUBJECT_FOUND;
}

static enum subject_found get_size(const struct observation *observation, const char *name,
				   size_t *cursor, struct value *ret)
{
	if (observation->file)
		return found(ret, value_integer(TYPE_SIZE, (int64_t)observation->file->size_bytes));
	if (!has_body(observation))
		return SUBJECT_ABSENT;
	*ret = value_integer(TYPE_SIZE, (int64_t)observation->body.len);
	ret->is_cut = is_body_cut(observation);
	return SUBJECT_FOUND;
}

#define NO_PHASE     "the check never got that far or did not need it"
#define NO_ADDRESS   "no address was connected to"
#define NO_ANSWER    "there was no answer"
#define NO_EXIT	     "it did not end by itself"
#define NO_PERF	     "the plugin printed no value of that name"
#define NO_FILE	     "no file was found"
#define NO_ECHO	     "no echo request came back"
#define NO_HANDSHAKE "no TLS handshake got that far"

static const struct subject subjects[] = {
	{ "latency", SUBJECTS_ALL, TYPE_DURATION, .unit = "ms", .get = get_latency,
	  .absent = "it was not measured" },
	{ "latency.resolve", SUBJECTS_NETWORK, TYPE_DURATION, .unit = "ms", .get = get_resolve,
	  .absent = NO_PHASE },
	{ "latency.connect", SUBJECTS_NETWORK, TYPE_DURATION, .unit = "ms", .get = get_connect,
	  .absent = NO_PHASE },
	{ "latency.tls", SUBJECTS_TLS, TYPE_DURATION, .unit = "ms", .get = get_tls,
	  .absent = NO_PHASE },
	{ "latency.first_byte", SUBJECTS_NETWORK, TYPE_DURATION, .unit = "ms",
	  .get = get_first_byte, .absent = NO_PHASE },
	{ "latency.transfer", SUBJECTS_NETWORK, TYPE_DURATION, .unit = "ms", .get = get_transfer,
	  .absent = NO_PHASE },
	{ "address", SUBJECTS_NETWORK, TYPE_ADDRESS, .get = get_address, .absent = NO_ADDRESS },
	{ "address.family", SUBJECTS_NETWORK, TYPE_NUMBER, .get = get_family,
	  .absent = NO_ADDRESS },
	{ "class", SUBJECTS_ALL, TYPE_TEXT, .get = get_class, .absent = "the probe did not fail" },
	{ "status", SUBJECTS_HTTP, TYPE_NUMBER, .get = get_status, .absent = NO_ANSWER },
	{ "http.version", SUBJECTS_HTTP, TYPE_NUMBER, .get = get_http_version,
	  .absent = NO_ANSWER },
	{ "redirects", SUBJECTS_HTTP, TYPE_NUMBER, .get = get_redirects, .absent = NO_ANSWER },
	{ "url", SUBJECTS_HTTP, TYPE_TEXT, .get = get_url, .absent = NO_ANSWER },
	{ "header", SUBJECTS_HTTP, TYPE_TEXT, TAKES_NAME, .is_lines = true, .get = get_header },
	{ "body", SUBJECTS_BODY, TYPE_TEXT, .reads_body = true, .get = get_body,
	  .absent = NO_ANSWER },
	{ "size", SUBJECTS_BODY, TYPE_SIZE, .reads_body = true, .get = get_size,
	  .absent = NO_ANSWER },
	{ "json", SUBJECTS_BODY, TYPE_JSON, TAKES_PATH, .reads_body = true },
	{ "modified", SUBJECTS_FILE, TYPE_NUMBER, .get = file_modified, .absent = NO_FILE },
	{ "exit", SUBJECTS_EXEC, TYPE_NUMBER, .get = process_exit, .absent = NO_EXIT },
	{ "signal", SUBJECTS_EXEC, TYPE_NUMBER, .get = process_signal,
	  .absent = "no signal ended it" },
	{ "stderr", SUBJECTS_EXEC, TYPE_TEXT, .get = process_errors, .absent = NO_ANSWER },
	{ "perf", SUBJECTS_EXEC, TYPE_MEASURE, TAKES_NAME, .get = process_perf, .absent = NO_PERF },
	{ "perf.level", SUBJECTS_EXEC, TYPE_TEXT, TAKES_NAME, .get = process_perf_level,
	  .absent = "the plugin printed no ranges for that name" },
	{ "rcode", SUBJECTS_DNS, TYPE_TEXT, .get = dns_rcode, .absent = NO_ANSWER },
	{ "answer", SUBJECTS_DNS, TYPE_TEXT, .is_list = true, .get = dns_answer,
	  .absent = NO_ANSWER },
	{ "authority", SUBJECTS_DNS, TYPE_TEXT, .is_list = true, .get = dns_authority,
	  .absent = NO_ANSWER },
	{ "additional", SUBJECTS_DNS, TYPE_TEXT, .is_list = true, .get = dns_additional,
	  .absent = NO_ANSWER },
	{ "answers", SUBJECTS_DNS, TYPE_NUMBER, .get = dns_answers, .absent = NO_ANSWER },
	{ "ttl", SUBJECTS_DNS, TYPE_DURATION, .unit = "s", .get = dns_ttl,
	  .absent = "the answer has no records" },
	{ "authenticated", SUBJECTS_DNS, TYPE_BOOL, .get = dns_authenticated, .absent = NO_ANSWER },
	{ "serial", SUBJECTS_DNS, TYPE_NUMBER, .get = dns_serial,
	  .absent = "the answer has no SOA record" },
	{ "loss", SUBJECTS_PING, TYPE_RATIO, .get = echo_loss,
	  .absent = "no echo request was sent" },
	{ "rtt.min", SUBJECTS_PING, TYPE_DURATION, .unit = "ms", .get = echo_min,
	  .absent = NO_ECHO },
	{ "rtt.avg", SUBJECTS_PING, TYPE_DURATION, .unit = "ms", .get = echo_avg,
	  .absent = NO_ECHO },
	{ "rtt.max", SUBJECTS_PING, TYPE_DURATION, .unit = "ms", .get = echo_max,
	  .absent = NO_ECHO },
	{ "rtt.jitter", SUBJECTS_PING, TYPE_DURATION, .unit = "ms", .get = echo_jitter,
	  .absent = NO_ECHO },
	{ "tls.version", SUBJECTS_TLS, TYPE_NUMBER, .get = certificate_tls_version,
	  .absent = NO_HANDSHAKE },
	{ "tls.cipher", SUBJECTS_TLS, TYPE_TEXT, .get = certificate_tls_cipher,
	  .absent = NO_HANDSHAKE },
	{ "certificate.expires_in", SUBJECTS_TLS, TYPE_DURATION, .unit = "d",
	  .get = certificate_expires_in, .absent = NO_HANDSHAKE },
	{ "certificate.chain_expires_in", SUBJECTS_TLS, TYPE_DURATION, .unit = "d",
	  .get = certificate_chain_expires_in, .absent = NO_HANDSHAKE },
	{ "certificate.subject", SUBJECTS_TLS, TYPE_TEXT, .get = certificate_subject,
	  .absent = NO_HANDSHAKE },
	{ "certificate.issuer", SUBJECTS_TLS, TYPE_TEXT, .get = certificate_issuer,
	  .absent = NO_HANDSHAKE },
	{ "certificate.names", SUBJECTS_TLS, TYPE_TEXT, .is_list = true, .get = certificate_names,
	  .absent = NO_HANDSHAKE },
	{ "certificate.fingerprint", SUBJECTS_TLS, TYPE_TEXT, .get = certificate_fingerprint,
	  .absent = NO_HANDSHAKE },
	{ "certificate.spki", SUBJECTS_TLS, TYPE_TEXT, .get = certificate_spki,
	  .absent = NO_HANDSHAKE },
	{ "certificate.serial", SUBJECTS_TLS, TYPE_TEXT, .get = certificate_serial,
	  .absent = NO_HANDSHAKE },
};

enum { SUBJECTS_COUNT = sizeof(subjects) / sizeof(subjects[0]) };

const struct subject *subject_find(const char *name, size_t len)
{
	for (size_t i = 0; i < SUBJECTS_COUNT; i++)
		if (strlen(subjects[i].name) == len && memcmp(subjects[i].name, name, len) == 0)
			return &subjects[i];
	return NULL;
}

const struct subject *subject_at(size_t index)
{
	return index < SUBJECTS_COUNT ? &subjects[index] : NULL;
}

const char *subject_probes(unsigned probes)
{
	if (probes & SUBJECTS_ALL)
		return "every probe";
	if (probes & SUBJECTS_NETWORK)
		return "a probe that connects";
	if (probes & SUBJECTS_HTTP)
		return "http";
	if (probes & SUBJECTS_EXEC)
		return "exec";
	if (probes & SUBJECTS_DNS)
		return "dns";
	if (probes & SUBJECTS_PING)
		return "ping";
	if (probes & SUBJECTS_FILE)
		return "file";
	if (probes & SUBJECTS_BODY)
		return "a probe that reads a body";
	return "a probe that speaks TLS";
}
