/* listen.h - listeners, Unix and TCP: passed by the service manager, or made here.
 *
 * Source: sd_listen_fds_with_names(3), unix(7), ip(7).
 */
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

/* The descriptor that was passed under this name ("api", "listen"), made non-blocking and
 * close-on-exec; -ENOENT where there is none, or -errno.
 */
int listen_passed(const char *name);

/* Listens on `path`.  A socket there that nobody answers on is replaced; one that is
 * answered on is -EADDRINUSE, anything else than a socket -EEXIST.  The descriptor or -errno.
 */
int listen_unix(const char *path, mode_t mode);

/* Listens for TCP at an address of IPv4 or IPv6.  The descriptor or -errno. */
int listen_tcp(const struct sockaddr *address, socklen_t len);

/* Removes `path` if it is still the socket of `fd`. */
void listen_unlink(const char *path, int fd);
