/* bench.c - a folder of its own for each test, and what becomes of the files in it. */
#include <assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/memory.h"
#include "bench.h"

int bench_up(void **state)
{
	struct bench *bench = memory_new(1, sizeof(*bench));

	memcpy(bench->folder, "/tmp/picket-config-XXXXXX", sizeof("/tmp/picket-config-XXXXXX"));
	assert_non_null(mkdtemp(bench->folder));
	assert_int_equal(chdir(bench->folder), 0);
	(void)umask(027);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	*state = bench;
	return 0;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static void forget(struct bench *bench)
{
	if (bench->snapshot)
		snapshot_unref(bench->snapshot);
	if (bench->complaints)
		complaints_free(bench->complaints);
	free(bench->printed);
	bench->snapshot = NULL;
	bench->complaints = NULL;
	bench->printed = NULL;
}

int bench_down(void **state)
{
	struct bench *bench = *state;

	forget(bench);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(nftw(bench->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(bench);
	return 0;
}

void bench_write_bytes(const char *path, const void *data, size_t len)
{
	char *copy = memory_text(path);
	FILE *file;

	for (char *slash = strchr(copy, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(copy, 0750);
		*slash = '/';
	}
	free(copy);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

void bench_write(const char *path, const char *text)
{
	bench_write_bytes(path, text, strlen(text));
}

int bench_load(struct bench *bench, const char *text)
{
	struct text printed = { 0 };
	int r;

	forget(bench);
	if (text)
		bench_write("picket.yaml", text);
	bench->complaints = complaints_new();
	r = snapshot_load("picket.yaml", bench->complaints, &bench->snapshot);
	complaints_print(bench->complaints, &printed);
	bench->printed = text_take(&printed);
	/* What is refused has a reason, and what has one is refused. */
	assert_int_equal(r<0, complaints_faults(bench->complaints)> 0);
	return r;
}

void bench_load_good(struct bench *bench, const char *text)
{
	assert_int_equal(bench_load(bench, text), 0);
	assert_string_equal(bench->printed, "");
}

void bench_load_bad(struct bench *bench, const char *text, const char *complaint)
{
	assert_int_not_equal(bench_load(bench, text), 0);
	if (!strstr(bench->printed, complaint))
		assert_string_equal(bench->printed, complaint);
}

const struct endpoint *bench_find(const struct bench *bench, const char *name)
{
	for (unsigned i = 0; i < bench->snapshot->endpoints_count; i++)
		if (strcmp(bench->snapshot->endpoints[i]->name, name) == 0)
			return bench->snapshot->endpoints[i];
	fail_msg("there is no endpoint '%s'", name);
	return NULL;
}

const char *bench_target(const struct bench *bench, const char *name)
{
	return bench_find(bench, name)->target;
}

const char *bench_label(const struct endpoint *endpoint, const char *key)
{
	for (unsigned i = 0; i < endpoint->labels_count; i++)
		if (strcmp(endpoint->labels[i].key, key) == 0)
			return endpoint->labels[i].value;
	return "";
}

char *bench_explain(const struct bench *bench, const char *name, const char *key)
{
	struct text json = { 0 };
	json_t *all, *one;
	char *value, *line;

	snapshot_explain(bench->snapshot, bench_find(bench, name), NULL, &json);
	all = json_loads(text_string(&json), 0, NULL);
	assert_non_null(all);
	one = json_object_get(all, key);
	if (!one) {
		line = memory_text("nothing");
	} else {
		value = json_dumps(json_object_get(one, "value"), JSON_ENCODE_ANY);
		line = memory_print("%s from %s", value,
				    json_string_value(json_object_get(one, "from")));
		free(value);
	}
	json_decref(all);
	text_done(&json);
	return line;
}
