/* headers.c - the head of a reply, its body and its trailers, as libcurl hands them over.
 *
 * A line each: what begins with 0x01 is a piece of the body, all else a line of the head or, behind
 * an empty one, of the trailers.  A status line begins another reply.  Then the redirect is
 * followed, and expectations ask for what is there.
 *
 * Over: probe/http_reply.c probe/http_chain.c probe/http_url.c model/figures.c expect/subject.c
 */
#include "base/memory.h"
#include "expect/expect.h"
#include "fuzz.h"
#include "model/figures.h"
#include "model/observation.h"
#include "probe/http_chain.h"
#include "probe/http_reply.h"

enum {
	HEADERS_MAX = 4096,
	BODY_MAX = 1000,
	REDIRECTS_MAX = 3,
	VALUE_BYTES = 64,
	REASON_BYTES = 256
};

static const char *const lines[] = {
	"header Set-Cookie contains \"a\"",
	"any header Set-Cookie like \"a*\"",
	"header Location exists",
	"number(header Content-Length) == 5",
	"until(header Expires) > 1h",
	"not (header X matches /^(a|b)+$/)",
	"body contains \"ok\"",
};

static struct program *program(void)
{
	static struct program *made;
	struct expect_fault fault;

	if (made)
		return made;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (program_add(&made, lines[i], strlen(lines[i]),
				SUBJECTS_ALL | SUBJECTS_BODY | SUBJECTS_HTTP, NULL, &fault) < 0)
			abort();
	return made;
}

/* What is true has nothing to say, and what is said is fit for a terminal. */
static void judge(const struct observation *seen)
{
	struct program *asked = program();

	for (size_t i = 0; i < program_count(asked); i++) {
		struct expect_run *run = expect_run_new(seen, 8);
		struct text value = { .limit_bytes = VALUE_BYTES }, reason = { 0 };
		bool is_limit = false, is_cut = false;
		const enum truth truth = expect_evaluate(run, asked, i, &value, &is_limit, &is_cut);

		assert((truth == TRUTH_TRUE) == (value.len == 0));
		expect_reason(run, &reason);
		for (size_t k = 0; k < reason.len; k++)
			assert((unsigned char)reason.data[k] >= ' ');
		expect_run_free(run);
		text_done(&value);
		text_done(&reason);
	}
}

/* The copy of a line has a NUL behind it, as libcurl's have, and nothing behind that. */
static bool feed(struct http_hop *hop, const char *line, size_t len)
{
	char *copy;
	bool is_taken;

	if (len > 0 && line[0] == 1)
		return http_reply_body((char *)line + 1, 1, len - 1, hop) == len - 1;
	copy = memory_new(len + 3, 1);
	memcpy(copy, line, len);
	memcpy(copy + len, "\r\n", 2);
	is_taken = http_reply_header(copy, 1, len + 2, hop) == len + 2;
	free(copy);
	return is_taken;
}

static void follow(const struct observation *seen, const struct http_options *options)
{
	static const char *const secrets[] = { "pa55w0rd", NULL };
	const char *found = figures_find_header(&seen->headers, "Location");
	char *location = found ? memory_text_len(found, strcspn(found, "\n")) : NULL;
	struct http_chain chain;

	http_chain_init(&chain, options, secrets);
	chain.is_public = true;
	for (unsigned i = 0; location && i <= REDIRECTS_MAX; i++) {
		struct http_request request;
		struct text detail = { 0 };
		const enum failure_class class =
			http_chain_follow(&chain, 307, location, REDIRECTS_MAX, &detail);

		assert((class == CLASS_NONE) == (detail.len == 0));
		assert(i < REDIRECTS_MAX || class);
		http_chain_request(&chain, &request);
		/* Nothing secret goes anywhere else. */
		assert(request.is_home ||
		       (request.auth != AUTH_BEARER && !request.offers_certificate));
		text_done(&detail);
		if (class)
			break;
	}
	http_chain_done(&chain);
	free(location);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct http_auth auth = { .bearer = "pa55w0rd" };
	const struct check_limits limits = { .headers_bytes = HEADERS_MAX };
	struct http_options options = {
		.method = "POST", .body = "pa55w0rd", .body_len = 8, .auth = &auth
	};
	struct fuzz input = { data, len };
	struct observation seen = { .status = 200, .http_version = 11 };
	/* The first byte has come, so that nobody asks the transfer when. */
	struct http_hop hop = { .options = &options,
				.limits = &limits,
				.seen = &seen,
				.body_limit = BODY_MAX,
				.first_byte = 1 };
	const char *fault;
	bool is_taken = true;

	assert(http_url_parse("https://www.example.com/", &options.url, &fault) == 0);
	while (is_taken && input.len > 0) {
		size_t line_len;
		char *line = fuzz_line(&input, &line_len);

		is_taken = feed(&hop, line, line_len);
		free(line);
	}
	assert(is_taken == !(hop.is_over_headers || hop.is_over_body || hop.has_two_lengths));
	assert(seen.headers.len + hop.trailers.len <= hop.header_bytes);
	assert(is_taken ? hop.header_bytes <= HEADERS_MAX : true);
	assert(seen.body.len <= BODY_MAX);
	judge(&seen);
	follow(&seen, &options);
	http_url_done(&options.url);
	observation_done(&seen);
	text_done(&hop.trailers);
	return 0;
}
