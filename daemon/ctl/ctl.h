/* ctl.h - picketctl: one function a command, and what they share.
 *
 * A command gets "picketctl NAME" as argv[0] and the arguments behind it, and returns
 * the exit status.  One that uses getopt_long(3) sets optind to 0 first.
 */
#pragma once

#include <getopt.h>
#include <stdbool.h>

/* The exit statuses that picketctl(1) lists. */
enum ctl_exit {
	CTL_OK = 0,
	CTL_NOT_UP = 1, /* something asked about is not up, an expectation does not hold */
	CTL_USAGE = 2,
	CTL_NO_DAEMON = 3,
	CTL_REFUSED = 4,
};

int ctl_ack(int argc, char **argv);
int ctl_beat(int argc, char **argv);
int ctl_check(int argc, char **argv);
int ctl_config(int argc, char **argv);
int ctl_events(int argc, char **argv);
int ctl_history(int argc, char **argv);
int ctl_incidents(int argc, char **argv);
int ctl_jsonpath(int argc, char **argv);
int ctl_names(int argc, char **argv);
int ctl_notify_test(int argc, char **argv);
int ctl_pause(int argc, char **argv);
int ctl_reload(int argc, char **argv);
int ctl_resume(int argc, char **argv);
int ctl_silence(int argc, char **argv);
int ctl_silences(int argc, char **argv);
int ctl_status(int argc, char **argv);
int ctl_try(int argc, char **argv);
int ctl_unsilence(int argc, char **argv);
int ctl_version(int argc, char **argv);
int ctl_watch(int argc, char **argv);
int ctl_why(int argc, char **argv);

/* What may stand before the command, and with commands that ask the daemon also behind it. */
struct ctl_settings {
	const char *socket;
	bool is_json;
	const char *color; /* auto, always or never */
};

const struct ctl_settings *ctl_settings(void);

enum { CTL_OPTION_JSON = 1000, CTL_OPTION_COLOR };

/* For getopt_long(3): "s:h" and these rows, beside a command's own. */
#define CTL_OPTIONS                                                                                \
	{ "socket", required_argument, NULL, 's' },                                                \
		{ "json", no_argument, NULL, CTL_OPTION_JSON },                                    \
		{ "color", required_argument, NULL, CTL_OPTION_COLOR },                            \
	{                                                                                          \
		"help", no_argument, NULL, 'h'                                                     \
	}

/* Takes in what getopt_long(3) returned for one of them.  0, or what the command returns at
 * once as -1 minus its exit status.
 */
int ctl_take_option(int option, const char *command);
