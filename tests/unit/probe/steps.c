/* steps.c - claims about probe steps: each step is judged here as a judge would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/arena.h"
#include "expect/expect.h"
#include "harness.h"
#include "judge/judge.h"
#include "model/evidence.h"
#include "option/value.h"
#include "probe/steps.h"
#include "server.h"

enum { STEPS_MAX = 4 };

extern const struct probe_type probe_http;

/* What is asked of one server, whose replies come in this order. */
struct scene {
	struct harness *harness;
	struct server server;
	const char *replies[STEPS_MAX];
	struct step steps[STEPS_MAX];
	struct program *programs[2 * STEPS_MAX];
	unsigned count, programs_count;
};

static void reply_in_turn(struct server *server, int fd)
{
	const struct scene *scene = server->data;

	if (server_read(server, fd) && server->requests <= STEPS_MAX)
		server_write(fd, scene->replies[server->requests - 1]);
}

static struct scene *scene_of(void *state)
{
	static struct scene scene;

	scene = (struct scene){ .harness = state };
	server_start(&scene.server, reply_in_turn, NULL);
	scene.server.data = &scene;
	return &scene;
}

static const struct program *compile(const char *line, struct scene *scene)
{
	struct program **program = &scene->programs[scene->programs_count++];
	struct expect_fault fault;

	assert_int_equal(
		program_add(program, line, strlen(line), probe_http.subjects, NULL, &fault), 0);
	return *program;
}

/* Another request: its reply, what it expects, and what is captured of it as "NAME". */
static struct step *add(struct scene *scene, const char *path, const char *reply,
			const char *expect, const char *name, const char *capture)
{
	struct step *step = &scene->steps[scene->count];
	struct option_pair *pair = arena_take(scene->harness->arena, sizeof(*pair));
	char url[256];

	(void)snprintf(url, sizeof(url), "http://name.test:%%u%s", path);
	step->http = *harness_options(scene->harness, url, scene->server.port);
	step->program = compile(expect, scene);
	if (name) {
		*pair = (struct option_pair){ name, capture, false };
		step->capture = (struct option_pairs){ pair, 1 };
		step->captures = compile(capture, scene);
	}
	step->has_names = strstr(path, "${") != NULL;
	scene->replies[scene->count++] = reply;
	return step;
}

/* From the first step to the verdict; freed by check_free(). */
static struct check *walk(struct scene *scene)
{
	struct steps_options *options = harness_fill(scene->harness, "steps");
	struct endpoint *whole;
	struct check *check;
	enum check_turn turn = CHECK_PROBES;

	for (unsigned i = 0; i < scene->count; i++) {
		struct complaints *complaints = complaints_new();
		const struct option_places places = { 0 };

		http_options_prepare(&scene->steps[i].http, scene->harness->arena, complaints,
				     &places);
		complaints_free(complaints);
	}
	options->requests = (struct option_steps){ scene->steps, NULL, scene->count };
	whole = arena_take(scene->harness->arena, sizeof(*whole));
	*whole = (struct endpoint){ .name = "test",
				    .type = probe_type_find("steps"),
				    .options = options,
				    .timeout = 20 * USEC_PER_SEC };
	check = check_new(whole, &scene->harness->limits);
	check->started = clock_now();
	check->deadline = check->started + 20 * USEC_PER_SEC;
	for (unsigned done = scene->harness->done; turn == CHECK_PROBES;) {
		harness_start(scene->harness, check);
		harness_wait(scene->harness, ++done);
		assess(check);
		turn = check->chain->next(check);
	}
	if (turn == CHECK_IS_JUDGED) {
		assess(check);
		assert_int_equal(check->chain->next(check), CHECK_IS_OVER);
	}
	assert_ptr_equal(check->endpoint, whole);
	server_stop(&scene->server);
	return check;
}

static void leave(struct scene *scene, struct check *check)
{
	check_free(check);
	for (unsigned i = 0; i < scene->programs_count; i++)
		program_free(scene->programs[i]);
}

static void expect_request(const struct scene *scene, unsigned number, const char *text)
{
	if (!strstr(scene->server.request[number], text))
		print_message("%s\n", scene->server.request[number]);
	assert_non_null(strstr(scene->server.request[number], text));
}

#define REPLY(more, body) "HTTP/1.1 200 OK\r\nConnection: close\r\n" more "\r\n" body
#define FINE		  REPLY("", "fine")

static void what_was_captured_and_cookies_go_on(void **state)
{
	struct scene *scene = scene_of(*state);
	struct check *check;

	(void)add(scene, "/login", REPLY("Set-Cookie: id=7\r\n", "{\"token\": \"a-b\", \"n\": 3}"),
		  "status == 200", "token", "json $.token exists");
	(void)add(scene, "/cart/${token}", FINE, "body == \"fine\"", NULL, NULL);
	check = walk(scene);
	assert_int_equal(check->verdict.kind, VERDICT_PASS);
	expect_request(scene, 0, "GET /login HTTP/1.1");
	expect_request(scene, 1, "GET /cart/a-b HTTP/1.1");
	expect_request(scene, 1, "Cookie: id=7");
	assert_true(check->observation.latency > 0);
	assert_string_equal(text_string(&check->observation.body), "fine");
	leave(scene, check);
}

static void after_a_failure_only_what_cleans_up_is_asked_for(void **state)
{
	struct scene *scene = scene_of(*state);
	struct check *check;

	(void)add(scene, "/login", REPLY("X-Session: s-1\r\n", "in"), "status == 200", "session",
		  "header X-Session exists");
	(void)add(scene, "/cart", FINE, "body == \"full\"", NULL, NULL);
	(void)add(scene, "/pay", FINE, "status == 200", NULL, NULL);
	add(scene, "/logout/${session}", FINE, "status == 200", NULL, NULL)->always = true;
	/* The third is not asked for, so the fourth gets its reply. */
	check = walk(scene);
	assert_int_equal(check->verdict.kind, VERDICT_FAIL);
	assert_int_equal(check->verdict.class, CLASS_expectation);
	assert_string_equal(check->verdict.reason,
			    "step 2 of 4: body is \"fine\", expected \"full\"");
	assert_int_equal(scene->server.requests, 3);
	expect_request(scene, 2, "GET /logout/s-1 HTTP/1.1");
	leave(scene, check);
}

static void what_is_not_there_cannot_be_captured(void **state)
{
	struct scene *scene = scene_of(*state);
	struct check *check;

	(void)add(scene, "/login", REPLY("", "{}"), "status == 200", "token",
		  "json $.token exists");
	add(scene, "/out/${token}", FINE, "status == 200", NULL, NULL)->always = true;
	check = walk(scene);
	assert_int_equal(check->verdict.kind, VERDICT_FAIL);
	assert_string_equal(check->verdict.reason,
			    "step 1 of 2: there is no value to capture from 'json $.token'");
	/* Nothing to clean up with. */
	assert_int_equal(scene->server.requests, 1);
	leave(scene, check);
}

static void what_makes_no_url_is_a_failure_of_the_step(void **state)
{
	struct scene *scene = scene_of(*state);
	struct check *check;

	(void)add(scene, "/a", REPLY("", "{\"t\": \"b c\\u0000d\"}"), "status == 200", "t",
		  "body exists");
	(void)add(scene, "/${t}", FINE, "status == 200", NULL, NULL);
	check = walk(scene);
	assert_int_equal(check->verdict.kind, VERDICT_FAIL);
	assert_non_null(strstr(check->verdict.reason, "step 2 of 2: with what was captured"));
	assert_int_equal(scene->server.requests, 1);
	leave(scene, check);
}

static void what_was_captured_is_a_secret(void **state)
{
	struct scene *scene = scene_of(*state);
	struct check *check;

	(void)add(scene, "/a", REPLY("", "s3cret-t0ken"), "status == 200", "t", "body exists");
	(void)add(scene, "/b/${t}", REPLY("", "you said s3cret-t0ken"), "body == \"no\"", NULL,
		  NULL);
	check = walk(scene);
	assert_string_equal(check->verdict.reason,
			    "step 2 of 2: body is \"you said ***\", expected \"no\"");
	assert_non_null(check->evidence);
	assert_null(strstr(check->evidence->json, "s3cret"));
	assert_non_null(strstr(check->evidence->json, "\"steps\":[{\"step\":1,"));
	leave(scene, check);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(what_was_captured_and_cookies_go_on),
		CLAIM(after_a_failure_only_what_cleans_up_is_asked_for),
		CLAIM(what_is_not_there_cannot_be_captured),
		CLAIM(what_makes_no_url_is_a_failure_of_the_step),
		CLAIM(what_was_captured_is_a_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
