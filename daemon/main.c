/* main.c - arguments, construction and teardown in mirror order. */
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/schema.h"
#include "config/snapshot.h"
#include "engine/engine.h"
#include "loop/libraries.h"
#include "loop/signals.h"
#include "option/complaint.h"
#include "probe/file_look.h"
#include "probe/sftp_look.h"

enum {
	URLS_MAX = 100000,
	URL_BYTES_MAX = 8192,
};

enum job { JOB_WATCH, JOB_CHECK_CONFIG, JOB_ONCE, JOB_SCHEMA, JOB_VERSION, JOB_HELP };

struct arguments {
	enum job job;
	const char *config;
	const char *socket;
	const char *state_dir;
	bool is_ephemeral;
	bool is_json;
	const char **only; /* owned array of borrowed texts, ended by NULL */
	size_t only_count;
	char **urls; /* owned, with what they point to; ended by NULL */
	size_t urls_count;
};

static const char help[] =
	"Usage: picketd [-c FILE] [-s SOCKET] [--state-dir DIR | --ephemeral] [-v]\n"
	"       picketd -t | --check [-c FILE]\n"
	"       picketd --once [--json] [--only GLOB]... [-c FILE | URL... | -]\n"
	"       picketd --schema | --version | --help\n"
	"\n"
	"Watches the endpoints of a YAML file, in the foreground; see picketd(8).\n"
	"\n"
	"  -c, --config FILE    the configuration (default /etc/picket/picket.yaml)\n"
	"  -t, --check          load the configuration, print every fault, exit 0 or 78\n"
	"      --once           check every endpoint, or every URL, once; exit 0 if all pass\n"
	"      --json           with --once: the API's endpoint objects\n"
	"      --only GLOB      with --once: only endpoints of these names\n"
	"      --schema         print the JSON Schema of the configuration\n"
	"  -s, --socket PATH    instead of the configuration's own\n"
	"      --state-dir DIR  instead of the configuration's own\n"
	"      --ephemeral      keep nothing on the disk\n"
	"  -v, --verbose        log single checks too\n"
	"  -V, --version\n"
	"  -h, --help\n";

static void add_only(struct arguments *arguments, const char *glob)
{
	arguments->only = memory_grow(arguments->only, arguments->only_count + 2, sizeof(char *));
	arguments->only[arguments->only_count++] = glob;
	arguments->only[arguments->only_count] = NULL;
}

static void add_url(struct arguments *arguments, const char *url)
{
	arguments->urls = memory_grow(arguments->urls, arguments->urls_count + 2, sizeof(char *));
	arguments->urls[arguments->urls_count++] = memory_text(url);
	arguments->urls[arguments->urls_count] = NULL;
}

static int complain_of_usage(const char *what)
{
	(void)fprintf(stderr, "picketd: %s\n'picketd --help' lists the options.\n", what);
	return EX_USAGE;
}

/* A URL a line; empty lines and those that begin with # are passed over. */
static int read_urls(struct arguments *arguments)
{
	char line[URL_BYTES_MAX];

	while (fgets(line, sizeof(line), stdin)) {
		const size_t len = strcspn(line, "\r\n");

		if (line[len] == '\0' && !feof(stdin))
			return complain_of_usage("a line on standard input is too long for a URL");
		line[len] = '\0';
		if (len == 0 || line[0] == '#')
			continue;
		if (arguments->urls_count == URLS_MAX)
			return complain_of_usage("more than 100000 URLs on standard input");
		add_url(arguments, line);
	}
	return 0;
}

static int take_operands(struct arguments *arguments, int count, char **operands)
{
	int r = 0;

	if (count > 0 && arguments->job != JOB_ONCE)
		return complain_of_usage("only --once takes URLs");
	for (int i = 0; i < count && r == 0; i++) {
		if (strcmp(operands[i], "-") == 0)
			r = read_urls(arguments);
		else
			add_url(arguments, operands[i]);
	}
	if (r == 0 && count > 0 && arguments->urls_count == 0)
		return complain_of_usage("no URL on standard input");
	return r;
}

static int read_arguments(int argc, char **argv, struct arguments *arguments)
{
	enum {
		OPTION_ONCE = 256,
		OPTION_JSON,
		OPTION_ONLY,
		OPTION_SCHEMA,
		OPTION_STATE_DIR,
		OPTION_EPHEMERAL
	};
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 't' },
		{ "once", no_argument, NULL, OPTION_ONCE },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "only", required_argument, NULL, OPTION_ONLY },
		{ "schema", no_argument, NULL, OPTION_SCHEMA },
		{ "socket", required_argument, NULL, 's' },
		{ "state-dir", required_argument, NULL, OPTION_STATE_DIR },
		{ "ephemeral", no_argument, NULL, OPTION_EPHEMERAL },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:ts:vVh", options, NULL)) >= 0) {
		switch (option) {
		case 'c':
			arguments->config = optarg;
			break;
		case 't':
			arguments->job = JOB_CHECK_CONFIG;
			break;
		case OPTION_ONCE:
			arguments->job = JOB_ONCE;
			break;
		case OPTION_JSON:
			arguments->is_json = true;
			break;
		case OPTION_ONLY:
			add_only(arguments, optarg);
			break;
		case OPTION_SCHEMA:
			arguments->job = JOB_SCHEMA;
			break;
		case 's':
			arguments->socket = optarg;
			break;
		case OPTION_STATE_DIR:
			arguments->state_dir = optarg;
			break;
		case OPTION_EPHEMERAL:
			arguments->is_ephemeral = true;
			break;
		case 'v':
			log_set_limit(LOG_DEBUG);
			break;
		case 'V':
			arguments->job = JOB_VERSION;
			break;
		case 'h':
			arguments->job = JOB_HELP;
			break;
		default:
			return complain_of_usage("see above");
		}
	}
	if ((arguments->is_json || arguments->only) && arguments->job != JOB_ONCE)
		return complain_of_usage("--json and --only go with --once");
	if (arguments->state_dir && arguments->is_ephemeral)
		return complain_of_usage("--ephemeral has no state directory");
	return take_operands(arguments, argc - optind, argv + optind);
}

/* All that was found wrong, to stderr; NULL where that is too much to go on with. */
static struct snapshot *load(const struct arguments *arguments)
{
	struct complaints *complaints = complaints_new();
	struct snapshot *snapshot = NULL;
	struct text text = { 0 };

	if (arguments->urls)
		(void)snapshot_from_urls((const char *const *)arguments->urls, complaints,
					 &snapshot);
	else
		(void)snapshot_load(arguments->config, complaints, &snapshot);
	complaints_print(complaints, &text);
	(void)fputs(text_string(&text), stderr);
	if (!snapshot && arguments->job == JOB_WATCH)
		log_line(LOG_ERR, "'%s' has %zu faults; not starting", arguments->config,
			 complaints_faults(complaints));
	text_done(&text);
	complaints_free(complaints);
	return snapshot;
}

static int watch(const struct arguments *arguments, struct snapshot *snapshot)
{
	const struct engine_options options = {
		.socket = arguments->socket,
		.state_dir = arguments->state_dir,
		.is_ephemeral = arguments->is_ephemeral,
		.is_once = arguments->job == JOB_ONCE,
		.only = arguments->only,
	};
	cleanup(free)
	char *fault = NULL;
	struct engine *engine;
	int signal, status = EXIT_SUCCESS;

	if (engine_new(snapshot, &options, &engine, &fault) < 0) {
		log_line(LOG_ERR, "%s; not starting", fault);
		return EXIT_FAILURE;
	}
	signal = engine_run(engine);
	if (options.is_once) {
		if (!engine_report(engine, arguments->is_json))
			status = EXIT_FAILURE;
		if (signal)
			status = 128 + signal;
	}
	if (!engine_free(engine)) {
		(void)fflush(NULL);
		_exit(status);
	}
	return status;
}

static int load_and_watch(const struct arguments *arguments)
{
	struct snapshot *snapshot = load(arguments);

	if (!snapshot)
		return EX_CONFIG;
	if (arguments->job == JOB_CHECK_CONFIG) {
		(void)printf("%s: %u endpoints, no faults\n", arguments->config,
			     snapshot->endpoints_count);
		snapshot_unref(snapshot);
		return EXIT_SUCCESS;
	}
	return watch(arguments, snapshot);
}

static int run(const struct arguments *arguments)
{
	int status;

	if (libraries_init() < 0) {
		log_line(LOG_ERR, "libcurl or OpenSSL can't be set up; not starting");
		return EXIT_FAILURE;
	}
	status = load_and_watch(arguments);
	libraries_done();
	return status;
}

static int print_schema(void)
{
	struct text text = { 0 };

	schema_print(&text);
	(void)fputs(text_string(&text), stdout);
	text_done(&text);
	return EXIT_SUCCESS;
}

static int do_job(const struct arguments *arguments)
{
	switch (arguments->job) {
	case JOB_VERSION:
		(void)printf("picketd %s\n", PICKET_VERSION);
		return EXIT_SUCCESS;
	case JOB_HELP:
		(void)fputs(help, stdout);
		return EXIT_SUCCESS;
	case JOB_SCHEMA:
		return print_schema();
	case JOB_WATCH:
	case JOB_ONCE:
	case JOB_CHECK_CONFIG:
		break;
	}
	return run(arguments);
}

static void arguments_done(struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->urls_count; i++)
		free(arguments->urls[i]);
	free(arguments->urls);
	free(arguments->only);
}

int main(int argc, char **argv)
{
	struct arguments arguments = { .config = "/etc/picket/picket.yaml" };
	int status;

	/* As a child of another one: see probe/file.c and probe/url_sftp.c. */
	if (file_look_is_asked(argc, argv))
		return file_look(argv);
	if (sftp_look_is_asked(argc, argv))
		return sftp_look(argv);
	signals_block();
	log_open();
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	status = read_arguments(argc, argv, &arguments);
	if (status == 0)
		status = do_job(&arguments);
	arguments_done(&arguments);
	return status;
}
