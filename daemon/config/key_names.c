/* key_names.c - what names of endpoints and labels may be. */
#include <string.h>

#include "base/text.h"
#include "config/keys.h"

static bool is_forbidden(unsigned char c)
{
	return c < 0x20 || c == 0x7f || strchr("/?#%*[]\\", c);
}

bool keys_check_name(const char *name, size_t len, struct text *wanted)
{
	if (len == 0 || len > 128) {
		text_append(wanted, "must have 1 to 128 bytes");
		return false;
	}
	if (*name == '-') {
		text_append(wanted, "must not begin with '-'");
		return false;
	}
	if (*name == ' ' || name[len - 1] == ' ') {
		text_append(wanted, "must not begin or end with a blank");
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (!is_forbidden((unsigned char)name[i]))
			continue;
		text_append(wanted, "must have no control characters and none of / ? # % * [ ] \\");
		return false;
	}
	return true;
}

void keys_clean_name(char *name)
{
	for (size_t i = 0; name[i]; i++)
		if (is_forbidden((unsigned char)name[i]) || (i == 0 && name[i] == '-'))
			name[i] = '_';
}

bool keys_check_label(const char *key, size_t len, struct text *wanted)
{
	static const char *const reserved[] = { "instance", "endpoint", "group",   "probe", "phase",
						"le",	    "quantile", "verdict", "class", NULL };
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char others[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	for (unsigned i = 0; reserved[i]; i++) {
		if (strcmp(key, reserved[i]) != 0)
			continue;
		text_append(wanted, "is one that picket's own metrics carry; choose another");
		return false;
	}
	if (len == 0 || len > 128 || !strchr(letters, *key) || strspn(key, others) != len ||
	    strncmp(key, "__", 2) == 0) {
		text_append(wanted, "is no name of a Prometheus label: letters, digits and '_', "
				    "not a digit first and not '__'");
		return false;
	}
	return true;
}
