/*
 * filesystem.c - kinds of file systems, and what is known of each.
 *
 * Over a network the append looks names up more than once, its process keeps the right to rename
 * files (base/harden.c), and log -f is not woken by what another machine writes.  The check says
 * what to expect of each.
 */
#include "base/filesystem.h"

#include <sys/vfs.h>

#include <stddef.h>

#define UNTRIED "msgext was not tested on it; its locks and syncs may not work"

static const struct filesystem kinds[] = {
	{ FILESYSTEM_EXT4, "ext4", false, NULL },
	{ 0x58465342, "xfs", false, NULL },
	{ 0x9123683e, "btrfs", false, NULL },
	{ 0xf2f52010, "f2fs", false, NULL },
	{ 0x2fc12fc1, "zfs", false, NULL },
	{ 0xca451a4e, "bcachefs", false, NULL },
	{ 0x3153464a, "jfs", false, NULL },
	{ 0x52654973, "reiserfs", false, NULL },
	{ FILESYSTEM_NFS, "NFS", true, "is slower than a disk" },
	{ 0x01021994, "tmpfs", false, "its files are gone after a restart" },
	{ 0x858458f6, "ramfs", false, "its files are gone after a restart" },
	{ 0x794c7630, "overlay", false, "its files are gone with the container: mount a volume" },
	{ 0xf15f, "eCryptfs", false, "its syncs depend on the file system below" },
	{ 0x4d44, "FAT", false, "has no owners, no modes, no journal" },
	{ 0x2011bab0, "exFAT", false, "has no owners, no modes, no journal" },
	{ 0x517b, "SMB", true, "locks and modes depend on the server" },
	{ 0xff534d42, "CIFS", true, "locks and modes depend on the server" },
	{ 0xfe534d42, "SMB", true, "locks and modes depend on the server" },
	{ 0x65735546, "FUSE", true, "its locks and syncs depend on what is behind it" },
	{ 0x01021997, "9p", true, "its locks and syncs depend on the host behind it" },
	{ 0x00c36400, "Ceph", true, "locks depend on its servers, and it is slower than a disk" },
	{ 0x5346414f, "OpenAFS", true, UNTRIED },
	{ 0x6b414653, "AFS", true, UNTRIED },
	{ 0x73757245, "Coda", true, UNTRIED },
	{ 0x0bd00bd0, "Lustre", true, UNTRIED },
	{ 0x47504653, "GPFS", true, UNTRIED },
	{ 0x01161970, "GFS2", true, UNTRIED },
	{ 0x7461636f, "OCFS2", true, UNTRIED },
	{ 0x19830326, "BeeGFS", true, UNTRIED },
	{ 0x786f4256, "VirtualBox", true, UNTRIED },
	{ 0xbacbacbc, "VMware", true, UNTRIED },
	{ 0x20030528, "OrangeFS", true, UNTRIED },
	{ 0x564c, "NCP", true, UNTRIED },
};

const struct filesystem *
filesystem_find(unsigned long magic)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].magic == magic)
			return &kinds[i];
	return NULL;
}

bool
filesystem_is_remote(const char *path)
{
	struct statfs status;
	const struct filesystem *kind;

	if (statfs(path, &status) != 0)
		return false;
	kind = filesystem_find((unsigned long)status.f_type);
	return kind != NULL && kind->remote;
}
