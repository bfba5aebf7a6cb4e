/* peer.h - who is at the other end of a Unix connection, and whether they may change something.
 *
 * Source: unix(7), SO_PEERCRED; socket(7), SO_PEERGROUPS (since Linux 4.13).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct peer {
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* owned; the supplementary ones */
	size_t groups_count;
};

/* Besides root. */
struct rights {
	uid_t own; /* the daemon's user */
	bool own_runs_programs; /* so that a peer of this user may be one of them: it may not */
	char *group; /* owned; the admins', or NULL: there are none */
	gid_t admins;
};

/* As it was when the peer connected.  0 or -errno. */
int peer_read(int fd, struct peer *ret_peer);
void peer_done(struct peer *peer);

bool rights_allow(const struct rights *rights, const struct peer *peer);
/* Looks up who belongs to the group; NULL: no admins.  -ENOENT (then no admins either) or -errno. */
int rights_set_admins(struct rights *rights, const char *group);
void rights_done(struct rights *rights);
