/*
 * secret.c - the app's key in memory that nobody else sees, and the end of being root.
 *
 * With the key one is any user of the app.  The receiver, which strangers talk to, runs as the
 * owner of the data directory; so a process of that owner must not come by the key, and yet this
 * program must append to the owner's logs.  Hence: root opens the key, which is root's, and then
 * becomes the owner for good.
 *
 * The process cannot be dumped, which also closes /proc/PID/mem and ptrace(2) to the owner's other
 * processes.  The key stands in a page of its own: locked, left out of dumps, empty in children,
 * and wiped at the end.
 */
#include "repair/secret.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"

/* Closes /proc/PID/mem and ptrace(2) to the user's other processes. */
static int
dump_forbid(struct fault *fault)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return fault_set(fault, FAULT_LOG_UNSAFE, "cannot close this process to others: %s",
		    strerror(errno));
	return 0;
}

int
process_close(struct fault *fault)
{
	const struct rlimit none = { 0, 0 };
	int fd;

	if (dump_forbid(fault) != 0)
		return -1;
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return fault_set(fault, FAULT_LOG_UNSAFE, "cannot forbid a core file: %s",
		    strerror(errno));
	do
		fd = openat(AT_FDCWD, "/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	return 0;
}

/* Opens a secret's file, for the caller to close, and judges it; -1: fault. */
static int
secret_open(const char *path, mode_t forbidden, struct fault *fault)
{
	struct stat status;
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 && errno == EACCES)
		return fault_set(fault, FAULT_CONFIG_UNREADABLE,
		    "%s: Permission denied: user %lu must be able to read it", path,
		    (unsigned long)geteuid());
	if (fd < 0)
		return fault_set(fault,
		    errno == ENOENT || errno == ENOTDIR ? FAULT_CONFIG_MISSING
							: FAULT_CONFIG_UNREADABLE,
		    "%s: %s", path, strerror(errno));
	if (fstat(fd, &status) != 0)
		fault_set(fault, FAULT_CONFIG_UNREADABLE, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(status.st_mode) || status.st_size >= SECRET_SIZE)
		fault_set(fault, FAULT_CONFIG_MALFORMED, "%s: must be a file of one line", path);
	else if (status.st_uid != 0 && status.st_uid != geteuid())
		fault_set(fault, FAULT_CONFIG_UNSAFE,
		    "%s: belongs to another user (user %lu, this is %lu: chown it to root, or to "
		    "the user that starts this)",
		    path, (unsigned long)status.st_uid, (unsigned long)geteuid());
	else if ((status.st_mode & forbidden) != 0)
		fault_set(fault, FAULT_CONFIG_UNSAFE,
		    "%s: others can read or write it (chmod %s helps)", path,
		    (forbidden & S_IRGRP) != 0 ? "600" : "o=,g-w");
	else
		return fd;
	close(fd);
	return -1;
}

/* Reads the file's one line of printable ASCII without blanks: its length; -1: fault. */
static ssize_t
line_read(int fd, const char *path, char line[SECRET_SIZE], struct fault *fault)
{
	ssize_t length = pread(fd, line, SECRET_SIZE - 1, 0);

	if (length < 0)
		return fault_set(fault, FAULT_CONFIG_UNREADABLE, "%s: %s", path, strerror(errno));
	while (length > 0 && strchr(" \t\r\n", line[length - 1]) != NULL)
		length--;
	line[length] = '\0';
	for (ssize_t i = 0; i < length; i++)
		if (line[i] <= ' ' || line[i] > '~')
			length = 0;
	if (length == 0)
		return fault_set(fault, FAULT_CONFIG_MALFORMED,
		    "%s: must be one line of letters and digits, and nothing else", path);
	return length;
}

int
secret_read(struct secret *secret, const char *path, struct fault *fault)
{
	int fd = secret_open(path, S_IRWXG | S_IRWXO, fault);
	ssize_t length = -1;

	if (fd < 0)
		return -1;
	secret->size = SECRET_SIZE;
	secret->bytes =
	    mmap(NULL, secret->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (secret->bytes == MAP_FAILED) {
		secret->bytes = NULL;
		fault_memory(fault);
		goto out;
	}
	/* What the kernel does not know of these is a second wall, too. */
	madvise(secret->bytes, secret->size, MADV_DONTDUMP);
#ifdef MADV_WIPEONFORK
	madvise(secret->bytes, secret->size, MADV_WIPEONFORK);
#endif
	if (mlock(secret->bytes, secret->size) != 0) {
		fault_set(fault, FAULT_MEMORY, "%s: cannot be locked in memory: %s (see ulimit -l)",
		    path, strerror(errno));
		goto out;
	}
	length = line_read(fd, path, secret->bytes, fault);
	secret->length = length < 0 ? 0 : (size_t)length;
out:
	close(fd);
	return length < 0 ? -1 : 0;
}

void
secret_wipe(struct secret *secret)
{
	if (secret->bytes != NULL) {
		explicit_bzero(secret->bytes, secret->size);
		munmap(secret->bytes, secret->size);
	}
	*secret = (struct secret){ 0 };
}

int
signature_read(const char *path, char *text, struct fault *fault)
{
	int fd = secret_open(path, S_IWGRP | S_IRWXO, fault);
	ssize_t length;

	if (fd < 0)
		return -1;
	length = line_read(fd, path, text, fault);
	close(fd);
	return length < 0 ? -1 : 0;
}

/* Root becomes that user for good. */
static int
user_become(uid_t uid, gid_t gid, struct fault *fault)
{
	const struct passwd *user = getpwuid(uid);

	if ((user == NULL ? setgroups(0, NULL) : initgroups(user->pw_name, user->pw_gid)) != 0 ||
	    setgid(user == NULL ? gid : user->pw_gid) != 0 || setuid(uid) != 0)
		return fault_set(fault, FAULT_LOG_UNSAFE, "cannot become user %lu: %s",
		    (unsigned long)uid, strerror(errno));
	if (setuid(0) == 0 || geteuid() == 0 || getuid() == 0)
		return fault_set(fault, FAULT_LOG_UNSAFE, "cannot stop being root");
	/* Where msgext-ship looks for passwords and services; root's it could not read. */
	if ((user == NULL ? unsetenv("HOME") : setenv("HOME", user->pw_dir, 1)) != 0)
		return fault_memory(fault);
	return dump_forbid(fault); /* the step may have allowed it again */
}

int
owner_become(const char *data_dir, struct fault *fault)
{
	struct stat status;

	if (stat(data_dir, &status) != 0)
		return fault_set(fault, FAULT_DATA_DIR, "data_dir: %s: %s", data_dir,
		    strerror(errno));
	if (status.st_uid == 0)
		return fault_set(fault, FAULT_CONFIG_UNSAFE,
		    "data_dir: %s: belongs to root; it must be the receiver's user's (chown it)",
		    data_dir);
	if (geteuid() == 0)
		return user_become(status.st_uid, status.st_gid, fault);
	if (geteuid() != status.st_uid)
		return fault_set(fault, FAULT_LOG_UNSAFE,
		    "data_dir: %s: belongs to user %lu, not %lu; run this as that user, or as root",
		    data_dir, (unsigned long)status.st_uid, (unsigned long)geteuid());
	return 0;
}
