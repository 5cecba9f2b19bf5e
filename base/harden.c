/*
 * harden.c - give up what the process will not need, before a request is read.
 *
 * With Landlock (Linux 5.13) the process can then open files in the data directory only.  So a
 * fault in the code that parses strangers' bytes can reach the logs, but not the configuration with
 * its token, and no other file of the account that a shared host runs the process under.
 * Descriptors that are open stay open.  A viewer can write nothing at all.
 *
 * Over a network the process may also rename files in there, to complete what a killed compaction
 * has begun (store/mark.c).
 *
 * A kernel without Landlock, or with Landlock switched off, gives what it has: this is a second
 * wall, and the first one must hold without it.
 */
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

/* For systems that have it and must not use it. */
#if defined(__has_include) && !defined(MSGEXT_WITHOUT_LANDLOCK)
#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#endif
#endif

#include "base/harden.h"
#include "base/filesystem.h"

#if defined(LANDLOCK_ACCESS_FS_EXECUTE) && defined(SYS_landlock_create_ruleset)

/* What each version of the interface can deny (landlock(7)), newest first. */
#define DENIED_1 ((UINT64_C(1) << 13) - 1)
#define DENIED_REFER (UINT64_C(1) << 13)
#define DENIED_TRUNCATE (UINT64_C(1) << 14)

static void
landlock_apply(const char *data_dir, enum harden_access access)
{
	static const uint64_t denied[] = { DENIED_1 | DENIED_REFER | DENIED_TRUNCATE,
		DENIED_1 | DENIED_REFER, DENIED_1 };
	struct landlock_ruleset_attr ruleset;
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	};
	int rules = -1;

	for (size_t i = 0; rules < 0 && i < sizeof(denied) / sizeof(denied[0]); i++) {
		ruleset.handled_access_fs = denied[i];
		rules = (int)syscall(SYS_landlock_create_ruleset, &ruleset,
		    sizeof(ruleset.handled_access_fs), 0);
	}
	if (rules < 0)
		return;
	if (access == HARDEN_APPEND)
		beneath.allowed_access |= LANDLOCK_ACCESS_FS_WRITE_FILE |
		    LANDLOCK_ACCESS_FS_MAKE_REG | (ruleset.handled_access_fs & DENIED_TRUNCATE);
	if (access == HARDEN_APPEND && filesystem_is_remote(data_dir))
		beneath.allowed_access |= LANDLOCK_ACCESS_FS_REMOVE_FILE;
	beneath.parent_fd = openat(AT_FDCWD, data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (beneath.parent_fd >= 0 &&
	    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0)
		syscall(SYS_landlock_restrict_self, rules, 0);
	if (beneath.parent_fd >= 0)
		close(beneath.parent_fd);
	close(rules);
}

#else

static void
landlock_apply(const char *data_dir, enum harden_access access)
{
	(void)data_dir;
	(void)access;
}

#endif

void
harden(const char *data_dir, enum harden_access access)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		landlock_apply(data_dir, access);
}
