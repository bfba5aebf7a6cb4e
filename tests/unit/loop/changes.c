/* changes.c - claims about loop/changes.h. */
#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/changes.h"
#include "loop/loop.h"

struct stage {
	struct event_base *base;
	struct changes *changes;
	char folder[64];
	char away[96]; /* where the link leads */
	char paths[4][128]; /* a file, a link, what the link leads to, something new */
	const char *watched[3];
};

static void write_file(const char *path)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	static const char *const names[] = { "file", "link", "away/target", "new" };
	struct stage *stage = calloc(1, sizeof(*stage));

	assert_non_null(stage);
	(void)snprintf(stage->folder, sizeof(stage->folder), "/tmp/changes-XXXXXX");
	assert_non_null(mkdtemp(stage->folder));
	(void)snprintf(stage->away, sizeof(stage->away), "%s/away", stage->folder);
	assert_return_code(mkdir(stage->away, 0700), errno);
	for (unsigned i = 0; i < 4; i++)
		(void)snprintf(stage->paths[i], sizeof(stage->paths[i]), "%s/%s", stage->folder,
			       names[i]);
	write_file(stage->paths[0]);
	write_file(stage->paths[2]);
	assert_return_code(symlink("away/target", stage->paths[1]), errno);
	stage->watched[0] = stage->paths[0];
	stage->watched[1] = stage->paths[1];
	stage->base = loop_new();
	stage->changes = changes_new(stage->base, stage->watched);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	changes_free(stage->changes);
	event_base_free(stage->base);
	for (unsigned i = 0; i < 4; i++)
		(void)unlink(stage->paths[i]);
	(void)rmdir(stage->away);
	assert_return_code(rmdir(stage->folder), errno);
	free(stage);
	return 0;
}

/* Bit 0: the file, bit 1: the link. */
static unsigned taken(struct stage *stage)
{
	(void)event_base_loop(stage->base, EVLOOP_NONBLOCK);
	return (unsigned)changes_take(stage->changes, 0) | (unsigned)changes_take(stage->changes, 1)
								   << 1;
}

static void all_count_as_changed_once(void **state)
{
	assert_int_equal(taken(*state), 3);
	assert_int_equal(taken(*state), 0);
}

static void writing_and_replacing_are_seen(void **state)
{
	struct stage *stage = *state;

	(void)taken(stage);
	write_file(stage->paths[0]);
	assert_int_equal(taken(stage), 1);
	write_file(stage->paths[3]);
	assert_int_equal(taken(stage), 0);
	assert_return_code(rename(stage->paths[3], stage->paths[0]), errno);
	assert_int_equal(taken(stage), 1);
	assert_return_code(unlink(stage->paths[0]), errno);
	assert_int_equal(taken(stage), 1);
}

static void what_a_link_leads_to_is_seen(void **state)
{
	struct stage *stage = *state;

	(void)taken(stage);
	write_file(stage->paths[2]);
	assert_int_equal(taken(stage), 2);
	/* And where it leads from now on. */
	assert_return_code(unlink(stage->paths[1]), errno);
	assert_return_code(symlink("file", stage->paths[1]), errno);
	assert_int_equal(taken(stage), 2);
	write_file(stage->paths[0]);
	assert_int_equal(taken(stage), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_count_as_changed_once),
		TEST(writing_and_replacing_are_seen),
		TEST(what_a_link_leads_to_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
