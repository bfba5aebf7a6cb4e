/* file.c - what a file is, beside what is in it. */
#include <stdlib.h>

#include "model/file.h"

void file_facts_free(struct file_facts *facts)
{
	free(facts);
}
