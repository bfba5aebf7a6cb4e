/* include.c - several files make one configuration. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "bench.h"

static void write_endpoint(const char *path, const char *name)
{
	char *text = memory_print("endpoints: [{ name: %s, http: http://a.example.com/ }]\n", name);

	bench_write(path, text);
	free(text);
}

static void conf_d_is_read_without_being_asked_for(void **state)
{
	struct bench *bench = *state;

	write_endpoint("conf.d/b.yaml", "b");
	write_endpoint("conf.d/a.yaml", "a");
	write_endpoint("conf.d/not.yml", "not-the-built-in-pattern");
	bench_load_good(bench, "endpoints: [{ name: main, http: http://a.example.com/ }]\n");
	assert_int_equal(bench->snapshot->endpoints_count, 3);
	bench_load_good(bench, "include: []\n"
			       "endpoints: [{ name: main, http: http://a.example.com/ }]\n");
	assert_int_equal(bench->snapshot->endpoints_count, 1);
}

static void patterns_are_followed_in_sorted_order(void **state)
{
	struct bench *bench = *state;

	write_endpoint("sites/eu/1.yaml", "eu-1");
	write_endpoint("sites/us/1.yml", "us-1");
	write_endpoint("sites/us/2.yaml", "us-2");
	write_endpoint("single.yaml", "single");
	bench_load_good(bench, "include: [ 'sites/*/?.y*ml', single.yaml ]\n");
	assert_int_equal(bench->snapshot->endpoints_count, 4);
	assert_string_equal(bench->snapshot->files[1], "sites/eu/1.yaml");
	assert_string_equal(bench->snapshot->files[2], "sites/us/1.yml");
	assert_string_equal(bench->snapshot->files[3], "sites/us/2.yaml");
	assert_string_equal(bench->snapshot->files[4], "single.yaml");
}

static void what_editors_and_packages_leave_is_passed_over(void **state)
{
	struct bench *bench = *state;

	write_endpoint("conf.d/a.yaml", "a");
	bench_write("conf.d/.a.yaml", "no: configuration\n");
	bench_write("conf.d/a.yaml~", "no: configuration\n");
	bench_write("conf.d/a.yaml.dpkg-old", "no: configuration\n");
	bench_write("conf.d/#a.yaml#", "no: configuration\n");
	bench_load_good(bench, "include: conf.d/*\n");
	assert_int_equal(bench->snapshot->endpoints_count, 1);
}

static void only_regular_files_are_included(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(mkdir("conf.d", 0700), 0);
	assert_int_equal(mkfifo("conf.d/fifo.yaml", 0600), 0);
	assert_int_equal(symlink("/dev/zero", "conf.d/zero.yaml"), 0);
	assert_int_equal(mkdir("conf.d/folder.yaml", 0700), 0);
	assert_int_equal(symlink("nowhere", "conf.d/broken.yaml"), 0);
	bench_load_bad(bench, "endpoints: []\n",
		       "cannot read 'conf.d/fifo.yaml': it is not a regular file");
	assert_non_null(
		strstr(bench->printed, "cannot read 'conf.d/zero.yaml': it is not a regular file"));
	assert_non_null(
		strstr(bench->printed, "cannot read 'conf.d/folder.yaml': it is a directory"));
	assert_non_null(strstr(bench->printed,
			       "cannot read 'conf.d/broken.yaml': No such file or directory"));
	assert_int_equal(complaints_faults(bench->complaints), 4);
}

static void a_file_never_includes_itself(void **state)
{
	struct bench *bench = *state;

	bench_load_bad(bench, "include: picket.yaml\n",
		       "picket.yaml:1:10: 'picket.yaml' would include itself");
	bench_write("a.yaml", "include: b.yaml\n");
	bench_write("b.yaml", "include: [linked.yaml]\n");
	assert_int_equal(symlink("a.yaml", "linked.yaml"), 0);
	bench_load_bad(bench, "include: a.yaml\n",
		       "b.yaml:1:11: 'linked.yaml' would include itself");
}

static void a_file_that_is_matched_twice_is_read_once(void **state)
{
	struct bench *bench = *state;

	write_endpoint("a.yaml", "a");
	bench_load_good(bench, "include: [a.yaml, 'a*.yaml', ./a.yaml]\n");
	assert_int_equal(bench->snapshot->endpoints_count, 1);
}

static void includes_end_eight_deep(void **state)
{
	struct bench *bench = *state;

	for (unsigned i = 1; i <= 9; i++) {
		char *path = memory_print("%u.yaml", i);
		char *text = memory_print("include: %u.yaml\n", i + 1);

		bench_write(path, i == 8 ? "endpoints: []\n" : text);
		free(path);
		free(text);
	}
	bench_load_good(bench, "include: 1.yaml\n");
	bench_write("8.yaml", "include: 9.yaml\n");
	write_endpoint("9.yaml", "too-deep");
	bench_load_bad(bench, NULL, "8.yaml:1:10: files include each other more than 8 deep");
}

static void names_are_unique_over_all_files(void **state)
{
	struct bench *bench = *state;

	write_endpoint("conf.d/a.yaml", "shop");
	bench_write("conf.d/b.yaml", "groups: { web: {} }\ntemplates: { t: {} }\n"
				     "endpoints: [{ name: shop, http: http://a.example.com/ }]\n");
	bench_load_bad(bench, "groups: { web: {} }\ntemplates: { t: {} }\n",
		       "conf.d/b.yaml:3:21: another endpoint is called 'shop' too, in "
		       "conf.d/a.yaml:1");
	assert_non_null(strstr(bench->printed,
			       "conf.d/b.yaml:1:11: the group 'web' stands in two files; first in "
			       "picket.yaml:1"));
	assert_non_null(strstr(bench->printed, "conf.d/b.yaml:2:14: the template 't' stands in two "
					       "files; first in picket.yaml:2"));
}

static void defaults_and_settings_of_files_add_up(void **state)
{
	struct bench *bench = *state;

	bench_write("conf.d/a.yaml",
		    "defaults: { timeout: 4s, confirm: { every: 2s } }\n"
		    "picket: { limits: { body: 1KiB } }\n"
		    "endpoints: [{ name: a, group: web, http: http://a.example.com/ }]\n");
	bench_load_good(bench, "defaults: { interval: 44s, confirm: { failures: 4 } }\n"
			       "picket: { limits: { headers: 2KiB } }\n"
			       "groups: { web: { max_concurrent: 7 } }\n");
	assert_int_equal(bench_find(bench, "a")->interval, 44 * USEC_PER_SEC);
	assert_int_equal(bench_find(bench, "a")->timeout, 4 * USEC_PER_SEC);
	assert_int_equal(bench_find(bench, "a")->terms->confirm.failures, 4);
	assert_int_equal(bench_find(bench, "a")->terms->confirm.every, 2 * USEC_PER_SEC);
	assert_int_equal(bench_find(bench, "a")->group->max_concurrent, 7);
	assert_int_equal(bench->snapshot->settings.limits.body_bytes, 1024);
	assert_int_equal(bench->snapshot->settings.limits.headers_bytes, 2048);
}

static void what_two_files_say_about_one_key_is_a_fault(void **state)
{
	struct bench *bench = *state;

	bench_write("conf.d/a.yaml", "defaults: { confirm: { every: 2s } }\n"
				     "picket: { judges: 3 }\n");
	bench_load_bad(bench, "defaults: { confirm: { every: 3s } }\npicket: { judges: 4 }\n",
		       "conf.d/a.yaml:1:24: 'every' of 'defaults' stands in two files; first in "
		       "picket.yaml:1");
	assert_non_null(strstr(bench->printed, "conf.d/a.yaml:2:11: 'judges' of 'picket' stands in "
					       "two files; first in picket.yaml:2"));
}

static void a_broken_file_is_not_blamed_on_the_others(void **state)
{
	struct bench *bench = *state;

	bench_write("conf.d/a.yaml", "groups: { web: { interval: 30s }\n");
	bench_load_bad(
		bench,
		"endpoints: [{ name: a, group: web, intervall: 3s, http: http://a.example.com/ }]\n",
		"conf.d/a.yaml:2:1: did not find expected ',' or '}'");
	assert_non_null(strstr(bench->printed, "unknown key 'intervall'"));
	/* The group is perhaps in the file that could not be read. */
	assert_null(strstr(bench->printed, "there is no group"));
}

static void comments_alone_are_fine_in_an_included_file(void **state)
{
	struct bench *bench = *state;

	bench_write("conf.d/a.yaml", "# endpoints:\n");
	assert_int_equal(bench_load(bench, "endpoints: []\n"), 0);
	assert_string_equal(bench->printed,
			    "conf.d/a.yaml:1:1: warning: the file has nothing but comments\n");
	/* Nothing at all is more likely a file that was being written. */
	bench_write("conf.d/a.yaml", "");
	bench_load_bad(bench, NULL, "conf.d/a.yaml:1:1: the file is empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(conf_d_is_read_without_being_asked_for),
		BENCH_TEST(patterns_are_followed_in_sorted_order),
		BENCH_TEST(what_editors_and_packages_leave_is_passed_over),
		BENCH_TEST(only_regular_files_are_included),
		BENCH_TEST(a_file_never_includes_itself),
		BENCH_TEST(a_file_that_is_matched_twice_is_read_once),
		BENCH_TEST(includes_end_eight_deep),
		BENCH_TEST(names_are_unique_over_all_files),
		BENCH_TEST(defaults_and_settings_of_files_add_up),
		BENCH_TEST(what_two_files_say_about_one_key_is_a_fault),
		BENCH_TEST(a_broken_file_is_not_blamed_on_the_others),
		BENCH_TEST(comments_alone_are_fine_in_an_included_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
