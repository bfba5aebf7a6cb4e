/* signals.c - all signals by one descriptor. */
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/memory.h"
#include "loop/signals.h"

struct signals {
	int fd; /* owned */
	struct event *event; /* owned */
	void (*on_signal)(int signal, void *context);
	void *context; /* borrowed */
};

static void wanted(sigset_t *ret_set)
{
	(void)sigemptyset(ret_set);
	(void)sigaddset(ret_set, SIGTERM);
	(void)sigaddset(ret_set, SIGINT);
	(void)sigaddset(ret_set, SIGHUP);
	(void)sigaddset(ret_set, SIGUSR1);
}

void signals_block(void)
{
	sigset_t set;

	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	wanted(&set);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* The kernel keeps one of each kind that is pending, so this ends. */
static void on_readable(int fd, short what, void *context)
{
	struct signals *signals = context;
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == sizeof(info))
		signals->on_signal((int)info.ssi_signo, signals->context);
}

struct signals *signals_new(struct event_base *base, void (*on_signal)(int signal, void *context),
			    void *context)
{
	struct signals *signals;
	sigset_t set;
	int fd;

	wanted(&set);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return NULL;
	signals = MEMORY_NEW(struct signals);
	signals->fd = fd;
	signals->on_signal = on_signal;
	signals->context = context;
	signals->event = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, signals);
	(void)event_add(signals->event, NULL);
	return signals;
}

void signals_free(struct signals *signals)
{
	event_free(signals->event);
	(void)close(signals->fd);
	free(signals);
}
