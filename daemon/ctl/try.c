/* try.c - picketctl try: what expectations say about a stored response. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/input.h"
#include "ctl/response.h"
#include "expect/expect.h"

/* As deep as a body may be where the configuration does not say otherwise. */
enum { JSON_DEPTH = 64, VALUE_BYTES = 256 };

static const unsigned every_subject =
	SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_BODY | SUBJECTS_HTTP | SUBJECTS_TLS;

static void cleanup_program(struct program **program)
{
	if (*program)
		program_free(*program);
}

static void cleanup_observation(struct observation *observation)
{
	observation_done(observation);
}

static void cleanup_run(struct expect_run **run)
{
	if (*run)
		expect_run_free(*run);
}

static bool is_file(const char *word)
{
	return strcmp(word, "-") == 0 || access(word, F_OK) == 0;
}

/* The last word is no expectation: perhaps it was to be the file. */
static void say_about_file(const char *word, bool is_alone)
{
	if (is_alone && is_file(word))
		(void)fprintf(stderr,
			      "picketctl try: it is a file; an expectation comes before it.\n");
	else if (!is_alone && !strchr(word, ' '))
		(void)fprintf(stderr, "picketctl try: there is no such file either.\n");
}

/* The expectations among `count` words, of which the last may be a file.  CTL_OK or CTL_USAGE. */
static int compile(char *const *words, int count, struct program **program, const char **ret_file)
{
	struct expect_fault fault;
	int status = CTL_OK;

	for (int i = 0; i < count; i++) {
		if (program_add(program, words[i], strlen(words[i]), every_subject, NULL, &fault) ==
		    0)
			continue;
		if (i == count - 1 && i > 0 && is_file(words[i])) {
			*ret_file = words[i];
			continue;
		}
		input_complain("try", words[i], fault.column, fault.message);
		if (i == count - 1)
			say_about_file(words[i], i == 0);
		status = CTL_USAGE;
	}
	return status;
}

static void print_text(const char *line, const char *truth, const struct text *value)
{
	cleanup(text)
	struct text shown = { 0 };

	text_append_escaped(&shown, line, strlen(line));
	(void)printf("%-7s  %s%s%s\n", truth, text_string(&shown), value->len ? ": " : "",
		     text_string(value));
}

static void print_json(const char *line, const char *truth, const struct text *value, bool is_first)
{
	cleanup(text)
	struct text shown = { 0 };

	text_append(&shown, is_first ? "[{\"expectation\":" : ",{\"expectation\":");
	text_append_json(&shown, line, strlen(line));
	text_print(&shown, ",\"truth\":\"%s\"", truth);
	if (value->len > 0) {
		text_append(&shown, ",\"value\":");
		text_append_json(&shown, value->data, value->len);
	}
	text_append_char(&shown, '}');
	(void)fputs(text_string(&shown), stdout);
}

/* Every line with what it came to; whether all of them hold. */
static bool judge(const struct program *program, const struct observation *observation)
{
	static const char *const words[] = {
		[TRUTH_FALSE] = "false",
		[TRUTH_TRUE] = "true",
		[TRUTH_UNKNOWN] = "unknown",
	};
	cleanup(run)
	struct expect_run *run = expect_run_new(observation, JSON_DEPTH);
	cleanup(text)
	struct text value = { .limit_bytes = VALUE_BYTES };
	bool all_hold = true;

	for (size_t i = 0; i < program_count(program); i++) {
		bool is_limit, is_cut;
		enum truth truth;

		text_clear(&value);
		truth = expect_evaluate(run, program, i, &value, &is_limit, &is_cut);
		all_hold &= truth == TRUTH_TRUE;
		if (ctl_settings()->is_json)
			print_json(program_line(program, i), words[truth], &value, i == 0);
		else
			print_text(program_line(program, i), words[truth], &value);
	}
	if (ctl_settings()->is_json)
		(void)puts("]");
	return all_hold;
}

int ctl_try(int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS, { 0 } };
	cleanup(program)
	struct program *program = NULL;
	cleanup(text)
	struct text response = { 0 };
	cleanup(observation)
	struct observation observation = { 0 };
	const char *file = NULL;
	int option, r;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		r = ctl_take_option(option, "try");
		if (r < 0)
			return -1 - r;
	}
	if (optind == argc) {
		(void)fprintf(stderr, "picketctl try: an expectation is missing, such as "
				      "'status == 200'.\n");
		return CTL_USAGE;
	}
	r = compile(argv + optind, argc - optind, &program, &file);
	if (r != CTL_OK)
		return r;
	r = input_read("try", file, &response);
	if (r != CTL_OK)
		return r;
	if (response_read(text_string(&response), response.len, &observation) < 0) {
		(void)fprintf(stderr,
			      "picketctl try: %s does not begin with a status line such as "
			      "'HTTP/1.1 200 OK': make it with curl -i.\n",
			      input_name(file));
		return CTL_USAGE;
	}
	return judge(program, &observation) ? CTL_OK : CTL_NOT_UP;
}
