/* strike.c - for LD_PRELOAD: one call fails once.
 *
 * STRIKE names a file that the daemon and the test have in common (struct book).  The test sets
 * `call`, `error` and then `countdown`; the call that brings it to nothing fails with that error,
 * or, with 0, does half of what it was asked for.  A write that wakes somebody (eventfd(2)) never
 * waits and so never fails: it is left out.  Calls are numbered as in strike.inc; behind
 * those come open, open64, openat, pthread_create, posix_spawn, and malloc with its family.
 */
#undef _FILE_OFFSET_BITS

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

enum call {
#define STRIKE(result, name, parameters, arguments)	 CALL_##name,
#define STRIKE_PART(result, name, parameters, arguments) CALL_##name,
#include "strike.inc"
#undef STRIKE
#undef STRIKE_PART
	CALL_open,
	CALL_open64,
	CALL_openat,
	CALL_pthread_create,
	CALL_posix_spawn,
	CALL_malloc,
	CALLS,
};

struct book {
	int32_t call, error;
	int64_t countdown; /* 0: none is to fail */
	int64_t struck; /* calls that failed */
	int64_t counts[CALLS];
};

enum { BOOK_BYTES = 4096 };

static struct book *book;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("STRIKE");
	const long fd = path ? syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
	void *map = MAP_FAILED;

	if (fd < 0)
		return;
	map = mmap(NULL, BOOK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
	(void)syscall(SYS_close, fd);
	if (map != MAP_FAILED)
		book = map;
}

/* Whether this one is to fail; errno is set. */
static bool strikes(enum call call)
{
	if (!book)
		return false;
	(void)__atomic_fetch_add(&book->counts[call], 1, __ATOMIC_RELAXED);
	if (book->call != (int32_t)call ||
	    __atomic_load_n(&book->countdown, __ATOMIC_ACQUIRE) <= 0 ||
	    __atomic_fetch_sub(&book->countdown, 1, __ATOMIC_ACQ_REL) != 1)
		return false;
	if (book->error)
		errno = book->error;
	(void)__atomic_fetch_add(&book->struck, 1, __ATOMIC_RELAXED);
	return true;
}

/* Less can be read or written than was asked for: of a stream or a file, not of an event. */
static bool has_parts(int fd)
{
	struct stat status;
	int type = 0;
	socklen_t len = sizeof(type);

	if (fstat(fd, &status) < 0)
		return false;
	if (S_ISSOCK(status.st_mode))
		return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
	return S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode);
}

#define REAL(name) *(void **)&real = dlsym(RTLD_NEXT, #name)

#define STRIKE(result, name, parameters, arguments)                                                \
	result name parameters                                                                     \
	{                                                                                          \
		static result(*real) parameters;                                                   \
		if (strikes(CALL_##name))                                                          \
			return -1;                                                                 \
		if (!real)                                                                         \
			REAL(name);                                                                \
		return real arguments;                                                             \
	}
#define STRIKE_PART(result, name, parameters, arguments)                                           \
	result name parameters                                                                     \
	{                                                                                          \
		static result(*real) parameters;                                                   \
		if ((CALL_##name != CALL_write || has_parts(fd)) && strikes(CALL_##name)) {        \
			if (book->error)                                                           \
				return -1;                                                         \
			len = has_parts(fd) ? (len + 1) / 2 : len;                                 \
		}                                                                                  \
		if (!real)                                                                         \
			REAL(name);                                                                \
		return real arguments;                                                             \
	}
#include "strike.inc"

/* --- Those that are otherwise ------------------------------------------------------------ */

/* The mode of a file that may be made is behind the flags. */
#define OPEN(name, before, given)                                                                  \
	{                                                                                          \
		static int(*real) before;                                                          \
		mode_t mode = 0;                                                                   \
		va_list list;                                                                      \
                                                                                                   \
		if (strikes(CALL_##name))                                                          \
			return -1;                                                                 \
		va_start(list, flags);                                                             \
		if (flags & (O_CREAT | __O_TMPFILE))                                               \
			mode = va_arg(list, mode_t);                                               \
		va_end(list);                                                                      \
		if (!real)                                                                         \
			REAL(name);                                                                \
		return real given;                                                                 \
	}

int open(const char *path, int flags, ...) OPEN(open, (const char *, int, ...), (path, flags, mode))

	int open64(const char *path, int flags, ...) OPEN(open64, (const char *, int, ...),
							  (path, flags, mode))

		int openat(int folder, const char *path, int flags, ...)
			OPEN(openat, (int, const char *, int, ...), (folder, path, flags, mode))

				int pthread_create(pthread_t *ret, const pthread_attr_t *attributes,
						   void *(*start)(void *), void *context)
{
	static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	if (strikes(CALL_pthread_create))
		return book->error;
	if (!real)
		REAL(pthread_create);
	return real(ret, attributes, start, context);
}

int posix_spawn(pid_t *ret_pid, const char *path, const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	static int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *,
			   const posix_spawnattr_t *, char *const[], char *const[]);

	if (strikes(CALL_posix_spawn))
		return book->error;
	if (!real)
		REAL(posix_spawn);
	return real(ret_pid, path, actions, attributes, argv, envp);
}

/* --- Memory ------------------------------------------------------------------------------ */

/* dlsym(3) wants memory itself; these are what the C library's own names stand for. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
	return strikes(CALL_malloc) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return strikes(CALL_malloc) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *pointer, size_t size)
{
	return strikes(CALL_malloc) ? NULL : __libc_realloc(pointer, size);
}

void *reallocarray(void *pointer, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(pointer, bytes);
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
	void *pointer = strikes(CALL_malloc) ? NULL : __libc_memalign(alignment, size);

	if (!pointer)
		return ENOMEM;
	*ret = pointer;
	return 0;
}
