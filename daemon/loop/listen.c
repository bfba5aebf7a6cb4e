/* listen.c - listeners, Unix and TCP: passed by the service manager, or made here. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "loop/listen.h"

enum { BACKLOG = 128 };

/* Passed descriptors block, and libevent's accept loop would hang on the first one for ever. */
static int make_fit(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
		return -ENOTSOCK;
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	return fd;
}

int listen_passed(const char *name)
{
	char **names = NULL;
	const int count = sd_listen_fds_with_names(0, &names);
	int found = count < 0 ? count : -ENOENT;

	for (int i = 0; i < count; i++) {
		if (found == -ENOENT && strcmp(names[i], name) == 0)
			found = make_fit(SD_LISTEN_FDS_START + i);
		free(names[i]);
	}
	free(names);
	return found;
}

static int address_of(const char *path, struct sockaddr_un *ret_address)
{
	const size_t len = strlen(path);

	*ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len == 0)
		return -EINVAL;
	if (len >= sizeof(ret_address->sun_path))
		return -ENAMETOOLONG;
	memcpy(ret_address->sun_path, path, len);
	return 0;
}

/* A connection to whoever listens there; -ECONNREFUSED where nobody does, -EAGAIN
 * where somebody does and takes no more.
 */
static int call(const struct sockaddr_un *address)
{
	cleanup(close)
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int connected;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return -errno;
	connected = fd;
	fd = -1;
	return connected;
}

/* Makes way for a new socket at the address. */
static int clear_way(const struct sockaddr_un *address)
{
	struct stat status;
	int r;

	if (lstat(address->sun_path, &status) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(status.st_mode))
		return -EEXIST;
	r = call(address);
	if (r >= 0)
		(void)close(r);
	if (r >= 0 || r == -EAGAIN)
		return -EADDRINUSE;
	if (r != -ECONNREFUSED)
		return r;
	return unlink(address->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

/* Two that start at once must not both find the same dead socket and remove each other's new one. */
static int lock_folder(const char *path)
{
	cleanup(free)
	char *folder = memory_text(path);
	char *slash = strrchr(folder, '/');
	int fd;

	if (slash)
		slash[slash == folder] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		(void)close(fd);
		return -EBUSY;
	}
	return fd;
}

int listen_unix(const char *path, mode_t mode)
{
	cleanup(close)
	int fd = -1;
	cleanup(close)
	int lock = -1;
	struct sockaddr_un address;
	int r = address_of(path, &address);

	if (r < 0)
		return r;
	lock = lock_folder(path);
	if (lock < 0)
		return lock;
	r = clear_way(&address);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* The mode of the descriptor is what bind(2) gives the file: never wider than wanted. */
	if (fd < 0 || fchmod(fd, mode) < 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	if (chmod(path, mode) < 0 || listen(fd, BACKLOG) < 0) {
		r = -errno;
		(void)unlink(path);
		return r;
	}
	r = fd;
	fd = -1;
	return r;
}

int listen_tcp(const struct sockaddr *address, socklen_t len)
{
	cleanup(close)
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int one = 1;
	int listening;

	/* Connections of the process before this one that still linger are no reason to wait. */
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, address, len) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	listening = fd;
	fd = -1;
	return listening;
}

/* Whether who listens at the address is this process (SO_PEERCRED, unix(7)). */
static int is_own(const struct sockaddr_un *address)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	cleanup(close)
	int fd = call(address);

	if (fd < 0)
		return fd;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	return peer.pid == getpid();
}

void listen_unlink(const char *path, int fd)
{
	struct sockaddr_un address;
	int r = address_of(path, &address);

	if (r < 0)
		return;
	r = is_own(&address);
	/* Nobody takes connections any more, so the queue may be full: make room. */
	for (int i = 0; i < 2 * BACKLOG && r == -EAGAIN; i++) {
		const int waiting = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (waiting < 0)
			break;
		(void)close(waiting);
		r = is_own(&address);
	}
	if (r == 1)
		(void)unlink(path);
}
