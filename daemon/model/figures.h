/* figures.h - what the last check measured beyond its times: small enough to keep of each
 * endpoint, for metrics.
 *
 * What did not happen is 0, or what is said below.  Loop thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At most so many values of a plugin are kept, with so many bytes of a name. */
enum { FIGURES_PERF_MAX = 64, FIGURES_LABEL_MAX = 128 };

/* One value of performance data, in its base unit: seconds, bytes, a ratio, or whatever it counts. */
struct perf_figure {
	const char *label; /* within the same memory */
	const char *unit; /* static: "seconds", "bytes", "ratio" or "" */
	double value;
};

enum figures_kind {
	FIGURES_PLAIN, /* nothing beyond what every check has */
	FIGURES_HTTP,
	FIGURES_TALK, /* a dialogue, which may ask for patterns */
	FIGURES_PING,
	FIGURES_DNS,
	FIGURES_EXEC,
};

struct figures {
	uint8_t kind; /* enum figures_kind */
	bool has_certificate;
	uint8_t tls_version; /* 10, 11, 12, 13; 0: none was agreed on */
	bool has_failed_by_regex;
	int64_t certificate_ends; /* seconds since 1970, the first of all that were sent */
	int64_t chain_ends; /* the first of the chain up to a trusted root; 0: there is none */
	union {
		struct {
			uint16_t status;
			uint8_t version; /* 10, 11, 20 */
			uint8_t redirects;
			bool is_tls;
			bool has_modified;
			int64_t length; /* as the server says; -1: it does not */
			int64_t modified; /* seconds since 1970 */
			uint64_t body_bytes; /* that were read */
		} http;
		struct {
			uint16_t sent, back;
			uint32_t min, avg, max, jitter; /* microseconds, of those that came back */
		} ping;
		struct {
			bool has_answer; /* a name server said something */
			bool has_serial;
			uint16_t counts[3]; /* by enum dns_section */
			uint32_t serial;
		} dns;
		struct {
			struct perf_figure *perf; /* owned, one piece of memory with its labels */
			uint32_t perf_count;
			int16_t exit; /* -1: it has not exited */
		} exec;
	} of;
};

struct check; /* model/check.h */
struct text;

/* Of a check of this kind that was judged; replaces what `figures` had.  `modified` is what its answer says of
 * when it was changed, in seconds since 1970 (INT64_MIN: nothing).
 */
void figures_note(struct figures *figures, enum figures_kind kind, const struct check *check,
		  int64_t modified);
void figures_done(struct figures *figures);
void figures_free(struct figures *figures);

/* The value of the first of the header lines that has this name, up to its newline; NULL: none has. */
const char *figures_find_header(const struct text *headers, const char *name);
