/* notify.c - claims about loop/notify.h, from the service manager's side. */
#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/loop.h"
#include "loop/notify.h"

static int manager; /* the service manager's socket */
static char path[64];

static int set_up(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(path, sizeof(path), "/tmp/notify-%d", (int)getpid());
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_return_code(bind(manager, (struct sockaddr *)&address, sizeof(address)), errno);
	(void)setenv("NOTIFY_SOCKET", path, 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)close(manager);
	(void)unlink(path);
	return 0;
}

/* What was said last, or "". */
static const char *heard(void)
{
	static char text[2048];
	const ssize_t len = recv(manager, text, sizeof(text) - 1, 0);

	text[len < 0 ? 0 : len] = '\0';
	return text;
}

static void each_stage_of_life_is_told(void **state)
{
	notify_ready();
	assert_string_equal(heard(), "READY=1");
	notify_stopping();
	assert_string_equal(heard(), "STOPPING=1");
	notify_extend(5 * USEC_PER_SEC);
	assert_string_equal(heard(), "EXTEND_TIMEOUT_USEC=5000000");
}

static void a_reload_says_since_when(void **state)
{
	const usec_t before = clock_now();
	unsigned long long since;

	notify_reloading();
	assert_int_equal(sscanf(heard(), "RELOADING=1\nMONOTONIC_USEC=%llu", &since), 1);
	assert_in_range(since, before, clock_now());
}

static void a_status_is_one_line_whatever_is_in_it(void **state)
{
	notify_status("%u endpoints, %s", 3, "one is called a\nREADY=1");
	assert_string_equal(heard(), "STATUS=3 endpoints, one is called a\\nREADY=1");
}

static void nothing_is_told_without_a_service_manager(void **state)
{
	(void)unsetenv("NOTIFY_SOCKET");
	notify_ready();
	assert_string_equal(heard(), "");
}

struct life {
	struct event_base *base;
	unsigned asked;
	bool is_alive;
};

static bool is_alive(void *context)
{
	struct life *life = context;

	if (++life->asked == 2)
		(void)event_base_loopbreak(life->base);
	return life->is_alive;
}

static unsigned beats_of(bool alive)
{
	struct life life = { .base = loop_new(), .is_alive = alive };
	struct watchdog *watchdog = watchdog_new(life.base, is_alive, &life);
	unsigned beats = 0;

	assert_non_null(watchdog);
	(void)event_base_dispatch(life.base);
	watchdog_free(watchdog);
	event_base_free(life.base);
	while (strcmp(heard(), "WATCHDOG=1") == 0)
		beats++;
	return beats;
}

static void the_watchdog_is_fed_only_by_the_living(void **state)
{
	(void)setenv("WATCHDOG_USEC", "80000", 1);
	assert_int_equal(beats_of(true), 2);
	assert_int_equal(beats_of(false), 0);
}

static void nobody_watches_unless_asked_to(void **state)
{
	struct event_base *base = loop_new();

	assert_null(watchdog_new(base, is_alive, NULL));
	event_base_free(base);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_stage_of_life_is_told),
		TEST(a_reload_says_since_when),
		TEST(a_status_is_one_line_whatever_is_in_it),
		TEST(nothing_is_told_without_a_service_manager),
		TEST(the_watchdog_is_fed_only_by_the_living),
		TEST(nobody_watches_unless_asked_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
