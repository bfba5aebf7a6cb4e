/* verbs.c - what the commands print and return, against a daemon made of canned answers. */
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "settings.h"

#define ERROR(code) "{\"error\":{\"code\":\"" code "\",\"message\":\"No.\\u001b\"}}"

/* What is answered to which request line; the first that begins like it counts. */
static const struct {
	const char *request;
	int status;
	const char *body;
} answers[] = {
	{ "GET /v1/status ", 200,
	  "{\"version\":\"9.8.7\",\"config\":{\"endpoints\":3,\"fault\":\"x\"},"
	  "\"endpoints\":{\"up\":2,\"down\":1,\"paused\":0}}" },
	{ "GET /v1/endpoints?limit=1000 ", 200,
	  "{\"endpoints\":[{\"name\":\"a\",\"state\":\"up\"},{\"name\":\"b 1\",\"state\":\"down\"}],"
	  "\"next\":\"b 1\"}" },
	{ "GET /v1/endpoints?limit=1000&after=b%201 ", 200,
	  "{\"endpoints\":[{\"name\":\"c\",\"state\":\"up\"}]}" },
	{ "GET /v1/endpoints?name=a&limit=1000 ", 200,
	  "{\"endpoints\":[{\"name\":\"a\",\"state\":\"up\"}]}" },
	{ "GET /v1/endpoints?name=d&limit=1000 ", 200,
	  "{\"endpoints\":[{\"name\":\"d\",\"state\":\"pending\"}]}" },
	{ "GET /v1/endpoints?name=b%2A&limit=1000 ", 200,
	  "{\"endpoints\":[{\"name\":\"b 1\",\"state\":\"down\"}]}" },
	{ "GET /v1/endpoints?state=up&group=web&limit=1000 ", 200,
	  "{\"endpoints\":[{\"name\":\"c\",\"state\":\"up\"}]}" },
	{ "GET /v1/endpoints?name=", 200, "{\"endpoints\":[]}" },
	{ "POST /v1/endpoints/a/check?wait=1 ", 200,
	  "{\"name\":\"a\",\"verdict\":\"pass\",\"latency\":0.25}\n" },
	{ "POST /v1/endpoints/b%201/check?wait=1 ", 200,
	  "{\"name\":\"b 1\",\"verdict\":\"fail\",\"class\":\"reset\",\"reason\":\"cut\","
	  "\"latency\":2,\"expectations\":[{\"line\":\"status == 200\",\"value\":\"it is 500\"}]}\n" },
	{ "POST /v1/endpoints/a/check ", 202, "{\"name\":\"a\"}\n" },
	{ "POST /v1/endpoints/b%201/check ", 409, ERROR("paused") },
	{ "POST /v1/reload ", 422,
	  "{\"error\":{\"code\":\"invalid_configuration\",\"message\":\"m\",\"faults\":"
	  "[\"a.yaml:1:2: one\",\"b.yaml:3:4: two\"]}}" },
	{ "GET /v1/events?since=5 ", 200,
	  "{\"seq\":6,\"at\":\"x\",\"type\":\"verdict\",\"endpoint\":\"a\",\"verdict\":\"warn\","
	  "\"class\":\"expectation\",\"reason\":\"old\",\"latency\":0.5}\n"
	  "{\"seq\":7,\"at\":\"x\",\"type\":\"alive\"}\n"
	  "{\"seq\":8,\"at\":\"x\",\"type\":\"state\",\"endpoint\":\"a\",\"from\":\"up\","
	  "\"to\":\"down\"}\n"
	  "{\"seq\":9,\"at\":\"x\",\"type\":\"gap\",\"from\":9,\"to\":12}\n"
	  "{\"seq\":13,\"at\":\"x\",\"type\":\"config\",\"taken\":false,\"fault\":\"no\"}\n" },
	{ "POST /v1/endpoints/d/check?wait=1 ", 200,
	  "{\"name\":\"d\",\"at\":\"x\",\"reason\":\"no beat has come yet\"}\n" },
	{ "POST /v1/heartbeats/d?status=ok ", 204, "" },
	{ "POST /v1/heartbeats/d%20e?status=fail&message=full%0A%3F%E2%82%AC ", 204, "" },
	{ "POST /v1/heartbeats/d?status=start ", 204, "" },
	{ "POST /v1/heartbeats/a?", 409, ERROR("no_heartbeat") },
	{ "GET /v1/events?type=dreams ", 400, ERROR("bad_request") },
	{ "GET /v1/config?limit=1 ", 200,
	  "{\"config\":{\"picket\":{\"judges\":{\"value\":2,\"from\":\"p.yaml:3\"}}}}" },
	{ "GET /v1/config?limit=1000 ", 200,
	  "{\"endpoints\":[{\"name\":\"a\",\"config\":{\"interval\":{\"value\":\"30s\",\"from\":"
	  "\"built-in\"},\"expect\":[{\"value\":\"status == 200\",\"from\":\"p.yaml:9\"}]}}]}" },
	{ "GET /v1/endpoints/a ", 200,
	  "{\"name\":\"a\",\"target\":\"http://a/\",\"state\":\"down\",\"evidence\":{\"at\":"
	  "\"2023-11-14T22:15:00.000Z\",\"class\":\"reset\",\"phase\":\"transfer\",\"reason\":"
	  "\"cut\",\"latency\":0.4,\"address\":\"192.0.2.7:80\",\"expectations\":[{\"line\":"
	  "\"status == 200\",\"value\":\"it is 500\",\"severity\":\"expect\"}],\"hops\":[{\"url\":"
	  "\"http://a/\",\"status\":500,\"phases\":{\"connect\":0.1,\"first_byte\":0.2,"
	  "\"transfer\":0.1}}],\"headers\":[\"X: y\\u001b\"],\"size\":9,\"body\":\"one\\r\\n"
	  "two\\u0007\"}}" },
	{ "GET /v1/endpoints/c ", 200, "{\"name\":\"c\",\"target\":\"t\",\"state\":\"up\"}" },
};

static void serve_one(int fd)
{
	char request[4096] = "";
	size_t len = 0;
	struct text reply = { 0 };
	const char *body = ERROR("not_found");
	int status = 404;

	while (!strstr(request, "\r\n\r\n") && len < sizeof(request) - 1) {
		const ssize_t n = read(fd, request + len, sizeof(request) - 1 - len);

		if (n <= 0)
			return;
		len += (size_t)n;
		request[len] = '\0';
	}
	for (size_t i = sizeof(answers) / sizeof(answers[0]); i-- > 0;) {
		if (strncmp(request, answers[i].request, strlen(answers[i].request)) != 0)
			continue;
		status = answers[i].status;
		body = answers[i].body;
	}
	text_print(&reply, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
		   status, strlen(body), body);
	(void)!write(fd, reply.data, reply.len);
	text_done(&reply);
}

struct daemon {
	char folder[64], path[96];
	pid_t pid;
};

static int begin(void **state)
{
	struct daemon *daemon = MEMORY_NEW(struct daemon);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd;

	(void)snprintf(daemon->folder, sizeof(daemon->folder), "/tmp/picket-ctl-XXXXXX");
	assert_non_null(mkdtemp(daemon->folder));
	(void)snprintf(daemon->path, sizeof(daemon->path), "%s/sock", daemon->folder);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", daemon->path);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 32), 0);
	daemon->pid = fork();
	assert_true(daemon->pid >= 0);
	if (daemon->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		while ((fd = accept(listener, NULL, NULL)) >= 0) {
			serve_one(fd);
			(void)close(fd);
		}
		_exit(0);
	}
	(void)close(listener);
	test_settings.socket = daemon->path;
	test_settings.is_json = false;
	*state = daemon;
	return 0;
}

static int end(void **state)
{
	struct daemon *daemon = *state;

	(void)kill(daemon->pid, SIGKILL);
	(void)waitpid(daemon->pid, NULL, 0);
	(void)unlink(daemon->path);
	(void)rmdir(daemon->folder);
	free(daemon);
	return 0;
}

/* What a command wrote; freed with said_done(). */
struct said {
	int status;
	char *out, *err;
};

static char *read_back(int fd)
{
	char path[64], *text;
	size_t len;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(file_read(path, 1024 * 1024, &text, &len), 0);
	(void)close(fd);
	return text;
}

/* The command with its arguments (NULL-terminated), its output caught. */
static struct said run(int (*verb)(int, char **), const char *const *arguments)
{
	char *argv[8] = { 0 };
	int argc = 0, out = dup(1), err = dup(2);
	FILE *caught_out = tmpfile(), *caught_err = tmpfile();
	struct said said;

	for (; arguments[argc]; argc++)
		argv[argc] = memory_text(arguments[argc]);
	(void)fflush(NULL);
	(void)dup2(fileno(caught_out), 1);
	(void)dup2(fileno(caught_err), 2);
	said.status = verb(argc, argv);
	(void)fflush(NULL);
	(void)dup2(out, 1);
	(void)dup2(err, 2);
	(void)close(out);
	(void)close(err);
	said.out = read_back(dup(fileno(caught_out)));
	said.err = read_back(dup(fileno(caught_err)));
	(void)fclose(caught_out);
	(void)fclose(caught_err);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return said;
}

#define RUN(verb, ...) run(verb, (const char *[]){ "picketctl", __VA_ARGS__ NULL })

static void expect(struct said said, int status, const char *out, const char *err)
{
	if (said.status != status)
		print_message("%s%s", said.out, said.err);
	assert_int_equal(said.status, status);
	if (out)
		assert_string_equal(said.out, out);
	if (err)
		assert_string_equal(said.err, err);
	free(said.out);
	free(said.err);
}

static void status_shows_totals_and_every_page(void **state)
{
	(void)state;
	expect(RUN(ctl_status, ), CTL_OK,
	       "3 endpoints:  ✗ 1 down  ✓ 2 up\n"
	       "The last reload was refused; 'picketctl reload' shows why.\n"
	       "\n"
	       "STATE  NAME FOR LATENCY DETAIL\n"
	       "✗ down b 1              \n"
	       "✓ up   a                \n"
	       "✓ up   c                \n",
	       "");
}

static void status_of_names_says_whether_all_are_up(void **state)
{
	(void)state;
	expect(RUN(ctl_status, "a", ), CTL_OK, NULL, "");
	expect(RUN(ctl_status, "a", "b*", ), CTL_NOT_UP,
	       "STATE  NAME FOR LATENCY DETAIL\n"
	       "✗ down b 1              \n"
	       "✓ up   a                \n",
	       "");
	expect(RUN(ctl_status, "a", "nobody", ), CTL_NOT_UP, NULL,
	       "picketctl: no endpoint is called 'nobody'.\n");
	expect(RUN(ctl_status, "--state", "up", "--group", "web", ), CTL_OK,
	       "STATE NAME FOR LATENCY DETAIL\n"
	       "✓ up  c                \n",
	       "");
	expect(RUN(ctl_status, "--state", "sideways", ), CTL_USAGE, "", NULL);
}

static void status_as_json_is_the_api_s_own(void **state)
{
	(void)state;
	test_settings.is_json = true;
	expect(RUN(ctl_status, "a", "b*", ), CTL_NOT_UP,
	       "{\"endpoints\":[{\"name\":\"a\",\"state\":\"up\"},"
	       "{\"name\":\"b 1\",\"state\":\"down\"}]}\n",
	       "");
}

static void a_plugin_gets_its_line(void **state)
{
	(void)state;
	expect(RUN(ctl_status, "a", "--nagios", ), 0, "PICKET OK: a is up\n", "");
	expect(RUN(ctl_status, "b*", "--nagios", ), 2, "PICKET CRITICAL: b 1 is down\n", "");
	expect(RUN(ctl_status, "nobody", "--nagios", ), 3, "PICKET UNKNOWN: no such endpoint\n",
	       "");
	test_settings.socket = "/nonexistent/sock";
	expect(RUN(ctl_status, "--nagios", ), 3, "PICKET UNKNOWN: picketd does not answer\n", NULL);
}

static void check_waits_for_verdicts_and_counts_them(void **state)
{
	struct said said;

	(void)state;
	expect(RUN(ctl_check, "a", "--wait", ), CTL_OK, "✓ pass  a  250ms\n", "");
	said = RUN(ctl_check, "a", "b*", "--wait", );
	assert_int_equal(said.status, CTL_NOT_UP);
	assert_non_null(strstr(said.out, "✓ pass  a  250ms\n"));
	assert_non_null(strstr(said.out, "✗ fail  b 1  2.00s  reset: cut\n"
					 "    status == 200: it is 500\n"));
	free(said.out);
	free(said.err);
	expect(RUN(ctl_check, "a", ), CTL_OK, "a: is checked as soon as a permit is free\n", "");
	expect(RUN(ctl_check, "b*", ), CTL_REFUSED, "", "picketctl: No.\\x1b\n");
	expect(RUN(ctl_check, "nobody", ), CTL_NOT_UP, "",
	       "picketctl: no endpoint is called 'nobody'.\n");
	expect(RUN(ctl_check, ), CTL_USAGE, "", NULL);
}

static void a_check_may_have_no_verdict(void **state)
{
	(void)state;
	expect(RUN(ctl_check, "d", "--wait", ), CTL_NOT_UP, "no verdict  d  no beat has come yet\n",
	       "");
}

static void a_beat_says_how_the_job_ended(void **state)
{
	(void)state;
	expect(RUN(ctl_beat, "d", ), CTL_OK, "", "");
	expect(RUN(ctl_beat, "d", "--start", ), CTL_OK, "", "");
	/* What is no UTF-8 becomes a question mark, or the beat would be refused. */
	expect(RUN(ctl_beat, "d e", "--fail", "--message", "full\n\xff€", ), CTL_OK, "", "");
	expect(RUN(ctl_beat, "a", ), CTL_REFUSED, "", "picketctl: No.\\x1b\n");
	expect(RUN(ctl_beat, ), CTL_USAGE, "",
	       "picketctl: 'beat' wants the name of a heartbeat.\n");
}

static void reload_prints_every_fault(void **state)
{
	(void)state;
	expect(RUN(ctl_reload, ), CTL_REFUSED, "",
	       "a.yaml:1:2: one\nb.yaml:3:4: two\n"
	       "picketctl: the new configuration is refused; the running one is kept.\n");
	expect(RUN(ctl_reload, "now", ), CTL_USAGE, "", NULL);
}

static void events_are_a_line_each(void **state)
{
	(void)state;
	expect(RUN(ctl_events, "--since", "5", ), CTL_NO_DAEMON,
	       "--:--:--  a  ▲ warn  500ms  old\n"
	       "--:--:--  a  ✓ up → ✗ down\n"
	       "--:--:--  events 9 to 12 are lost\n"
	       "--:--:--  a new configuration was refused: no\n",
	       "picketctl: the daemon has ended the stream.\n");
	expect(RUN(ctl_events, "--type", "dreams", ), CTL_REFUSED, "", "picketctl: No.\\x1b\n");
}

static void config_shows_where_each_value_is_from(void **state)
{
	(void)state;
	expect(RUN(ctl_config, ), CTL_OK,
	       "picket:\n"
	       "  judges: 2                             # p.yaml:3\n"
	       "endpoints:\n"
	       "  a:\n"
	       "    interval: 30s                       # built-in\n"
	       "    expect:\n"
	       "      - status == 200                   # p.yaml:9\n",
	       "");
}

static void why_shows_the_evidence(void **state)
{
	(void)state;
	expect(RUN(ctl_why, "a", ), CTL_OK, NULL, "");
	expect(RUN(ctl_why, "c", ), CTL_OK,
	       "✓ up  c  t\n"
	       "No check of it has failed since the daemon began to watch it.\n",
	       "");
	expect(RUN(ctl_why, "d", ), CTL_NOT_UP, "", "picketctl: No.\\x1b\n");
}

static void version_is_of_both(void **state)
{
	(void)state;
	expect(RUN(ctl_version, ), CTL_OK, "picketctl " PICKET_VERSION "\npicketd 9.8.7\n", "");
}

static void without_a_daemon_there_is_a_sentence_and_a_3(void **state)
{
	(void)state;
	test_settings.socket = "/nonexistent/sock";
	expect(RUN(ctl_status, ), CTL_NO_DAEMON, "",
	       "picketctl: no picketd answers on the socket '/nonexistent/sock': No such file or "
	       "directory. Is picket.service running, and is this its socket (-s)?\n");
	expect(RUN(ctl_check, "a", ), CTL_NO_DAEMON, "", NULL);
	expect(RUN(ctl_events, ), CTL_NO_DAEMON, "", NULL);
	expect(RUN(ctl_reload, ), CTL_NO_DAEMON, "", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, begin, end)
		CLAIM(status_shows_totals_and_every_page),
		CLAIM(status_of_names_says_whether_all_are_up),
		CLAIM(status_as_json_is_the_api_s_own),
		CLAIM(a_plugin_gets_its_line),
		CLAIM(check_waits_for_verdicts_and_counts_them),
		CLAIM(a_check_may_have_no_verdict),
		CLAIM(a_beat_says_how_the_job_ended),
		CLAIM(reload_prints_every_fault),
		CLAIM(events_are_a_line_each),
		CLAIM(config_shows_where_each_value_is_from),
		CLAIM(why_shows_the_evidence),
		CLAIM(version_is_of_both),
		CLAIM(without_a_daemon_there_is_a_sentence_and_a_3),
#undef CLAIM
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
