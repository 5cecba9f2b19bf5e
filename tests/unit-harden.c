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

/* The same of one that reads: a file that is there, and one that is not. */
static int
trial_of_reading(const char *before)
{
	char path[192];
	int wrong = 0;

	snprintf(path, sizeof(path), "%s/data", scratch);
	harden(path, HARDEN_READ);
	wrong |= prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ? 1 : 0;
	wrong |= open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES ? 2 : 0;
	wrong |= open(before, O_RDONLY) >= 0 ? 4 : 0;
	wrong |= open(path, O_RDONLY | O_DIRECTORY) < 0 ? 8 : 0;
	snprintf(path, sizeof(path), "%s/data/there", scratch);
	wrong |= open(path, O_RDONLY) < 0 ? 16 : 0;
	wrong |= open(path, O_WRONLY) >= 0 || errno != EACCES ? 32 : 0;
	wrong |= truncate(path, 0) == 0 || unlink(path) == 0 ? 64 : 0;
	snprintf(path, sizeof(path), "%s/data/new", scratch);
	wrong |= open(path, O_RDWR | O_CREAT, 0600) >= 0 || mkdir(path, 0700) == 0 ? 128 : 0;
	return wrong;
}

/* Bit by bit, what a hardened process could do that it should not, or not do that it should. */
static int
trial(const char *before)
{
	char path[192];
	int fd, wrong = 0;

	snprintf(path, sizeof(path), "%s/data", scratch);
	harden(path, HARDEN_APPEND);
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

/* Of one that starts others: they run, and read what they are given, and nothing else. */
static int
trial_of_others(const char *before)
{
	char path[192], other[192], given[192];
	const char *const paths[] = { "/usr", "/lib", "/lib64", "/bin", given, "/no/such", NULL };
	int quiet = open("/dev/null", O_RDWR), status = -1, wrong = 0;
	pid_t child;

	snprintf(path, sizeof(path), "%s/data", scratch);
	snprintf(given, sizeof(given), "%s/given", scratch);
	harden_with(path, HARDEN_REPLACE, paths);
	wrong |= open(before, O_RDONLY) >= 0 ? 1 : 0;
	wrong |= open(given, O_RDONLY) < 0 || open(given, O_WRONLY) >= 0 ? 2 : 0;
	wrong |= open("/etc/passwd", O_RDONLY) >= 0 ? 4 : 0;
	snprintf(path, sizeof(path), "%s/data/new", scratch);
	snprintf(other, sizeof(other), "%s/data/old", scratch);
	wrong |= open(path, O_RDWR | O_CREAT, 0600) < 0 || rename(path, other) != 0 ? 8 : 0;
	wrong |= unlink(other) != 0 ? 16 : 0;
	snprintf(other, sizeof(other), "%s/moved", scratch);
	wrong |= open(path, O_RDWR | O_CREAT, 0600) < 0 || rename(path, other) == 0 ? 32 : 0;
	child = fork();
	if (child == 0) {
		/* It is under the same wall. */
		dup2(quiet, STDOUT_FILENO);
		dup2(quiet, STDERR_FILENO);
		execl("/bin/sh", "sh", "-c", "cat \"$0\" && ! cat \"$1\" && ! (: >\"$2\")", given,
		    before, other, (char *)NULL);
		_exit(1);
	}
	waitpid(child, &status, 0);
	return wrong | (status != 0 ? 64 : 0);
}

/* What one of them finds wrong, in a process of its own. */
static int
tried(int (*try)(const char *before))
{
	char secret[512];
	int status;
	pid_t child;

	snprintf(secret, sizeof(secret), "%s", file_write("secret", "x", 1));
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(try(secret));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
p7_nothing_but_the_data_can_be_opened(void **state)
{
	(void)state;
	if (landlock_version() < 1)
		LEAVE("no Landlock");
	assert_int_equal(mkdir(file_path("data"), 0700), 0);
	assert_int_equal(tried(trial), 0);
}

/* Landlock denies truncate(2) from its third version on. */
static void
who_reads_can_write_nothing(void **state)
{
	(void)state;
	if (landlock_version() < 3)
		LEAVE("no Landlock of version 3");
	file_write("data/there", "x", 1);
	assert_int_equal(tried(trial_of_reading), 0);
	holds("data/there", "x");
}

static void
others_read_what_they_are_given(void **state)
{
	(void)state;
	if (landlock_version() < 1)
		LEAVE("no Landlock");
	file_write("given", "x", 1);
	assert_int_equal(tried(trial_of_others), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p7_nothing_but_the_data_can_be_opened),
		cmocka_unit_test(who_reads_can_write_nothing),
		cmocka_unit_test(others_read_what_they_are_given),
	};

	return RUN(tests);
}
