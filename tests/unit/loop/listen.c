/* listen.c - claims about loop/listen.h. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/listen.h"

struct stage {
	char folder[64], path[96];
};

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	assert_non_null(stage);
	(void)snprintf(stage->folder, sizeof(stage->folder), "/tmp/listen-XXXXXX");
	assert_non_null(mkdtemp(stage->folder));
	(void)snprintf(stage->path, sizeof(stage->path), "%s/socket", stage->folder);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	(void)unlink(stage->path);
	assert_return_code(rmdir(stage->folder), errno);
	free(stage);
	return 0;
}

static int call(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_return_code(fd, errno);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static bool is_there(const struct stage *stage)
{
	return access(stage->path, F_OK) == 0;
}

static void the_mode_is_what_was_asked_for(void **state)
{
	static const mode_t masks[] = { 0, 022, 077 };
	struct stage *stage = *state;
	struct stat status;

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		const mode_t before = umask(masks[i]);
		const int fd = listen_unix(stage->path, 0660);

		(void)umask(before);
		assert_return_code(fd, errno);
		assert_return_code(stat(stage->path, &status), errno);
		assert_int_equal(status.st_mode & 0777, 0660);
		assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		(void)close(fd);
	}
}

static void one_that_answers_is_left_alone(void **state)
{
	struct stage *stage = *state;
	const int fd = listen_unix(stage->path, 0600);
	int caller;

	assert_int_equal(listen_unix(stage->path, 0600), -EADDRINUSE);
	caller = call(stage->path);
	assert_true(caller >= 0);
	(void)close(caller);
	(void)close(fd);
}

static void one_that_is_too_busy_to_answer_is_left_alone(void **state)
{
	struct stage *stage = *state;
	const int fd = listen_unix(stage->path, 0600);
	int callers[1000];
	unsigned count = 0;

	while (count < 1000 && (callers[count] = call(stage->path)) >= 0)
		count++;
	assert_true(count < 1000);
	assert_int_equal(listen_unix(stage->path, 0600), -EADDRINUSE);
	/* And its owner still knows it as its own. */
	listen_unlink(stage->path, fd);
	assert_false(is_there(stage));
	while (count > 0)
		(void)close(callers[--count]);
	(void)close(fd);
}

static void a_dead_one_is_replaced(void **state)
{
	struct stage *stage = *state;
	int fd = listen_unix(stage->path, 0600);

	(void)close(fd);
	assert_true(is_there(stage));
	fd = listen_unix(stage->path, 0600);
	assert_return_code(fd, errno);
	listen_unlink(stage->path, fd);
	assert_false(is_there(stage));
	(void)close(fd);
}

static void what_is_no_socket_is_left_alone(void **state)
{
	struct stage *stage = *state;
	const int file = open(stage->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	char path[200];

	(void)close(file);
	assert_int_equal(listen_unix(stage->path, 0600), -EEXIST);
	assert_true(is_there(stage));
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(listen_unix(path, 0600), -ENAMETOOLONG);
	assert_int_equal(listen_unix("", 0600), -EINVAL);
	assert_int_equal(listen_unix("/no/such/folder/socket", 0600), -ENOENT);
}

/* Another process took the path meanwhile. */
static void the_socket_of_somebody_else_is_not_removed(void **state)
{
	struct stage *stage = *state;
	const int fd = listen_unix(stage->path, 0600);
	int ready[2];
	pid_t child;
	char byte;

	assert_return_code(pipe(ready), errno);
	assert_return_code(unlink(stage->path), errno);
	child = fork();
	assert_return_code(child, errno);
	if (child == 0) {
		(void)close(ready[0]);
		if (listen_unix(stage->path, 0600) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		(void)pause();
		_exit(0);
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	listen_unlink(stage->path, fd);
	assert_true(is_there(stage));
	assert_return_code(kill(child, SIGKILL), errno);
	assert_int_equal(waitpid(child, NULL, 0), child);
	(void)close(ready[0]);
	(void)close(fd);
}

/* As the service manager does it: descriptors from 3, blocking, open over exec. */
static int passed_checks(const struct stage *stage)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char pid[32];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", stage->path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0)
		return 1;
	fd = fcntl(fd, F_DUPFD, 10);
	if (dup2(open("/dev/null", O_RDONLY), 3) != 3 || dup2(fd, 4) != 4)
		return 2;
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	(void)setenv("LISTEN_PID", pid, 1);
	(void)setenv("LISTEN_FDS", "2", 1);
	(void)setenv("LISTEN_FDNAMES", "null:api", 1);
	if (listen_passed("listen") != -ENOENT || listen_passed("null") != -ENOTSOCK)
		return 3;
	if (listen_passed("api") != 4)
		return 4;
	if (!(fcntl(4, F_GETFL) & O_NONBLOCK) || !(fcntl(4, F_GETFD) & FD_CLOEXEC))
		return 5;
	return 0;
}

static void a_passed_listener_is_found_by_name_and_made_fit(void **state)
{
	const pid_t child = fork();
	int status;

	if (child == 0)
		_exit(passed_checks(*state));
	assert_return_code(child, errno);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(listen_passed("api"), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_mode_is_what_was_asked_for),
		TEST(one_that_answers_is_left_alone),
		TEST(one_that_is_too_busy_to_answer_is_left_alone),
		TEST(a_dead_one_is_replaced),
		TEST(what_is_no_socket_is_left_alone),
		TEST(the_socket_of_somebody_else_is_not_removed),
		TEST(a_passed_listener_is_found_by_name_and_made_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
