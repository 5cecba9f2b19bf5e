/*
 * spawn.c - spawn COUNT BODY PROGRAM [ARGUMENT...]: runs the program so many times, one after the
 * other, each with the file BODY as its standard input, and prints the microseconds from spawn to
 * exit of the median run and of the fastest.  Its output goes to /dev/null; its environment is ours.
 *
 * posix_spawn, as servers do: what a fork of a large process would cost is no program's cost.
 */
#include <sys/wait.h>

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/times.h"

extern char **environ;

static int
run_once(const char *body, char **command)
{
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, body, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, command[0], &actions, NULL, command, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid)
		return -1;
	posix_spawn_file_actions_destroy(&actions);
	return status == 0 ? 0 : -1;
}

int
main(int argc, char **argv)
{
	int count = argc < 4 ? 0 : atoi(argv[1]);
	double *times = calloc((size_t)count + 1, sizeof(*times));

	if (count <= 0 || times == NULL)
		return 64;
	for (int i = 0; i < count; i++) {
		times[i] = now_milliseconds();
		if (run_once(argv[2], argv + 3) != 0)
			return 1;
		times[i] = (now_milliseconds() - times[i]) * 1e3;
	}
	qsort(times, (size_t)count, sizeof(*times), double_compare);
	printf("%.1f %.1f\n", times[count / 2], times[0]);
	return 0;
}
