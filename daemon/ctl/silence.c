/* silence.c - picketctl silence, silences and unsilence: nobody is told for some time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/member.h"
#include "base/text.h"
#include "base/units.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/names.h"

/* --- What is asked for -------------------------------------------------------------------- */

struct wish {
	struct text labels; /* members of a JSON object */
	struct text query; /* the same endpoints, as /v1/endpoints has it */
	const char *match, *group, *comment, *span, *until; /* borrowed; or NULL */
};

static void wish_done(struct wish *wish)
{
	text_done(&wish->labels);
	text_done(&wish->query);
}

static void ask_for(struct wish *wish, const char *key, const char *value)
{
	text_append(&wish->query, wish->query.len ? "&" : "?");
	text_print(&wish->query, "%s=", key);
	client_escape(&wish->query, value);
}

static int add_label(struct wish *wish, const char *label)
{
	const char *colon = strchr(label, ':');

	if (!colon || colon == label) {
		(void)fprintf(stderr, "picketctl: --label wants KEY:VALUE.\n");
		return CTL_USAGE;
	}
	text_append(&wish->labels, wish->labels.len ? "," : "");
	text_append_json(&wish->labels, label, (size_t)(colon - label));
	text_append_char(&wish->labels, ':');
	text_append_json(&wish->labels, colon + 1, strlen(colon + 1));
	ask_for(wish, "label", label);
	return CTL_OK;
}

/* 0; or -1 minus the exit status that the command ends with at once. */
static int take_options(struct wish *wish, int argc, char **argv)
{
	static const struct option options[] = { { "for", required_argument, NULL, 'f' },
						 { "until", required_argument, NULL, 'u' },
						 { "comment", required_argument, NULL, 'c' },
						 { "group", required_argument, NULL, 'g' },
						 { "label", required_argument, NULL, 'l' },
						 CTL_OPTIONS,
						 { 0 } };
	int option, r = 0;

	optind = 0;
	while (r == 0 && (option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		if (option == 'f')
			wish->span = optarg;
		else if (option == 'u')
			wish->until = optarg;
		else if (option == 'c')
			wish->comment = optarg;
		else if (option == 'g')
			wish->group = optarg;
		else if (option == 'l')
			r = add_label(wish, optarg) == CTL_OK ? 0 : -1 - CTL_USAGE;
		else
			r = ctl_take_option(option, "silence");
	}
	return r;
}

static int check(const struct wish *wish, int names)
{
	usec_t span;

	if (names > 1)
		(void)fprintf(stderr, "picketctl: 'silence' takes one name or glob; "
				      "is it quoted?\n");
	else if (names == 0 && !wish->group && !wish->labels.len)
		(void)fprintf(stderr, "picketctl: 'silence' wants a name or glob, --group or "
				      "--label.\n");
	else if (!wish->span == !wish->until)
		(void)fprintf(stderr, "picketctl: 'silence' wants --for DURATION or --until "
				      "TIME.\n");
	else if (wish->span && units_duration_parse(wish->span, strlen(wish->span), &span) < 0)
		(void)fprintf(stderr, "picketctl: --for wants a duration, such as 2h.\n");
	else
		return CTL_OK;
	return CTL_USAGE;
}

static void print_body(struct text *body, const struct wish *wish)
{
	text_append_char(body, '{');
	if (wish->match)
		member_text(body, "match", wish->match);
	if (wish->group)
		member_text(body, "group", wish->group);
	member(body, "labels");
	text_print(body, "{%s}", text_string(&wish->labels));
	if (wish->span)
		member_text(body, "for", wish->span);
	if (wish->until)
		member_text(body, "until", wish->until);
	if (wish->comment)
		member_text(body, "comment", wish->comment);
	text_append_char(body, '}');
}

/* --- What is shown ------------------------------------------------------------------------ */

/* "shop-*, group web, team:blue" */
static void show_what(struct text *line, const json_t *silence)
{
	json_t *labels = json_object_get(silence, "labels"), *value;
	const char *key;

	text_append_char(line, '\'');
	document_show(line, silence, "match");
	text_append_char(line, '\'');
	if (*document_text(silence, "group")) {
		text_append(line, ", group ");
		document_show(line, silence, "group");
	}
	json_object_foreach(labels, key, value)
	{
		text_append(line, ", ");
		text_append_escaped(line, key, strlen(key));
		text_append_char(line, ':');
		document_show(line, labels, key);
	}
}

/* "for another 1h12m, until 2026-11-30T18:00:00.000Z" */
static void show_span(struct text *line, const json_t *silence)
{
	const char *until = document_text(silence, "until");
	const usec_t wall = clock_wall();
	usec_t end;

	if (units_time_parse(until, strlen(until), &end) == 0 && end > wall) {
		text_append(line, "for ");
		units_duration_show(line, end - wall);
		text_append(line, ", ");
	}
	text_append(line, "until ");
	document_show(line, silence, "until");
}

static void show_why(struct text *line, const json_t *silence)
{
	if (*document_text(silence, "by")) {
		text_append(line, "  by ");
		document_show(line, silence, "by");
	}
	if (*document_text(silence, "comment")) {
		text_append(line, ": ");
		document_show(line, silence, "comment");
	}
}

static void count_one(json_t *endpoint, void *context)
{
	unsigned *count = context;

	(void)endpoint;
	(*count)++;
}

static int show_made(const struct wish *wish, const struct text *body)
{
	cleanup(json)
	json_t *silence = document_parse(body);
	cleanup(text)
	struct text line = { 0 }, path = { 0 };
	unsigned count = 0;
	int r;

	text_print(&path, "/v1/endpoints%s", text_string(&wish->query));
	r = names_each(path.data, count_one, &count);
	if (r != CTL_OK)
		return r;
	document_show(&line, silence, "id");
	text_append(&line, ": ");
	show_what(&line, silence);
	text_append(&line, " is silent ");
	show_span(&line, silence);
	if (count == 0)
		text_append(&line, "; no endpoint matches now");
	else
		text_print(&line, "; %u endpoint%s", count, count == 1 ? "" : "s");
	(void)puts(line.data);
	return CTL_OK;
}

int ctl_silence(int argc, char **argv)
{
	struct wish wish = { 0 };
	cleanup(text)
	struct text body = { 0 }, answer = { 0 };
	int code, r = take_options(&wish, argc, argv);

	if (r < 0) {
		wish_done(&wish);
		return -1 - r;
	}
	r = check(&wish, argc - optind);
	if (r == CTL_OK) {
		wish.match = argv[optind];
		if (wish.match)
			ask_for(&wish, "name", wish.match);
		if (wish.group)
			ask_for(&wish, "group", wish.group);
		print_body(&body, &wish);
		r = client_send("/v1/silences", &body, &answer, &code);
	}
	if (r == CTL_OK && code != 201)
		r = client_refused(code, &answer);
	else if (r == CTL_OK && ctl_settings()->is_json)
		(void)fputs(text_string(&answer), stdout);
	else if (r == CTL_OK)
		r = show_made(&wish, &answer);
	wish_done(&wish);
	return r;
}

/* Options of a command that has none of its own; 0, or -1 minus the exit status. */
static int take_common(int argc, char **argv, const char *command)
{
	static const struct option options[] = { CTL_OPTIONS, { 0 } };
	int option, r = 0;

	optind = 0;
	while (r == 0 && (option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0)
		r = ctl_take_option(option, command);
	return r;
}

int ctl_silences(int argc, char **argv)
{
	cleanup(text)
	struct text body = { 0 };
	cleanup(json)
	json_t *list = NULL;
	json_t *silence;
	size_t i;
	int r = take_common(argc, argv, "silences");

	if (r < 0)
		return -1 - r;
	if (optind < argc) {
		(void)fprintf(stderr, "picketctl: 'silences' takes no arguments.\n");
		return CTL_USAGE;
	}
	r = client_get("/v1/silences", &body);
	if (r != CTL_OK)
		return r;
	if (ctl_settings()->is_json) {
		(void)fputs(text_string(&body), stdout);
		return CTL_OK;
	}
	list = document_parse(&body);
	json_array_foreach(json_object_get(list, "silences"), i, silence)
	{
		cleanup(text)
		struct text line = { 0 };

		document_show(&line, silence, "id");
		text_append(&line, "  ");
		show_what(&line, silence);
		text_append(&line, "  ");
		show_span(&line, silence);
		show_why(&line, silence);
		(void)puts(line.data);
	}
	if (json_array_size(json_object_get(list, "silences")) == 0)
		(void)puts("No silences.");
	return CTL_OK;
}

static int end_one(const char *id)
{
	cleanup(text)
	struct text path = { 0 }, body = { 0 }, line = { 0 };
	cleanup(json)
	json_t *silence = NULL;
	int code, r;

	text_append(&path, "/v1/silences/");
	client_escape(&path, id);
	r = client_ask("DELETE", path.data, &body, &code);
	if (r != CTL_OK)
		return r;
	if (code != 200)
		return client_refused(code, &body);
	if (ctl_settings()->is_json) {
		(void)fputs(text_string(&body), stdout);
		return CTL_OK;
	}
	silence = document_parse(&body);
	document_show(&line, silence, "id");
	text_append(&line, ": ");
	show_what(&line, silence);
	text_append(&line, " is silent no more");
	(void)puts(line.data);
	return CTL_OK;
}

int ctl_unsilence(int argc, char **argv)
{
	int worst = CTL_OK, r = take_common(argc, argv, "unsilence");

	if (r < 0)
		return -1 - r;
	if (optind == argc) {
		(void)fprintf(stderr, "picketctl: 'unsilence' wants the id of a silence; "
				      "'picketctl silences' lists them.\n");
		return CTL_USAGE;
	}
	for (int i = optind; i < argc; i++) {
		r = end_one(argv[i]);
		if (r == CTL_NO_DAEMON)
			return r;
		if (r != CTL_OK)
			worst = r;
	}
	return worst;
}
