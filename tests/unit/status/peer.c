/* peer.c - who may change something. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "status/peer.h"

static char admins[] = "admins";
static const struct rights rights = { .own = 200, .group = admins, .admins = 50 };

static void root_and_our_own_user_may_change_something(void **state)
{
	const struct rights nobody_else = { .own = 200 };
	const struct rights with_programs = { .own = 200, .own_runs_programs = true };
	const struct peer root = { .uid = 0 }, own = { .uid = 200, .gid = 200 };

	(void)state;
	assert_true(rights_allow(&nobody_else, &root));
	assert_true(rights_allow(&nobody_else, &own));
	/* Then our own user may be a plugin that does what it should not. */
	assert_false(rights_allow(&with_programs, &own));
	assert_true(rights_allow(&with_programs, &root));
}

static void others_may_not(void **state)
{
	gid_t groups[] = { 7, 49, 51 };
	const struct peer other = { .uid = 201, .gid = 201, .groups = groups, .groups_count = 3 };
	const struct peer group_zero = { .uid = 201, .gid = 0 };
	const struct rights no_admins = { .own = 200, .admins = 0 };

	(void)state;
	assert_false(rights_allow(&rights, &other));
	assert_false(rights_allow(&no_admins, &group_zero));
}

static void members_of_the_admin_group_may(void **state)
{
	gid_t groups[] = { 7, 50 };
	const struct peer first = { .uid = 201, .gid = 50 };
	const struct peer other = { .uid = 201, .gid = 201, .groups = groups, .groups_count = 2 };

	(void)state;
	assert_true(rights_allow(&rights, &first));
	assert_true(rights_allow(&rights, &other));
}

static void the_kernel_says_who_the_peer_is(void **state)
{
	struct peer peer;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(peer_read(ends[0], &peer), 0);
	assert_int_equal(peer.uid, geteuid());
	assert_int_equal(peer.gid, getegid());
	assert_int_equal(peer.groups_count, getgroups(0, NULL));
	peer_done(&peer);
	(void)close(ends[0]);
	(void)close(ends[1]);
	assert_true(peer_read(ends[0], &peer) < 0);
}

static void a_group_is_known_by_its_name(void **state)
{
	struct rights found = { .own = 200 };

	(void)state;
	assert_int_equal(rights_set_admins(&found, "root"), 0);
	assert_string_equal(found.group, "root");
	assert_int_equal(found.admins, 0);
	assert_int_equal(rights_set_admins(&found, "no-such-group-here"), -ENOENT);
	assert_null(found.group);
	assert_int_equal(rights_set_admins(&found, "root"), 0);
	assert_int_equal(rights_set_admins(&found, NULL), 0);
	assert_null(found.group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_and_our_own_user_may_change_something),
		cmocka_unit_test(others_may_not),
		cmocka_unit_test(members_of_the_admin_group_may),
		cmocka_unit_test(the_kernel_says_who_the_peer_is),
		cmocka_unit_test(a_group_is_known_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
