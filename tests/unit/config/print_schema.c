/* print_schema.c - the JSON Schema on standard output, for schema.py. */
#include <stdio.h>

#include "base/text.h"
#include "config/schema.h"

int main(void)
{
	struct text text = { 0 };

	schema_print(&text);
	(void)fputs(text_string(&text), stdout);
	text_done(&text);
	return ferror(stdout) || fclose(stdout);
}
