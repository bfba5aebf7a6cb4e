/* file.c - what a file is, for the table in subject.c. */
#include "expect/file.h"
#include "model/file.h"

enum subject_found file_modified(const struct observation *observation, const char *name,
				 size_t *cursor, struct value *ret)
{
	if (!observation->file)
		return SUBJECT_ABSENT;
	/* Seconds, as age() and until() take them. */
	*ret = value_real(TYPE_NUMBER, (double)observation->file->modified / (double)USEC_PER_SEC);
	return SUBJECT_FOUND;
}
