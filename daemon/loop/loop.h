/* loop.h - the event loop as this house wants it. */
#pragma once

struct event_base;

/* With a precise timer; NULL where the kernel has no epoll descriptor left. */
struct event_base *loop_new(void);
