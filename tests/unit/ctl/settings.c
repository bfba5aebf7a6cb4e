/* settings.c - stands in for picketctl's options. */
#include "settings.h"

struct ctl_settings test_settings = { .socket = "/nonexistent/picket.sock", .color = "auto" };

const struct ctl_settings *ctl_settings(void)
{
	return &test_settings;
}

int ctl_take_option(int option, const char *command)
{
	(void)option;
	(void)command;
	return -1 - CTL_USAGE;
}
