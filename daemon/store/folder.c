/* folder.c - the folder of the store, its lock, and what lies where in it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "store/folder.h"

/* Of linux/magic.h and, where that has none, the file systems' own sources. */
static const struct {
	unsigned long magic;
	const char *name;
} networks[] = {
	{ 0x6969, "nfs" },	{ 0xff534d42, "cifs" },	 { 0xfe534d42, "smb2" },
	{ 0x01021997, "9p" },	{ 0x00c36400, "ceph" },	 { 0x5346414f, "afs" },
	{ 0x01161970, "gfs2" }, { 0x7461636f, "ocfs2" }, { 0x0bd00bd0, "lustre" },
};

char *folder_file(const struct folder *folder, const char *name)
{
	return memory_print("%s/%s", folder->path, name);
}

int folder_enter(struct folder *folder)
{
	cleanup(free)
	char *path = folder_file(folder, "lock");
	cleanup(close)
	int fd = -1;

	if (folder->lock >= 0)
		return 0;
	if (mkdir(folder->path, 0750) < 0 && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	folder->lock = fd;
	fd = -1;
	return 0;
}

void folder_leave(struct folder *folder)
{
	if (folder->lock >= 0)
		(void)close(folder->lock);
	folder->lock = -1;
}

const char *folder_network(const struct folder *folder)
{
	struct statfs system;

	if (fstatfs(folder->lock, &system) < 0)
		return NULL;
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
		if (((unsigned long)system.f_type & 0xffffffff) == networks[i].magic)
			return networks[i].name;
	return NULL;
}

/* The log and the file belong together: a reader of the one wants the other. */
int folder_set_aside(const char *path)
{
	static const char *const parts[] = { "-wal", "-journal", "" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		cleanup(free)
		char *from = memory_print("%s%s", path, parts[i]);
		cleanup(free)
		char *to = memory_print("%s.corrupt%s", path, parts[i]);

		(void)unlink(to);
		if (rename(from, to) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}
