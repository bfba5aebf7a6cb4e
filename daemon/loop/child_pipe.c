/* child_pipe.c - what a child prints: kept up to a bound, read to the end.
 *
 * Beyond the bound it goes to /dev/null inside the kernel, one pipe full at a time and
 * not more often than the drain comes by, so that a child that prints without end costs
 * itself the most.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <unistd.h>

#include "loop/child_inside.h"

enum { READ_BYTES = 16 * 1024, READS_A_TURN = 4, PIPE_BYTES = 64 * 1024 };

void child_pipe_drop(struct child_pipe *pipe)
{
	if (pipe->fd < 0)
		return;
	(void)event_del(&pipe->event);
	(void)close(pipe->fd);
	pipe->fd = -1;
	pipe->is_flooding = false;
}

/* 1: there may be more; 0: not now; -1: the end. */
static int read_some(struct child_pipe *pipe)
{
	char data[READ_BYTES];
	const ssize_t len = read(pipe->fd, data, sizeof(data));

	if (len < 0)
		return errno == EINTR ? 1 : errno == EAGAIN ? 0 : -1;
	if (len == 0)
		return -1;
	text_append_len(&pipe->text, data, (size_t)len);
	pipe->is_cut = pipe->text.is_cut;
	return 1;
}

static void readable(evutil_socket_t fd, short what, void *context)
{
	struct child_pipe *pipe = context;
	int r = 1;

	for (unsigned i = 0; i < READS_A_TURN && r > 0 && !pipe->is_cut; i++)
		r = read_some(pipe);
	if (r < 0) {
		child_pipe_drop(pipe);
		child_pipe_ended(pipe->child);
	} else if (pipe->is_cut) {
		pipe->is_flooding = true;
		(void)event_del(&pipe->event);
		child_flooded(pipe->child->children);
	}
}

void child_pipe_open(struct child_pipe *pipe, struct child *child, int ends[2])
{
	const int fd = ends[0];

	pipe->child = child;
	pipe->fd = fd;
	(void)close(ends[1]);
	ends[0] = ends[1] = -1;
	/* Of our end alone; the child's blocks, as programs expect. */
	(void)fcntl(fd, F_SETFL, O_RDONLY | O_NONBLOCK);
	(void)event_assign(&pipe->event, child->children->base, fd, EV_READ | EV_PERSIST, readable,
			   pipe);
	(void)event_add(&pipe->event, NULL);
}

void child_pipe_close(struct child_pipe *pipe)
{
	int r = 1;

	while (pipe->fd >= 0 && r > 0 && !pipe->is_cut)
		r = read_some(pipe);
	child_pipe_drop(pipe);
}

void child_pipe_drain(struct child_pipe *pipe)
{
	static const char nowhere[] = "/dev/null";
	ssize_t len;
	int fd;

	if (!pipe->is_flooding)
		return;
	fd = open(nowhere, O_WRONLY | O_CLOEXEC);
	len = splice(pipe->fd, NULL, fd, NULL, PIPE_BYTES, SPLICE_F_NONBLOCK);
	if (len == 0) {
		child_pipe_drop(pipe);
		child_pipe_ended(pipe->child);
	}
	if (fd >= 0)
		(void)close(fd);
}
