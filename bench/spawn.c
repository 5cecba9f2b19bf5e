/*
 * spawn.c - spawn COUNT INPUT OUTPUT PROGRAM [ARGUMENT...]: runs the program so many times, one after
 * the other, each with these files, and its environment is ours.  Prints of the time from spawn to
 * exit the median and the least in microseconds; then the processor's time in microseconds and the
 * memory in KiB, of the last run.
 *
 * posix_spawn, as servers do: what a fork of a large process would cost is no program's cost.  Nor is
 * its memory: the kernel counts what a process had before exec.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/times.h"

extern char **environ;

/* usage: filled in. */
static int
run_once(char **words, struct rusage *usage)
{
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, words[0], O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, words[1],
	    O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (posix_spawnp(&pid, words[2], &actions, NULL, words + 2, environ) != 0 ||
	    wait4(pid, &status, 0, usage) != pid)
		return -1;
	posix_spawn_file_actions_destroy(&actions);
	return status == 0 ? 0 : -1;
}

static double
microseconds(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e6 +
	    (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

int
main(int argc, char **argv)
{
	int count = argc < 5 ? 0 : atoi(argv[1]);
	double *times = calloc((size_t)count + 1, sizeof(*times));
	struct rusage usage = { 0 };

	if (count <= 0 || times == NULL)
		return 64;
	for (int i = 0; i < count; i++) {
		times[i] = now_milliseconds();
		if (run_once(argv + 2, &usage) != 0)
			return 1;
		times[i] = (now_milliseconds() - times[i]) * 1e3;
	}
	qsort(times, (size_t)count, sizeof(*times), double_compare);
	printf("%.1f %.1f %.1f %ld\n", times[count / 2], times[0], microseconds(&usage),
	    usage.ru_maxrss);
	return 0;
}
