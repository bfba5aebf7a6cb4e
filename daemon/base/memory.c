/* memory.c - allocation that cannot fail. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"

/* No formatting and no stdio here: both may want memory; and what runs at an ordered end does, too. */
void memory_out(void)
{
	static const char message[] = "<2>out of memory; ending here\n";

	(void)!write(STDERR_FILENO, message, sizeof(message) - 1);
	_exit(EXIT_FAILURE);
}

/* glibc keeps freed blocks of up to about a kilobyte for the thread that freed them, and its
 * calloc(3) does not look there (2.36): what is allocated and freed all the time takes the long
 * way both times.
 */
enum { CACHED_BYTES = 1024 };

void *memory_new(size_t count, size_t size)
{
	void *pointer;
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		memory_out();
	if (bytes <= CACHED_BYTES)
		return memset(memory_any(bytes), 0, bytes);
	pointer = calloc(1, bytes);
	if (!pointer)
		memory_out();
	return pointer;
}

void *memory_new_aligned(size_t alignment, size_t count, size_t size)
{
	void *pointer = NULL;
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) ||
	    posix_memalign(&pointer, alignment, bytes ? bytes : 1) != 0)
		memory_out();
	return memset(pointer, 0, bytes);
}

void *memory_map(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		memory_out();
	return pages;
}

void memory_unmap(void *pages, size_t size)
{
	(void)munmap(pages, size);
}

void *memory_grow(void *pointer, size_t count, size_t size)
{
	pointer = reallocarray(pointer, count ? count : 1, size ? size : 1);
	if (!pointer)
		memory_out();
	return pointer;
}

void *memory_any(size_t size)
{
	void *pointer = malloc(size ? size : 1);

	if (!pointer)
		memory_out();
	return pointer;
}

void *memory_again(void *pointer, size_t size)
{
	return memory_grow(pointer, size, 1);
}

char *memory_text(const char *text)
{
	return memory_copy(text, strlen(text) + 1);
}

char *memory_text_len(const char *text, size_t len)
{
	char *copy = memory_any(len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

void *memory_copy(const void *data, size_t size)
{
	return memcpy(memory_any(size), data, size);
}

char *memory_print(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		memory_out();
	va_end(arguments);
	return text;
}

size_t memory_next_room(size_t room, size_t needed)
{
	const size_t larger = room + room / 2 + 8;

	return larger > needed ? larger : needed;
}
