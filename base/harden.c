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
 * A program that starts others, as msgext-repair starts curl(1), says what these must read: they
 * inherit what it gave up.  It also puts files in others' places in the data directory.
 *
 * A kernel without Landlock, or with Landlock switched off, gives what it has: this is a second
 * wall, and the first one must hold without it.
 */
#include <sys/prctl.h>
#include <sys/stat.h>
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

/* Allows that of a path.  What is not there needs no rule.  -1: it could not be allowed. */
static int
path_allow(int rules, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr beneath = { .allowed_access = rights };
	struct stat status;
	int result = -1;

	beneath.parent_fd = openat(AT_FDCWD, path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return -1;
	if (fstat(beneath.parent_fd, &status) == 0) {
		if (!S_ISDIR(status.st_mode))
			beneath.allowed_access &= ~LANDLOCK_ACCESS_FS_READ_DIR;
		result = (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
		    &beneath, 0);
	}
	close(beneath.parent_fd);
	return result;
}

/* others: as harden_with has them, or NULL. */
static void
landlock_apply(const char *data_dir, enum harden_access access, const char *const *others)
{
	static const uint64_t denied[] = { DENIED_1 | DENIED_REFER | DENIED_TRUNCATE,
		DENIED_1 | DENIED_REFER, DENIED_1 };
	struct landlock_ruleset_attr ruleset;
	uint64_t rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
	int rules = -1;

	for (size_t i = 0; rules < 0 && i < sizeof(denied) / sizeof(denied[0]); i++) {
		ruleset.handled_access_fs = denied[i];
		rules = (int)syscall(SYS_landlock_create_ruleset, &ruleset,
		    sizeof(ruleset.handled_access_fs), 0);
	}
	if (rules < 0)
		return;
	if (access != HARDEN_READ)
		rights |= LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
		    (ruleset.handled_access_fs & DENIED_TRUNCATE);
	if (access == HARDEN_REPLACE || (access == HARDEN_APPEND && filesystem_is_remote(data_dir)))
		rights |= LANDLOCK_ACCESS_FS_REMOVE_FILE;
	for (; others != NULL && *others != NULL; others++)
		path_allow(rules, *others,
		    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
			LANDLOCK_ACCESS_FS_EXECUTE);
	if (path_allow(rules, data_dir, rights) == 0)
		syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
}

#else

static void
landlock_apply(const char *data_dir, enum harden_access access, const char *const *others)
{
	(void)data_dir;
	(void)access;
	(void)others;
}

#endif

void
harden(const char *data_dir, enum harden_access access)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		landlock_apply(data_dir, access, NULL);
}

void
harden_with(const char *data_dir, enum harden_access access, const char *const *others)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		landlock_apply(data_dir, access, others);
}
