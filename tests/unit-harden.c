/* What a hardened process can still open: the data directory, and nothing else (P7). */
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>

#include "base/harden.h"
#include "unit.h"

/* The kernel's Landlock version; -1 where it has none or is not asked. */
static long
landlock_version(void)
{
#if defined(SYS_landlock_create_ruleset) && !defined(MSGEXT_WITHOUT_LANDLOCK)
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
#else
	return -1;
#endif
}

/* Bit by bit, what a hardened process could do that it should not, or not do that it should. */
static int
trial(const char *before)
{
	char path[192];
	int fd, wrong = 0;

	snprintf(path, sizeof(path), "%s/data", scratch);
	harden(path);
	wrong |= prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ? 1 : 0;
	wrong |= open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES ? 2 : 0;
	wrong |= open(before, O_RDONLY) >= 0 ? 4 : 0;
	snprintf(path, sizeof(path), "%s/outside", scratch);
	wrong |= open(path, O_RDWR | O_CREAT, 0600) >= 0 ? 8 : 0;
	snprintf(path, sizeof(path), "%s/data/inside", scratch);
	fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0600);
	wrong |= fd < 0 || write(fd, "x", 1) != 1 || ftruncate(fd, 0) != 0 ? 16 : 0;
	wrong |= unlink(path) == 0 ? 32 : 0;
	snprintf(path, sizeof(path), "%s/data", scratch);
	wrong |= open(path, O_RDONLY | O_DIRECTORY) < 0 ? 64 : 0;
	return wrong;
}

static void
p7_nothing_but_the_data_can_be_opened(void **state)
{
	char directory[192], secret[512];
	int status;
	pid_t child;

	(void)state;
	if (landlock_version() < 1)
		LEAVE("no Landlock");
	snprintf(secret, sizeof(secret), "%s", file_write("secret", "x", 1));
	snprintf(directory, sizeof(directory), "%s/data", scratch);
	assert_int_equal(mkdir(directory, 0700), 0);
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(trial(secret));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p7_nothing_but_the_data_can_be_opened),
	};

	return RUN(tests);
}
