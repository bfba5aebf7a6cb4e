/* picketctl.c - asks picketd, and prints what it says. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "ctl/ctl.h"
#include "option/complaint.h"

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *arguments;
	const char *about;
} verbs[] = {
	{ "status", ctl_status, "[NAME|GLOB]... [--state S] [--group G] [--nagios]",
	  "What is up and what is not, worst first (the default)." },
	{ "watch", ctl_watch, "[NAME|GLOB]... [--state S] [--group G]",
	  "The same, live; keys look closer and act." },
	{ "why", ctl_why, "NAME", "The last failure, as evidence." },
	{ "check", ctl_check, "NAME|GLOB... [--wait]", "Check now, within the permits." },
	{ "pause", ctl_pause, "NAME|GLOB...", "No more checks, until resumed; over restarts too." },
	{ "resume", ctl_resume, "NAME|GLOB...", "Checks again." },
	{ "beat", ctl_beat, "NAME [--start|--fail] [--message TEXT]",
	  "A heartbeat: the job has begun, is done, or has failed." },
	{ "history", ctl_history, "NAME [--since D] [--step D]",
	  "Uptime and latency, for hours or for a year." },
	{ "incidents", ctl_incidents, "[NAME|GLOB] [--open] [--since D]",
	  "What went wrong, the latest first." },
	{ "ack", ctl_ack, "ID [--comment TEXT]", "Say that somebody knows of an incident." },
	{ "silence", ctl_silence,
	  "[GLOB] [--group G] [--label K:V]... --for D|--until TIME [--comment TEXT]",
	  "Tell nobody of these for some time; checks go on." },
	{ "silences", ctl_silences, "", "The silences that hold." },
	{ "unsilence", ctl_unsilence, "ID...", "End a silence before its time." },
	{ "notify-test", ctl_notify_test, "RECEIVER",
	  "Send one marked test message, and show the answer." },
	{ "events", ctl_events, "[NAME|GLOB] [--since SEQ] [--type TYPE]",
	  "Follow verdicts and changes, a line each." },
	{ "names", ctl_names, "[NAME|GLOB]...", "The names of endpoints, a line each." },
	{ "reload", ctl_reload, "", "Load the configuration again; shows what is wrong with it." },
	{ "config", ctl_config, "[NAME|GLOB]",
	  "The effective configuration, and where it is from." },
	{ "try", ctl_try, "EXPECTATION... [FILE]",
	  "Judge a stored response, the output of curl -i." },
	{ "jsonpath", ctl_jsonpath, "PATH [FILE]", "The nodes that an RFC 9535 query selects." },
	{ "version", ctl_version, "", "The versions of both programs." },
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static struct ctl_settings settings = {
	.socket = "/run/picket/picket.sock",
	.color = "auto",
};

const struct ctl_settings *ctl_settings(void)
{
	return &settings;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static void print_help(const char *command)
{
	const struct verb *verb = command ? find_verb(command) : NULL;

	if (verb) {
		(void)printf("Usage: picketctl [OPTION]... %s%s%s\n\n%s\n", verb->name,
			     *verb->arguments ? " " : "", verb->arguments, verb->about);
	} else {
		(void)printf("Usage: picketctl [OPTION]... [COMMAND]\n\nCommands:\n");
		for (size_t i = 0; i < VERBS; i++)
			(void)printf("  %-11s  %s\n", verbs[i].name, verbs[i].about);
	}
	(void)printf("\nOptions:\n"
		     "  -s, --socket PATH  the daemon's socket (default %s)\n"
		     "      --json         print the API's own JSON\n"
		     "      --color WHEN   auto, always or never\n"
		     "  -V, --version      the version of picketctl\n"
		     "  -h, --help         this, or with a command what it takes\n"
		     "\nExit status: 0; 1 something asked about is not up; 2 usage; 3 no daemon;\n"
		     "4 refused.  picketctl(1) has it all.\n",
		     settings.socket);
}

static int leave_with(int status)
{
	return -1 - status;
}

int ctl_take_option(int option, const char *command)
{
	switch (option) {
	case 's':
		settings.socket = optarg;
		return 0;
	case CTL_OPTION_JSON:
		settings.is_json = true;
		return 0;
	case CTL_OPTION_COLOR:
		settings.color = optarg;
		if (strcmp(optarg, "auto") == 0 || strcmp(optarg, "always") == 0 ||
		    strcmp(optarg, "never") == 0)
			return 0;
		(void)fprintf(stderr, "picketctl: --color is auto, always or never.\n");
		return leave_with(CTL_USAGE);
	case 'h':
		print_help(command);
		return leave_with(CTL_OK);
	default:
		/* getopt_long(3) has said what is wrong. */
		(void)fprintf(stderr, "'picketctl %s%s--help' says what there is.\n",
			      command ? command : "", command ? " " : "");
		return leave_with(CTL_USAGE);
	}
}

static int say_unknown(const char *name)
{
	const char *words[VERBS + 2] = { 0 };
	const char *nearest;

	for (size_t i = 0; i < VERBS; i++)
		words[i] = verbs[i].name;
	words[VERBS] = "help";
	nearest = complaint_nearest(name, words);
	if (nearest)
		(void)fprintf(stderr, "picketctl: there is no command '%s'; did you mean '%s'?\n",
			      name, nearest);
	else
		(void)fprintf(stderr,
			      "picketctl: there is no command '%s'; 'picketctl help' lists them.\n",
			      name);
	return CTL_USAGE;
}

static int help(int argc, char **argv)
{
	if (argc > 1 && !find_verb(argv[1]))
		return say_unknown(argv[1]);
	print_help(argc > 1 ? argv[1] : NULL);
	return CTL_OK;
}

static int run(int argc, char **argv)
{
	static char standard[] = "status", title[32];
	char *just_status[] = { standard, NULL };
	const struct verb *verb;

	if (argc == 0)
		return ctl_status(1, just_status);
	if (strcmp(argv[0], "help") == 0)
		return help(argc, argv);
	verb = find_verb(argv[0]);
	if (!verb)
		return say_unknown(argv[0]);
	/* What getopt_long(3) begins its messages with. */
	(void)snprintf(title, sizeof(title), "picketctl %s", verb->name);
	argv[0] = title;
	return verb->run(argc, argv);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "version", no_argument, NULL, 'V' },
						 CTL_OPTIONS,
						 { 0 } };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	int option, r;

	(void)setlocale(LC_ALL, "");
	/* Numbers are read and written as JSON has them. */
	(void)setlocale(LC_NUMERIC, "C");
	(void)sigaction(SIGPIPE, &ignore, NULL);
	/* What stands behind the command is the command's. */
	while ((option = getopt_long(argc, argv, "+s:hV", options, NULL)) >= 0) {
		if (option == 'V') {
			(void)puts("picketctl " PICKET_VERSION);
			return CTL_OK;
		}
		r = ctl_take_option(option, NULL);
		if (r < 0)
			return -1 - r;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		abort();
	r = run(argc - optind, argv + optind);
	curl_global_cleanup();
	if (fflush(stdout) != 0 && errno != EPIPE)
		(void)fprintf(stderr, "picketctl: cannot write the output: %s.\n", strerror(errno));
	return r;
}
