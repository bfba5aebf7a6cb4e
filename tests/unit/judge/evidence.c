/* evidence.c - claims about what is left of a check, to be shown as proof. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "expect/expect.h"
#include "judge/judge.h"
#include "model/check.h"
#include "model/evidence.h"
#include "model/process.h"
#include "scene.h"

static void evidence_has_every_line_and_its_value(void **state)
{
	struct scene *scene = scene_new("status < 600", "latency < 50ms");

	(void)state;
	scene_add(&scene->expect, "status == 201 or status == 200");
	text_append(&scene->check->observation.body, "{\"a\": 1}");
	scene_add(&scene->expect, "json $.a == 1");
	(void)scene_judged(scene);
	assert_non_null(
		strstr(scene->check->evidence->json,
		       "\"expectations\":["
		       "{\"holds\":true,\"line\":\"status < 600\",\"value\":\"status is 200\","
		       "\"severity\":\"expect\"},"
		       "{\"holds\":true,\"line\":\"status == 201 or status == 200\","
		       "\"value\":\"status is 200\",\"severity\":\"expect\"},"
		       "{\"holds\":true,\"line\":\"json $.a == 1\",\"value\":\"$.a is 1\","
		       "\"severity\":\"expect\"},"
		       "{\"holds\":false,\"line\":\"latency < 50ms\","));
	scene_free(scene);
}

static void a_success_leaves_evidence_where_it_is_of_use(void **state)
{
	struct scene *scene = scene_new("status == 200", NULL);

	(void)state;
	scene->check->keeps_success = true;
	assert_true(scene_judged(scene)->kind == VERDICT_PASS);
	assert_null(strstr(scene->check->evidence->json, "class"));
	assert_non_null(strstr(scene->check->evidence->json, "\"verdict\":\"pass\""));
	assert_non_null(strstr(scene->check->evidence->json, "status is 200"));
	scene_free(scene);
}

static void credentials_and_cookies_are_not_shown(void **state)
{
	struct scene *scene = scene_new("status == 500", NULL);
	struct observation *observation = &scene->check->observation;
	const char *json;

	(void)state;
	text_append(&observation->headers, "Set-Cookie: sid=abc; Path=/\nX-Id: 7\n");
	observation->hops = MEMORY_NEW(struct hop);
	observation->hops->url = memory_text("http://shop.test/");
	observation->hops->request = memory_text("GET / HTTP/1.1\r\nHost: shop.test\r\n"
						 "authorization: Digest def\r\nCookie: sid=abc\r\n"
						 "\r\n");
	observation->hops_count = 1;
	(void)scene_judged(scene);
	json = scene->check->evidence->json;
	assert_null(strstr(json, "abc"));
	assert_null(strstr(json, "def"));
	assert_non_null(strstr(json, "\"request\":[\"GET / HTTP/1.1\",\"Host: shop.test\","
				     "\"authorization: ***\",\"Cookie: ***\"]"));
	assert_non_null(strstr(json, "\"headers\":[\"Set-Cookie: sid=***\",\"X-Id: 7\"]"));
	scene_free(scene);
}

/* Values are cut at 100 bytes, what a line found at 256 and a reason at 400. */
static void half_of_a_secret_is_nowhere(void **state)
{
	static const char *const secrets[] = { "hunter2hunter3", NULL };
	static const char line[] =
		"body == 'a' or header A == 'b' or json $.k == 'c' or json $ == 'd'";

	(void)state;
	for (size_t before = 60; before < 110; before++) {
		struct scene *scene = scene_new(line, NULL);
		struct text *body = &scene->check->observation.body;
		const char *json;

		scene->endpoint.secrets = secrets;
		text_append(body, "{\"k\":\"");
		for (size_t i = 0; i < before; i++)
			text_append_char(body, 'x');
		text_append(body, "hunter2hunter3\", \"l\": [1, 2, 3]}");
		text_print(&scene->check->observation.headers, "A: %.*shunter2hunter3\n",
			   (int)before, body->data + 6);
		(void)scene_judged(scene);
		json = scene->check->evidence->json;
		assert_non_null(strstr(scene->check->verdict.reason, "xx"));
		assert_null(strstr(json, "xh"));
		assert_null(strstr(json, "hu"));
		assert_null(strstr(scene->check->verdict.reason, "xh"));
		scene_free(scene);
	}
}

static void evidence_is_bounded(void **state)
{
	struct scene *scene = scene_new("status == 500", NULL);
	struct observation *observation = &scene->check->observation;

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		text_append_char(&observation->body, 'x');
	for (unsigned i = 0; i < 10000; i++)
		text_append(&observation->headers, "X-Long: value\n");
	(void)scene_judged(scene);
	assert_true(scene->check->evidence->len < 3 * scene_limits.evidence_bytes);
	scene_free(scene);
}

/* A secret behind `len` bytes, and more than is shown behind that. */
static char *long_word(size_t len)
{
	struct text word = { 0 };

	while (word.len < len)
		text_append_char(&word, 'x');
	text_append(&word, "hunter2");
	while (word.len < 10000)
		text_append_char(&word, 'y');
	return text_take(&word);
}

static void performance_data_are_bounded_and_without_secrets(void **state)
{
	static const char *const secrets[] = { "hunter2", NULL };
	struct scene *scene = scene_new("status == 500", NULL);
	struct process_facts *process = MEMORY_NEW(struct process_facts);
	const char *json;

	(void)state;
	scene->endpoint.secrets = secrets;
	scene->check->observation.process = process;
	process->perf = MEMORY_NEW(struct perf);
	process->perf_count = 1;
	*process->perf = (struct perf){
		.label = memory_text("of hunter2"),
		.unit = "B",
		.warn = long_word(250),
		.crit = long_word(253),
		.min = long_word(255),
		.max = long_word(256),
	};
	(void)scene_judged(scene);
	json = scene->check->evidence->json;
	assert_non_null(strstr(json, "{\"name\":\"of ***\",\"unit\":\"B\",\"warn\":\"xxx"));
	assert_non_null(strstr(json, "x***yyy\",\"crit\":\"xxx"));
	assert_non_null(strstr(json, "x***\",\"min\":\"xxx"));
	assert_non_null(strstr(json, "x*\",\"max\":\"xxx"));
	assert_null(strstr(json, "hunter"));
	assert_null(strstr(json, "xh"));
	assert_true(scene->check->evidence->len < 2000);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evidence_has_every_line_and_its_value),
		cmocka_unit_test(a_success_leaves_evidence_where_it_is_of_use),
		cmocka_unit_test(credentials_and_cookies_are_not_shown),
		cmocka_unit_test(half_of_a_secret_is_nowhere),
		cmocka_unit_test(evidence_is_bounded),
		cmocka_unit_test(performance_data_are_bounded_and_without_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
