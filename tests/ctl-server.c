/*
 * ctl-server.c - msgextctl without what a process costs, and at any time: for tests that ask it a great deal.
 *
 *     ctl-server MILLISECONDS WORD...     once, as msgextctl WORD... at that time since 1970
 *     ctl-server                          answers requests from standard input until it ends:
 *
 *         MILLISECONDS COUNT SIZE newline, COUNT words that end in NUL, SIZE bytes for standard input
 *         STATUS SIZE SIZE newline, what it printed, what it said on standard error
 *
 * Each request is a process of its own, so that no command sees what one before it has left in memory.
 * The disk is not waited for.
 */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX 32

/* ctl/msgextctl.c's own main */
int msgextctl_main(int argc, char **argv);

static int64_t ahead; /* nanoseconds, of the machine's clock */

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	if (result == 0 && clock == CLOCK_REALTIME) {
		int64_t time = (int64_t)now->tv_sec * 1000000000 + now->tv_nsec + ahead;

		*now = (struct timespec){ time / 1000000000, time % 1000000000 };
	}
	return result;
}

int
fsync(int fd)
{
	(void)fd;
	return 0;
}

int
fdatasync(int fd)
{
	(void)fd;
	return 0;
}

static void
clock_set(int64_t milliseconds)
{
	struct timespec now;

	ahead = 0;
	clock_gettime(CLOCK_REALTIME, &now);
	ahead = milliseconds * 1000000 - ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
}

/* Copies what a command printed to standard output. */
static void
print_copied(int fd, size_t size)
{
	static char block[65536];

	for (size_t at = 0; at < size;) {
		ssize_t count = pread(fd, block, sizeof(block), (off_t)at);

		if (count <= 0)
			exit(1);
		fwrite(block, 1, (size_t)count, stdout);
		at += (size_t)count;
	}
}

static void
request_answer(char **words, int count, const int streams[3])
{
	off_t sizes[3];
	int status;
	pid_t child;

	for (int i = 1; i < 3; i++)
		if (ftruncate(streams[i], 0) != 0)
			exit(1);
	child = fork();
	if (child == 0) {
		for (int i = 0; i < 3; i++) {
			lseek(streams[i], 0, SEEK_SET);
			dup2(streams[i], i);
		}
		exit(msgextctl_main(count, words));
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		exit(1);
	for (int i = 1; i < 3; i++)
		sizes[i] = lseek(streams[i], 0, SEEK_END);
	printf("%d %lld %lld\n", WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status),
	    (long long)sizes[1], (long long)sizes[2]);
	print_copied(streams[1], (size_t)sizes[1]);
	print_copied(streams[2], (size_t)sizes[2]);
	fflush(stdout);
}

/* Reads the words and the input of a request: false: it is none. */
static int
request_read(char **words, int count, size_t size, int input)
{
	static char block[1 << 22];
	size_t used = 0;

	words[0] = block;
	strcpy(block, "msgextctl");
	used = strlen(block) + 1;
	for (int i = 1; i <= count; i++) {
		int byte;

		words[i] = block + used;
		do {
			byte = getchar();
			if (byte == EOF || used == sizeof(block))
				return 0;
			block[used++] = (char)byte;
		} while (byte != '\0');
	}
	words[count + 1] = NULL;
	return size <= sizeof(block) - used && fread(block + used, 1, size, stdin) == size &&
	    ftruncate(input, 0) == 0 && pwrite(input, block + used, size, 0) == (ssize_t)size;
}

int
main(int argc, char **argv)
{
	int streams[3], count;
	char *words[WORDS_MAX + 2];
	long long time;
	size_t size;

	if (argc > 2) {
		clock_set(strtoll(argv[1], NULL, 10));
		return msgextctl_main(argc - 1, argv + 1);
	}
	for (int i = 0; i < 3; i++)
		streams[i] = memfd_create("stream", MFD_CLOEXEC);
	while (scanf("%lld %d %zu", &time, &count, &size) == 3 && getchar() == '\n' &&
	    count <= WORDS_MAX && request_read(words, count, size, streams[0])) {
		clock_set(time);
		request_answer(words, count + 1, streams);
	}
	return 0;
}
