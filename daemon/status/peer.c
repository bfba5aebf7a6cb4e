/* peer.c - who is at the other end of a Unix connection. */
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "status/peer.h"

/* Nobody is in more groups than the kernel allows (NGROUPS_MAX). */
enum { GROUPS_MAX = 65536, GROUP_RECORD_MAX = 1024 * 1024 };

static int read_groups(int fd, struct peer *peer)
{
	socklen_t size = 0;
	int r;

	r = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size);
	if (r == 0)
		return 0;
	if (errno != ERANGE || size > GROUPS_MAX * sizeof(gid_t))
		return -errno;
	peer->groups = memory_new(size / sizeof(gid_t), sizeof(gid_t));
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups, &size) < 0)
		return -errno;
	peer->groups_count = size / sizeof(gid_t);
	return 0;
}

int peer_read(int fd, struct peer *ret_peer)
{
	struct peer peer = { 0 };
	struct ucred credentials;
	socklen_t size = sizeof(credentials);
	int r;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
		return -errno;
	peer.uid = credentials.uid;
	peer.gid = credentials.gid;
	r = read_groups(fd, &peer);
	if (r < 0) {
		peer_done(&peer);
		return r;
	}
	*ret_peer = peer;
	return 0;
}

void peer_done(struct peer *peer)
{
	free(peer->groups);
	*peer = (struct peer){ 0 };
}

bool rights_allow(const struct rights *rights, const struct peer *peer)
{
	if (peer->uid == 0 || (peer->uid == rights->own && !rights->own_runs_programs))
		return true;
	if (!rights->group)
		return false;
	if (peer->gid == rights->admins)
		return true;
	for (size_t i = 0; i < peer->groups_count; i++)
		if (peer->groups[i] == rights->admins)
			return true;
	return false;
}

void rights_done(struct rights *rights)
{
	free(rights->group);
	rights->group = NULL;
}

int rights_set_admins(struct rights *rights, const char *group)
{
	struct group record, *found = NULL;
	size_t room = 1024;
	int r = ERANGE;

	rights_done(rights);
	if (!group)
		return 0;
	/* A group with many members needs a large buffer, and nothing says how large. */
	while (r == ERANGE && room <= GROUP_RECORD_MAX) {
		char *buffer = memory_new(room, 1);

		r = getgrnam_r(group, &record, buffer, room, &found);
		if (r == 0 && found) {
			rights->admins = found->gr_gid;
			rights->group = memory_text(group);
		}
		free(buffer);
		room *= 4;
	}
	if (r != 0)
		return -r;
	return found ? 0 : -ENOENT;
}
