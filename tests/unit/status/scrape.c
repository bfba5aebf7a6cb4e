/* scrape.c - claims about the metrics of endpoints: status/scrape.c and status/families.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/figures.h"
#include "model/process.h"
#include "model/tls.h"
#include "probe/probe.h"
#include "status/families.h"
#include "world.h"

static const struct world_options many = { .endpoints = 3000, .events = 100, .connections = 16 };

static int begin(void **state)
{
	*state = world_new(*state);
	return 0;
}

static int end(void **state)
{
	world_free(*state);
	return 0;
}

/* A check of this endpoint that passed, with a status of 200 after 12 ms. */
static void check_passes(struct watch *watch)
{
	struct hop hop = { 0 };
	struct check check = {
		.endpoint = watch->endpoint,
		.verdict = { .kind = VERDICT_PASS, .phase = PHASES },
		.observation = {
			.wall = 1700000000 * USEC_PER_SEC,
			.latency = 12 * USEC_PER_MS,
			.status = 200,
			.http_version = 11,
			.hops = &hop,
			.hops_count = 1,
		},
	};

	observation_set_phase(&check.observation, PHASE_CONNECT, 2 * USEC_PER_MS);
	observation_set_phase(&check.observation, PHASE_REQUEST, USEC_PER_MS);
	observation_set_phase(&check.observation, PHASE_FIRST_BYTE, 4 * USEC_PER_MS);
	text_append(&check.observation.headers, "X-Content-Length: 7\ncontent-length:  42\n"
						"Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT\n");
	text_append(&check.observation.body, "abc");
	roster_note(watch, &check);
	status_note(watch, &check);
	text_done(&check.observation.headers);
	text_done(&check.observation.body);
}

static unsigned count_of(const char *text, const char *part)
{
	unsigned count = 0;

	for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
		count++;
	return count;
}

static void expect_line(const struct reply *reply, const char *line)
{
	if (!strstr(reply->body, line))
		print_message("no '%s' in:\n%s\n", line, reply->body);
	assert_non_null(strstr(reply->body, line));
}

static void a_check_is_shown_by_the_names_that_dashboards_know(void **state)
{
	struct world *world = *state;
	struct reply reply;

	check_passes(world_watch(world, "e0001"));
	world_set_state(world, "e0001", STATE_UP);
	reply = ask(world, "GET /metrics/endpoints?name=e0001");
	assert_int_equal(reply.code, 200);
	assert_non_null(strstr(reply.head, "text/plain; version=0.0.4"));
#define WHO                                                                                        \
	"{instance=\"http://192.0.2.7/\",endpoint=\"e0001\",group=\"db\",probe=\"http\",team=\"red\""
	expect_line(&reply, "\npicket_endpoint_state" WHO ",state=\"up\"} 1\n");
	expect_line(&reply, "\nprobe_success" WHO "} 1\n");
	expect_line(&reply, "\nprobe_duration_seconds" WHO "} 0.012\n");
	expect_line(&reply, "\nprobe_http_duration_seconds" WHO ",phase=\"connect\"} 0.002\n");
	expect_line(&reply, "\nprobe_http_duration_seconds" WHO ",phase=\"processing\"} 0.005\n");
	expect_line(&reply, "\nprobe_http_status_code" WHO "} 200\n");
	expect_line(&reply, "\nprobe_http_version" WHO "} 1.1\n");
	expect_line(&reply, "\nprobe_http_content_length" WHO "} 42\n");
	expect_line(&reply, "\nprobe_http_uncompressed_body_length" WHO "} 3\n");
	expect_line(&reply, "\nprobe_http_last_modified_timestamp_seconds" WHO "} 1700000000\n");
#undef WHO
	/* What did not happen is absent. */
	assert_null(strstr(reply.body, "phase=\"tls\""));
	assert_null(strstr(reply.body, "probe_ssl"));
	assert_null(strstr(reply.body, "picket_endpoint_failure"));
	assert_null(strstr(reply.body, "e0002"));
	reply_done(&reply);
}

static void of_what_is_not_known_there_are_no_results(void **state)
{
	struct world *world = *state;
	struct reply reply;

	check_passes(world_watch(world, "e0001"));
	world_watch(world, "e0001")->last.class = CLASS_local;
	check_passes(world_watch(world, "e0002"));
	world_set_state(world, "e0002", STATE_PAUSED);
	check_passes(world_watch(world, "e0003"));
	world_watch(world, "e0003")->is_stale = true;
	reply = ask(world, "GET /metrics/endpoints");
	assert_null(strstr(reply.body, "probe_"));
	assert_int_equal(count_of(reply.body, "\npicket_endpoint_state{"), 6);
	assert_int_equal(count_of(reply.body, "\npicket_endpoint_last_check_timestamp_seconds{"),
			 3);
	reply_done(&reply);
}

static void all_samples_of_a_family_stand_together_over_many_slices(void **state)
{
	struct world *world = *state;
	struct reply reply;
	char name[128] = "", *rest, *line;
	unsigned samples = 0, heads = 0;

	for (uint32_t i = 0; i < world->roster.count; i++)
		check_passes(world->roster.by_name[i]);
	reply = ask(world, "GET /metrics/endpoints");
	rest = reply.body;
	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, "# TYPE %127s gauge", name) == 1) {
			heads++;
		} else if (*line && *line != '#') {
			assert_int_equal(strcspn(line, "{"), strlen(name));
			assert_memory_equal(line, name, strlen(name));
			samples++;
		}
	}
	/* State, time, success, duration, regex, two phases and seven of http. */
	assert_int_equal(heads, 13);
	assert_int_equal(samples, 3000 * 14);
	reply_done(&reply);
}

static void filters_leave_out_what_was_not_asked_for(void **state)
{
	static const struct {
		const char *query;
		int code;
		unsigned endpoints;
	} asked[] = {
		{ "", 200, 6 },
		{ "?group=web", 200, 3 },
		{ "?group=none", 200, 0 },
		{ "?name=*2", 200, 1 },
		{ "?state=up", 200, 1 },
		{ "?label=team:red", 200, 2 },
		{ "?state=fine", 400, 0 },
		{ "?label=team", 400, 0 },
		{ "?what=x", 400, 0 },
	};
	struct world *world = *state;

	world_set_state(world, "e0003", STATE_UP);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		char what[128];
		struct reply reply;

		(void)snprintf(what, sizeof(what), "GET /metrics/endpoints%s", asked[i].query);
		reply = ask(world, what);
		assert_int_equal(reply.code, asked[i].code);
		assert_int_equal(count_of(reply.body, "\npicket_endpoint_state{"),
				 asked[i].endpoints);
		reply_done(&reply);
	}
}

static void a_reader_that_leaves_takes_the_scrape_with_it(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);

	client_ask(client, "GET /metrics/endpoints", "");
	client_wait_text(client, "picket_endpoint_state");
	client_free(client);
	for (unsigned i = 0; i < 3; i++) {
		struct reply reply = ask(world, "GET /metrics/endpoints?name=e0000");

		assert_int_equal(count_of(reply.body, "e0000"), 1);
		reply_done(&reply);
	}
}

/* All families of one, as text. */
static char *print_all(const struct probed *one)
{
	struct text text = { 0 };
	struct exposition to = { .text = &text };

	for (unsigned i = 0; i < families_count(); i++) {
		bool has_head = false;

		(void)families_print(&to, i, one, &has_head);
	}
	return text_take(&text);
}

static void a_label_of_the_endpoint_gives_way_to_one_of_the_family(void **state)
{
	static const struct probe_type type = { .name = "exec" };
	static const struct label labels[] = { { "label", "mine" }, { "state", "my\"s" } };
	struct perf perf[] = {
		{ .label = (char *)"/", .has_value = true, .value = 7, .unit = "%" },
		{ .label = (char *)"used", .has_value = true, .value = 2, .unit = "KB" },
		{ .label = (char *)"time", .has_value = true, .value = 250, .unit = "ms" },
		{ .label = (char *)"used", .has_value = true, .value = 3, .unit = "KB" },
		{ .label = (char *)"unknown", .unit = "s" },
		{ .label = (char *)"s3cret", .has_value = true, .value = -1, .unit = "" },
	};
	const char *const secrets[] = { "s3cret", NULL };
	struct process_facts process = {
		.has_exited = true, .exit = 1, .perf = perf, .perf_count = 6
	};
	const struct endpoint endpoint = {
		.name = "disk",
		.target = "check_disk",
		.type = &type,
		.labels = labels,
		.labels_count = 2,
		.secrets = secrets,
	};
	const struct check check = {
		.endpoint = &endpoint,
		.observation = { .process = &process, .latency = USEC_NEVER },
	};
	const struct last_check last = { .wall = 1, .latency = USEC_NEVER };
	struct figures *figures = MEMORY_NEW(struct figures);
	const struct probed one = { .endpoint = &endpoint, .last = &last, .figures = figures };
	char *text;

	(void)state;
	families_note(figures, &check);
	text = print_all(&one);
#define WHO "{instance=\"check_disk\",endpoint=\"disk\",probe=\"exec\","
	assert_non_null(
		strstr(text, "picket_endpoint_state" WHO "label=\"mine\",state=\"pending\"} 1\n"));
	assert_non_null(strstr(text, "picket_exec_exit_status" WHO
				     "label=\"mine\",state=\"my\\\"s\"} 1\n"));
	assert_non_null(strstr(text, "picket_exec_perf" WHO
				     "state=\"my\\\"s\",label=\"/\",unit=\"ratio\"} 0.07\n"));
	assert_non_null(strstr(text, ",label=\"used\",unit=\"bytes\"} 2048\n"));
	assert_non_null(strstr(text, ",label=\"time\",unit=\"seconds\"} 0.25\n"));
	assert_non_null(strstr(text, ",label=\"***\",unit=\"\"} -1\n"));
#undef WHO
	assert_int_equal(count_of(text, "label=\"used\""), 1);
	assert_null(strstr(text, "unknown"));
	assert_null(strstr(text, "probe_duration_seconds"));
	free(text);
	figures_free(figures);
}

static void what_was_sent_and_what_was_trusted_end_at_times_of_their_own(void **state)
{
	static const struct probe_type type = { .name = "tls" };
	struct certificate chain[] = {
		{ .subject = (char *)"CN=a", .issuer = (char *)"CN=b", .not_after = 3000 },
		{ .subject = (char *)"CN=stray", .issuer = (char *)"CN=x", .not_after = 1000 },
	};
	struct tls_facts tls = {
		.version = 13,
		.chain = chain,
		.chain_count = 2,
		.chain_ends = 2000,
	};
	const struct endpoint endpoint = { .name = "a", .target = "a:443", .type = &type };
	const struct check check = { .endpoint = &endpoint, .observation = { .tls = &tls } };
	const struct last_check last = { .wall = 1, .kind = VERDICT_FAIL };
	struct figures *figures = MEMORY_NEW(struct figures);
	const struct probed one = { .last = &last, .figures = figures, .state = STATES };
	char *text;

	(void)state;
	families_note(figures, &check);
	text = print_all(&one);
	assert_non_null(strstr(text, "\nprobe_ssl_earliest_cert_expiry 1000\n"));
	assert_non_null(strstr(text, "\nprobe_ssl_last_chain_expiry_timestamp_seconds 2000\n"));
	assert_non_null(strstr(text, "\nprobe_tls_version_info{version=\"TLS 1.3\"} 1\n"));
	assert_non_null(strstr(text, "\nprobe_success 0\n"));
	assert_null(strstr(text, "picket_endpoint_state"));
	free(text);

	/* A chain that leads nowhere has no end. */
	tls.chain_ends = 0;
	families_note(figures, &check);
	text = print_all(&one);
	assert_non_null(strstr(text, "\nprobe_ssl_earliest_cert_expiry 1000\n"));
	assert_null(strstr(text, "probe_ssl_last_chain"));
	free(text);
	figures_free(figures);
}

static void the_hash_is_for_those_who_may_see_the_address(void **state)
{
	struct last_check last = {
		.wall = 1,
		.kind = VERDICT_PASS,
		.address = { .family = 4, .bytes = { 127, 0, 0, 1 } },
	};
	struct probed one = { .last = &last, .state = STATES };
	char *text = print_all(&one);

	(void)state;
	assert_non_null(strstr(text, "probe_ip_protocol 4\n"));
	assert_null(strstr(text, "probe_ip_addr_hash"));
	free(text);
	one.shows_detail = true;
	text = print_all(&one);
	/* As blackbox_exporter says of 127.0.0.1. */
	assert_non_null(strstr(text, "\nprobe_ip_addr_hash 3668918509\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_check_is_shown_by_the_names_that_dashboards_know,
						begin, end),
		cmocka_unit_test_setup_teardown(of_what_is_not_known_there_are_no_results, begin,
						end),
		cmocka_unit_test_prestate_setup_teardown(
			all_samples_of_a_family_stand_together_over_many_slices, begin, end,
			(void *)&many),
		cmocka_unit_test_setup_teardown(filters_leave_out_what_was_not_asked_for, begin,
						end),
		cmocka_unit_test_prestate_setup_teardown(
			a_reader_that_leaves_takes_the_scrape_with_it, begin, end, (void *)&many),
		cmocka_unit_test(a_label_of_the_endpoint_gives_way_to_one_of_the_family),
		cmocka_unit_test(what_was_sent_and_what_was_trusted_end_at_times_of_their_own),
		cmocka_unit_test(the_hash_is_for_those_who_may_see_the_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
