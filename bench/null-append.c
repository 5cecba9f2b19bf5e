/*
 * null-append.c - null-append DIR PROCESSES LINES one|many: so many processes
 * do nothing but open, lock, write, fdatasync, unlock and close, on one file or on
 * one each.  Prints the lines a second.
 */
#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "append.h"

int
main(int argc, char **argv)
{
	struct timespec start, end;
	int processes, lines, status, failed = 0;

	if (argc != 5)
		return 64;
	processes = atoi(argv[2]);
	lines = atoi(argv[3]);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < processes; i++) {
		char path[4096];

		if (fork() != 0)
			continue;
		snprintf(path, sizeof(path), "%s/null.%d", argv[1],
		    strcmp(argv[4], "one") == 0 ? 0 : i);
		for (int j = 0; j < lines; j++)
			if (append_bare(path, true) != 0)
				_exit(1);
		_exit(0);
	}
	while (wait(&status) > 0)
		failed += status != 0;
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%.1f\n",
	    processes * lines /
		((double)(end.tv_sec - start.tv_sec) +
		    (double)(end.tv_nsec - start.tv_nsec) / 1e9));
	return failed == 0 ? 0 : 1;
}
