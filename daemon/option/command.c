/* command.c - what everybody wants of a key that names a program and its arguments. */
#include <string.h>

#include "base/text.h"
#include "option/command.h"
#include "option/option.h"

bool command_check_variable(const char *name, size_t len, struct text *wanted)
{
	if (len > 0 && strcspn(name, "= \t") == len)
		return true;
	text_append(wanted, "must be the name of a variable, without '='");
	return false;
}

void command_examine(const char *const *command, struct complaints *complaints,
		     const struct option_places *places)
{
	const char *program = command ? command[0] : NULL;

	if (!command)
		return;
	if (!program || !*program)
		option_complain(complaints, places, "command", "'command' names no program");
	else if (*program != '/' && strchr(program, '/'))
		option_complain(complaints, places, "command",
				"'command' must begin with a name in PATH or an absolute path, not "
				"'%s'",
				program);
}
