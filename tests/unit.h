/* unit.h - what the unit tests share: cmocka speaking TAP, a scratch directory. */
#ifndef UNIT_H
#define UNIT_H

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* The documented sample event. */
#define BODY_SET                                                                                   \
	"{\"CallbackCommand\":\"Group.CallbackAfterGroupMsgExtension\",\"GroupId\":\"test\","      \
	"\"MsgSeq\":10,\"OperateType\":1,\"ExtensionList\":[{\"Key\":\"key2\",\"Value\":"          \
	"\"value2\",\"Seq\":56},{\"Key\":\"key3\",\"Value\":\"12122\",\"Seq\":56}],\"Seq\":56,"    \
	"\"EventTime\":1764688294360}"

static char scratch[64];

/* The seed of a random test: MSGEXT_SEED, or another each time.  It is printed. */
static inline uint64_t
seed_make(void)
{
	const char *given = getenv("MSGEXT_SEED");
	uint64_t seed = given != NULL ? strtoull(given, NULL, 10)
				      : (uint64_t)time(NULL) * 1000 + (uint64_t)getpid() % 1000;

	print_message("# MSGEXT_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

/* How many times slower than usual the program runs: MSGEXT_SLOWNESS, which valgrind.sh and coverage.sh set. */
static inline int
slowness(void)
{
	const char *given = getenv("MSGEXT_SLOWNESS");

	return given != NULL ? atoi(given) : 1;
}

/* A group set-up: an empty directory of mode 0700 in scratch. */
static inline int
scratch_make(void **state)
{
	(void)state;
	strcpy(scratch, "/tmp/msgext-unit.XXXXXX");
	return mkdtemp(scratch) == NULL ? -1 : 0;
}

static inline int
scratch_remove(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", scratch);
	return system(command);
}

/* The path of a file in scratch, in a buffer that the next call reuses. */
static inline const char *
file_path(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	return path;
}

/* Writes a file into scratch; its path, as file_path has it. */
static inline const char *
file_write(const char *name, const void *bytes, size_t length)
{
	const char *path = file_path(name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
	return path;
}

/* Reads a file of scratch, NUL-terminated; the caller frees it.  NULL where there is none. */
static inline char *
file_load(const char *name, size_t *length)
{
	struct stat status;
	FILE *file = fopen(file_path(name), "r");
	char *bytes;

	if (file == NULL)
		return NULL;
	assert_int_equal(fstat(fileno(file), &status), 0);
	bytes = calloc(1, (size_t)status.st_size + 1);
	assert_non_null(bytes);
	*length = fread(bytes, 1, (size_t)status.st_size, file);
	fclose(file);
	return bytes;
}

/* A file of scratch must hold exactly that text; NULL: must not be there. */
static inline void
holds(const char *name, const char *expected)
{
	size_t length = 0;
	char *got = file_load(name, &length);

	if (expected == NULL) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_int_equal(length, strlen(got));
	assert_string_equal(got, expected);
	free(got);
}

/* How many files of scratch have a name that ends so, and does not begin with a dot. */
static inline size_t
files_count(const char *ending)
{
	DIR *directory = opendir(scratch);
	size_t count = 0;

	assert_non_null(directory);
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		size_t length = strlen(entry->d_name), tail = strlen(ending);

		count += entry->d_name[0] != '.' && length > tail &&
		    strcmp(entry->d_name + length - tail, ending) == 0;
	}
	closedir(directory);
	return count;
}

/* A child that locks the file, tells so, does what it is told, and waits to be killed. */
static inline pid_t
holder_start(const char *name, const char *rename_to, bool again)
{
	char path[192], to[192];
	int ready[2];
	pid_t pid;
	char byte;

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	snprintf(to, sizeof(to), "%s/%s", scratch, rename_to == NULL ? "" : rename_to);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		int fd = open(path, O_RDWR | O_CREAT, 0600);

		if (fd < 0 || fcntl(fd, F_SETLK, &lock) != 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		if (rename_to != NULL) {
			usleep(100000); /* let the writer wait for the lock */
			rename(path, to);
			_exit(again && open(path, O_RDWR | O_CREAT | O_EXCL, 0600) < 0);
		}
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static inline void
holder_end(pid_t holder)
{
	kill(holder, SIGKILL);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
}

/*
 * A function between the modules and the C library, where the linker's --wrap puts it.  It gives failure
 * where failing is true, which sets errno, and what the library's gives otherwise.  Its name may be another in
 * another C library: the compiler is told so for what begins with __wrap_ and __real_.
 */
#define WRAP_WHERE(failing, type, name, failure, parameters, arguments)                            \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		return (failing) ? (failure) : __real_##name arguments;                            \
	}
/* Likewise, where the test's own function fails says so of the name. */
#define WRAP(type, name, failure, parameters, arguments)                                           \
	WRAP_WHERE(fails(#name), type, name, failure, parameters, arguments)

/* Leaves a test that this machine cannot do; cmocka's own skip() counts as failed under prove. */
#define LEAVE(why)                                                                                 \
	do {                                                                                       \
		puts("# left out: " why);                                                          \
		return;                                                                            \
	} while (0)

/*
 * What a test has to say about a failure goes to standard error: prove shows that without -v, and
 * standard output only with it.  cmocka writes it among its results: lines that begin with '#'
 * after a "not ok".
 */
static inline void
results_copy(FILE *results)
{
	char line[4096];
	bool failed = false, begins = true;

	while (fgets(line, sizeof(line), results) != NULL) {
		if (begins && (strncmp(line, "ok ", 3) == 0 || strncmp(line, "not ok ", 7) == 0))
			failed = line[0] == 'n';
		fputs(line, stdout);
		fflush(stdout);
		if (failed)
			fprintf(stderr, "%s%s", begins && line[0] != '#' ? "# " : "", line);
		begins = strchr(line, '\n') != NULL;
	}
}

static pid_t results_child;

static inline void
results_stop(int signal)
{
	(void)signal;
	kill(-results_child, SIGKILL);
}

/*
 * Leaves this process, with its standard output, to the child; the parent copies what comes.  The
 * child and what it starts are ended after 20 minutes, and whatever is left of them when it ends.
 */
static inline void
results_begin(void)
{
	int ends[2], status;
	siginfo_t ended;
	FILE *results;

	fflush(stdout);
	assert_int_equal(pipe(ends), 0);
	results_child = fork();
	assert_true(results_child >= 0);
	setpgid(results_child, 0);
	if (results_child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		return;
	}
	close(ends[1]);
	signal(SIGALRM, results_stop);
	alarm(1200);
	results = fdopen(ends[0], "r");
	results_copy(results);
	fclose(results);
	/* Until it is waited for, its number is no other's. */
	waitid(P_PID, (id_t)results_child, &ended, WEXITED | WNOWAIT);
	kill(-results_child, SIGKILL);
	waitpid(results_child, &status, 0);
	if (WIFSIGNALED(status))
		fprintf(stderr, "# the tests were ended by signal %d\n", WTERMSIG(status));
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* Enters the tree that this program was built in; leaves where its sources are newer. */
static inline void
tree_enter(void)
{
	char path[512];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	assert_true(length > 0);
	path[length] = '\0';
	*strstr(path, "/build/tests/") = '\0';
	assert_int_equal(chdir(path), 0);
	if (system("sh tests/fresh.sh units") != 0)
		exit(1);
}

#define RUN(tests)                                                                                 \
	(tree_enter(), results_begin(), cmocka_set_message_output(CM_OUTPUT_TAP),                  \
	    cmocka_run_group_tests(tests, scratch_make, scratch_remove))

#endif
