/* faults.c - what is no expectation, and what its author is told. */
#include "look.h"

struct mistake {
	const char *line;
	size_t column;
	const char *message; /* all of it, or what it starts with where it ends in "…" */
};

static void expect_mistakes(const struct mistake *mistakes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct mistake *mistake = &mistakes[i];
		const size_t len = strlen(mistake->message), dots = strlen("…");
		const bool is_start = len > dots && !strcmp(mistake->message + len - dots, "…");
		struct program *program = NULL;
		struct expect_fault fault = { 0 };

		if (program_add(&program, mistake->line, strlen(mistake->line), EVERY_SUBJECT, NULL,
				&fault) == 0)
			fail_msg("%s: is taken", mistake->line);
		assert_null(program);
		if (fault.column != mistake->column ||
		    (is_start ? strncmp(fault.message, mistake->message, len - dots)
			      : strcmp(fault.message, mistake->message)))
			fail_msg("%s:\n  %zu: %s\nnot\n  %zu: %s", mistake->line, fault.column,
				 fault.message, mistake->column, mistake->message);
	}
}

#define MISTAKES(table) expect_mistakes(table, sizeof(table) / sizeof((table)[0]))

static void signs_of_other_languages_are_put_right(void **state)
{
	static const struct mistake mistakes[] = {
		{ "status = 200", 8, "'=' is written '==': write status == 200" },
		{ "status === 200", 8, "'===' is written '==': write status == 200" },
		{ "status <> 200", 8, "'<>' is written '!=': write status != 200" },
		{ "status => 200", 8, "'=>' is written '>=': write status >= 200" },
		{ "status=200", 7, "'=' is written '==': write status == 200" },
		{ "status == 200 && latency < 1s", 15,
		  "'&&' is written 'and': write status == 200 and latency < 1s" },
		{ "status == 200&&latency < 1s", 14,
		  "'&&' is written 'and': write status == 200 and latency < 1s" },
		{ "status == 200 || status == 204 || status == 206", 15,
		  "'||' is written 'or': write status == 200 or status == 204 or status == 206" },
		{ "!(status == 200)", 1, "'!' is written 'not': write not (status == 200)" },
		{ "status == 200 and ! body is empty", 19,
		  "'!' is written 'not': write status == 200 and not body is empty" },
		{ "body =~ /ok/", 6, "'=~' is written 'matches': write body matches /ok/" },
		{ "body !~ /ok/", 6, "'!~' is written 'not matches': write body not matches /ok/" },
		/* What would still be wrong is not proposed. */
		{ "status = 'OK'", 8, "'=' is written '=='" },
	};

	MISTAKES(mistakes);
}

static void keywords_are_lower_case(void **state)
{
	static const struct mistake mistakes[] = {
		{ "status == 200 AND latency < 1s", 15,
		  "'AND' is written 'and': write status == 200 and latency < 1s" },
		{ "status == 200 Or status == 204", 15,
		  "'Or' is written 'or': write status == 200 or status == 204" },
		{ "NOT status == 200", 1, "'NOT' is written 'not': write not status == 200" },
		{ "json $.up == True", 14, "'True' is written 'true': write json $.up == true" },
		{ "json $.up is NULL", 14, "'NULL' is written 'null': write json $.up is null" },
		{ "body Contains 'x'", 6,
		  "'Contains' is written 'contains': write body contains 'x'" },
		{ "ANY header Via contains 'x'", 1,
		  "'ANY' is written 'any': write any header Via contains 'x'" },
		{ "header Via EXISTS", 12,
		  "'EXISTS' is written 'exists': write header Via exists" },
	};

	MISTAKES(mistakes);
}

static void the_subject_comes_first_and_once(void **state)
{
	static const struct mistake mistakes[] = {
		{ "1 < latency < 5s", 1,
		  "a comparison starts with its subject and has one sign: "
		  "write latency > 1s and latency < 5s" },
		{ "100ms < latency < 5s", 1,
		  "a comparison starts with its subject and has one sign: "
		  "write latency > 100ms and latency < 5s" },
		{ "200 <= status <= 299", 1,
		  "a comparison starts with its subject and has one sign: "
		  "write status >= 200 and status <= 299" },
		{ "200 == status", 1,
		  "a comparison starts with its subject and has one sign: write status == 200" },
		{ "200 == status and latency < 1s", 1,
		  "a comparison starts with its subject and has one sign: "
		  "write status == 200 and latency < 1s" },
		{ "'UP' == json $.status", 1,
		  "a comparison starts with its subject and has one sign: "
		  "write json $.status == 'UP'" },
		{ "\"ok\" in body", 1, "a comparison starts with its subject and has one sign" },
		{ "latency < 5s < 6s", 14,
		  "a comparison has one sign: write two and join them with 'and'" },
		{ "exists header Via", 1,
		  "'exists' stands behind its subject: write header Via exists" },
	};

	MISTAKES(mistakes);
}

static void types_that_are_known_to_differ_are_faults(void **state)
{
	static const struct mistake mistakes[] = {
		{ "latency < 800", 11, "'latency' is a duration: write 800ms" },
		{ "latency.connect < 20", 19, "'latency.connect' is a duration: write 20ms" },
		{ "latency < 0.8", 11, "'latency' is a duration: write 800ms" },
		{ "latency < 64KiB", 11, "'latency' is a duration, not a size" },
		{ "latency < \"5s\"", 11, "'latency' is a duration, not a text" },
		{ "latency == null", 12, "'latency' is a duration, not null" },
		{ "certificate.expires_in > 21", 26,
		  "'certificate.expires_in' is a duration: write 21d" },
		{ "age(header Date) < 60", 20, "'age(header Date)' is a duration: write 60s" },
		{ "size < 100", 8, "'size' is a size: write 100B" },
		{ "size < 5s", 8, "'size' is a size, not a duration" },
		{ "status == \"200\"", 11, "'status' is a number: write 200" },
		{ "status == 'OK'", 11, "'status' is a number, not a text" },
		{ "status == 5s", 11, "'status' is a number, not a duration" },
		{ "status == true", 11, "'status' is a number, not true or false" },
		{ "status in [200, '204']", 17, "'status' is a number: write 204" },
		{ "tls.version >= '1.2'", 16, "'tls.version' is a number: write 1.2" },
		{ "header X-Id == 5", 16, "'header X-Id' is a text: write \"5\"" },
		{ "header Content-Length < 100", 25,
		  "'header Content-Length' is a text: write number(header Content-Length)" },
		{ "certificate.serial == true", 23,
		  "'certificate.serial' is a text: write \"true\"" },
		{ "json $.took < 5ms", 15,
		  "a JSON value is never a duration: write a number without a unit" },
		{ "json $.used < 20%", 15,
		  "a JSON value is never a ratio: write a number without a unit" },
		{ "json $.up < true", 13,
		  "true, false and null are neither less nor more than anything" },
		{ "status == size", 11, "'status' is a number, and 'size' is a size" },
		{ "latency < json $.took", 11,
		  "'latency' is a duration, and 'json $.took' is a JSON value" },
		{ "body contains 5", 15, "what is looked for in a text is a text: write \"5\"" },
		{ "status contains 2", 8,
		  "'status' is a number, and 'contains' is asked of texts" },
		{ "status matches /2../", 8,
		  "'status' is a number, and 'matches' is asked of texts" },
		{ "size like '1*'", 6, "'size' is a size, and 'like' is asked of texts" },
		{ "status is empty", 8, "'status' is a number, which is never empty" },
		{ "body is null", 6, "'body' is a text; only a JSON value is null, true or false" },
		{ "body in url", 9,
		  "to the right of 'in' stands a list or a range, and 'url' is a text" },
		{ "url == json $.urls[*]", 8,
		  "'json $.urls[*]' is a list: write url in json $.urls[*]" },
		{ "lower(status) == 'a'", 1, "'status' is a number, and lower() is of a text" },
		{ "sha256(latency) == 'a'", 1,
		  "'latency' is a duration, and sha256() is of a text" },
		{ "length(size) == 5", 1,
		  "'size' is a size, and length() is of a text or a JSON value" },
		{ "count(body) == 5", 1, "'body' is a text, and count() is of a list" },
		{ "count(json $.a) == 5", 1,
		  "'json $.a' is one value, and count() is of a list: "
		  "write length(json $.a) or count(json $.a[*])" },
		{ "length(json $.a[*]) == 5", 1,
		  "'json $.a[*]' is a list: write count(json $.a[*]) for how many there are, or "
		  "any, all or none before length()" },
		{ "address < '192.0.2.1'", 9,
		  "addresses are not ordered: write address in \"192.0.2.0/24\"" },
		{ "address == '192.0.2.0/24'", 12,
		  "a network stands to the right of 'in': write address in \"192.0.2.0/24\"" },
		{ "address == 'localhost'", 12, "\"localhost\" is no address" },
		{ "address in ['192.0.2.1', '192.0.2.0/33']", 26,
		  "\"192.0.2.0/33\" is no address and no network" },
		{ "class == 'connect_refusd'", 10,
		  "there is no class \"connect_refusd\": did you mean \"connect_refused\"?" },
	};

	MISTAKES(mistakes);
}

static void quotes_and_brackets_are_missed(void **state)
{
	static const struct mistake mistakes[] = {
		{ "json $.status == UP", 18,
		  "'UP' is no subject, and a text has quotes: write \"UP\"" },
		{ "header Content-Type == text/html", 24,
		  "'text/html' is no subject, and a text has quotes: write \"text/html\"" },
		{ "body contains \"abc", 15, "the text that starts here has no closing \"" },
		{ "body contains 'it''s", 15, "the text that starts here has no closing '" },
		{ "body matches /abc", 14,
		  "the regular expression that starts here has no closing /" },
		{ "body matches abc", 14,
		  "after matches comes a regular expression: write matches /…/" },
		{ "body contains /abc/", 15, "a regular expression stands after matches" },
		{ "body matches /abc/g", 19,
		  "'g' is no flag of a regular expression: there are i m s x" },
		{ "body matches /a(b/", 18, "regular expression: missing closing parenthesis" },
		{ "body contains \"\\q\"", 16, "\\q is no escape…" },
		{ "body contains \"\\ud800\"", 16, "\\u is no escape…" },
		{ "json $.content-type == 'x'", 15,
		  "json path: a name with '-' stands in brackets and quotes: "
		  "write json $['content-type'] == 'x'" },
		{ "json $.a.b-c[0] == 1", 11,
		  "json path: a name with '-' stands in brackets and quotes: "
		  "write json $.a['b-c'][0] == 1" },
		{ "json $.items[ == 1", 15, "json path: …" },
		{ "json .status == 1", 6,
		  "after json comes a path, which starts with '$': write json $.status" },
		{ "json.status == 1", 1, "a path starts with '$': write json $.status" },
		{ "header.Server == 'x'", 1, "write header Server" },
		{ "header Content-Type: == 'a'", 20,
		  "the name of a header has no ':': write header Content-Type == 'a'" },
		{ "header == 'a'", 8,
		  "the name of a header is missing: write header Server exists" },
		{ "header 'a b' exists", 8, "'a b' is not the name of a header" },
		{ "status in (200, 201)", 11, "a list stands in brackets: write in [200, 201]" },
		{ "status in [200, 201", 11, "the ']' for this '[' is missing" },
		{ "status in [200 201]", 16,
		  "items are separated by ',' and the list ends with ']'" },
		{ "status in []", 12, "a list has at least one item" },
		{ "status == [200]", 11, "a list stands to the right of 'in'" },
		{ "(status == 200", 1, "the ')' for this '(' is missing" },
		{ "status == 200)", 14, "there is no '(' for this ')'" },
		{ "length(body == 3", 13, "the ')' of length( is missing here" },
		{ "length body == 3", 1, "length() is a function: write length(body)" },
	};

	MISTAKES(mistakes);
}

static void ranges_and_quantities_are_explained(void **state)
{
	static const struct mistake mistakes[] = {
		{ "status in 200-299", 11, "a range is written with two dots: write 200..299" },
		{ "status == 200..299", 14,
		  "a range stands to the right of 'in': write status in 200..299" },
		{ "status != 200..299", 14,
		  "a range stands to the right of 'in': write status not in 200..299" },
		{ "status in 299..200", 11, "this range is empty: its end is below its start" },
		{ "status in 200..", 16, "the end of the range is missing: write 200..299" },
		{ "latency in 100ms..500ms", 12,
		  "a range has two plain numbers: write latency >= 100ms and latency <= 500ms" },
		{ "status == 2xx", 11, "'2xx' is no number: write in 200..299" },
		{ "latency < 1.5s", 11,
		  "'1.5s' has a fraction, which only plain numbers and % have: write 1500ms" },
		{ "latency < 5sec", 11, "'5sec' is neither a number nor a duration…" },
		{ "latency < -5s", 11, "'-5s' has a sign, which only plain numbers have" },
		{ "status == 1e999", 11, "'1e999' is too large a number" },
		{ "latency < 5 ms", 11, "'latency' is a duration: write 5ms" },
	};

	MISTAKES(mistakes);
}

static void unknown_words_get_the_one_that_was_meant(void **state)
{
	static const struct mistake mistakes[] = {
		{ "statsu == 200", 1, "there is no subject 'statsu': did you mean 'status'?" },
		{ "Status == 200", 1, "there is no subject 'Status': did you mean 'status'?" },
		{ "status_code == 200", 1,
		  "there is no subject 'status_code': did you mean 'status'?" },
		{ "latency.firstbyte < 5s", 1,
		  "there is no subject 'latency.firstbyte': did you mean 'latency.first_byte'?" },
		{ "lenght(body) == 3", 1, "there is no subject 'lenght': did you mean 'length'?" },
		{ "certificate.expires > 5d", 1,
		  "there is no subject 'certificate.expires': did you mean "
		  "'certificate.expires_in'?" },
		{ "zyxwvu == 1", 1, "there is no subject 'zyxwvu'" },
		{ "header Via exist", 12, "'exist' is no comparison: did you mean 'exists'?" },
		{ "status is 200", 11,
		  "after is comes empty, null, true or false: write status == 200" },
		{ "status is not 200", 15,
		  "after is comes empty, null, true or false: write status != 200" },
		{ "status", 7, "after 'status' comes how it is compared: …" },
		{ "status not 200", 12, "after 'status' comes how it is compared: …" },
		{ "status ==", 10, "what it is compared with is missing" },
		{ "status == 200 and", 18, "an expectation is missing at the end" },
		{ "status == 200 latency < 5s", 15,
		  "after a whole comparison comes 'and' or 'or', not 'latency'" },
		{ "", 1, "an expectation is missing: write status == 200" },
		{ "   ", 1, "an expectation is missing: write status == 200" },
	};

	MISTAKES(mistakes);
}

static void a_subject_of_another_probe_is_a_fault(void **state)
{
	struct program *program = NULL;
	struct expect_fault fault;

	assert_int_equal(program_add(&program, "status == 200", 13, SUBJECTS_NETWORK, NULL, &fault),
			 -EINVAL);
	assert_int_equal(fault.column, 1);
	assert_string_equal(fault.message, "this probe has no 'status', only http has");
	assert_int_equal(program_add(&program, "latency < 5s", 12, 0, NULL, &fault), 0);
	assert_int_equal(
		program_add(&program, "latency < 5s or tls.version > 1", 31, 0, NULL, &fault),
		-EINVAL);
	assert_int_equal(fault.column, 17);
	assert_string_equal(fault.message,
			    "this probe has no 'tls.version', only a probe that speaks TLS has");
	assert_int_equal(program_count(program), 1);
	program_free(program);
}

/* The same part over and over, in `room`. */
static const char *repeated(char *room, const char *start, const char *part, size_t times,
			    const char *end)
{
	char *at = stpcpy(room, start);

	for (size_t i = 0; i < times; i++)
		at = stpcpy(at, part);
	(void)stpcpy(at, end);
	return room;
}

static void lines_are_bounded(void **state)
{
	static char room[16384];
	const struct mistake long_line = { repeated(room, "body contains '", "aaaaaaaa", 511, "'"),
					   4097, "an expectation has at most 4096 bytes" };
	struct mistake deep = { NULL, 65, "nested more than 64 levels deep" };

	expect_mistakes(&long_line, 1);
	deep.line = repeated(room, "", "(", 65, "status == 200");
	expect_mistakes(&deep, 1);
	deep.line = repeated(room, "", "not ", 65, "status == 200");
	deep.column = 64 * 4 + 1;
	expect_mistakes(&deep, 1);
	deep.line = repeated(room, "", "lower(", 65, "body");
	deep.column = 64 * 6 + 1;
	expect_mistakes(&deep, 1);
	program_free(look_compile(repeated(room, "", "not ", 64, "status == 200")));
}

static void instructions_are_bounded(void **state)
{
	static char room[16384];
	struct program *program = NULL;
	struct expect_fault fault;
	const char *line;

	/* A subject, a test and what joins it to the rest. */
	line = repeated(room, "status > 1", " or status > 1", 84, "");
	program_free(look_compile(line));
	line = repeated(room, "status > 1", " or status > 1", 86, "");
	assert_int_equal(program_add(&program, line, strlen(line), EVERY_SUBJECT, NULL, &fault),
			 -EINVAL);
	assert_string_equal(fault.message,
			    "this line needs more than 256 instructions: write several lines");
}

static void what_a_message_shows_of_a_line_is_escaped(void **state)
{
	static const struct mistake mistakes[] = {
		{ "status == \x1b[31m", 11,
		  "'\\x1b[31m' is no subject, and a text has quotes: "
		  "write \"\\x1b[31m\"" },
		{ "\xff", 1, "a subject stands here, not '\\xff'" },
	};

	MISTAKES(mistakes);
}

static void a_line_with_a_nul_is_refused(void **state)
{
	static const char line[] = "status == 200\0 or status == 1";
	struct program *program = NULL;
	struct expect_fault fault;

	assert_int_equal(program_add(&program, line, sizeof(line) - 1, EVERY_SUBJECT, NULL, &fault),
			 -EINVAL);
	assert_int_equal(fault.column, 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_of_other_languages_are_put_right),
		cmocka_unit_test(keywords_are_lower_case),
		cmocka_unit_test(the_subject_comes_first_and_once),
		cmocka_unit_test(types_that_are_known_to_differ_are_faults),
		cmocka_unit_test(quotes_and_brackets_are_missed),
		cmocka_unit_test(ranges_and_quantities_are_explained),
		cmocka_unit_test(unknown_words_get_the_one_that_was_meant),
		cmocka_unit_test(a_subject_of_another_probe_is_a_fault),
		cmocka_unit_test(lines_are_bounded),
		cmocka_unit_test(instructions_are_bounded),
		cmocka_unit_test(what_a_message_shows_of_a_line_is_escaped),
		cmocka_unit_test(a_line_with_a_nul_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
