/* memory.h - allocation that cannot fail.
 *
 * Out of memory ends the process with a message (the service manager starts it
 * again).  So no size that comes from outside may arrive here unbounded.
 * Everything is released with free(3).
 */
#pragma once

#include <stddef.h>

/* Says so and ends the process with exit status 1, as all here do where there is none left: for
 * those whose memory a library allocates.
 */
void memory_out(void) __attribute__((noreturn));

/* `count` times `size` zeroed bytes; the product may not overflow. */
void *memory_new(size_t count, size_t size);

#define MEMORY_NEW(type) ((type *)memory_new(1, sizeof(type)))

/* The same, beginning at a multiple of `alignment`, a power of two. */
void *memory_new_aligned(size_t alignment, size_t count, size_t size);

/* Zeroed pages of their own, for what is large and goes as a whole: they leave no hole between
 * what stays, and are the kernel's again once they are given back.
 */
void *memory_map(size_t size);
void memory_unmap(void *pages, size_t size);

/* malloc(3) and realloc(3), but that they do not return NULL: for libraries that want those. */
void *memory_any(size_t size);
void *memory_again(void *pointer, size_t size);

/* `pointer` (or NULL) with room for `count` times `size` bytes; what is new is not zeroed. */
void *memory_grow(void *pointer, size_t count, size_t size);

/* Copies of a text, of its first `len` bytes (a NUL is added), and of any bytes. */
char *memory_text(const char *text);
char *memory_text_len(const char *text, size_t len);
void *memory_copy(const void *data, size_t size);

/* printf(3) into a text of its own. */
char *memory_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Next size for an array that is full: at least `needed`, at least half as much again as `room`. */
size_t memory_next_room(size_t room, size_t needed);
