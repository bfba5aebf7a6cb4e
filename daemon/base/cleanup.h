/* cleanup.h - release at the end of the scope.
 *
 *   cleanup(free) char *line = NULL;     freed when the block is left
 *   return TAKE(line);                   handed on instead
 */
#pragma once

#include <stdlib.h>
#include <unistd.h>

#define cleanup(kind) __attribute__((cleanup(cleanup_##kind)))

/* The pointer, which the variable then no longer owns. */
#define TAKE(pointer)                                                                              \
	__extension__({                                                                            \
		__typeof__(pointer) taken_ = (pointer);                                            \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}
