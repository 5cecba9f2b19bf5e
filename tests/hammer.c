/*
 * hammer.c - hammer DIR GROUP WRITERS LINES [sync|nosync [one|many|ten]]: so
 * many processes append so many lines each, {"n":1} and on, through
 * store_append: to one log, to one each, or to ten logs in turn.
 *
 * Prints "OK ID" for each acknowledged line as it is acknowledged, and at the
 * end the number of failures and the 50th, 99th and 100th percentile of the
 * time that an append took, in milliseconds.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "msgext.h"
#include "tests/times.h"

/* One writer; times: what each append took, negative where it failed. */
static void
hammer(const struct store_options *options, const char *group, const char *spread,
    unsigned long first, unsigned long lines, double *times)
{
	char line[64], told[64], name[64];
	struct fault fault;

	for (unsigned long i = 0; i < lines; i++) {
		int length = snprintf(line, sizeof(line), "{\"n\":%lu}\n", first + i);
		double start = now_milliseconds();
		int result;

		if (strcmp(spread, "one") == 0)
			snprintf(name, sizeof(name), "%s", group);
		else
			snprintf(name, sizeof(name), "%s%lu", group,
			    strcmp(spread, "ten") == 0 ? i % 10 : first / lines);
		result = store_append(options, name, line, (size_t)length,
		    clock_milliseconds() + 1700, NULL, &fault);

		times[i] = now_milliseconds() - start;
		if (result != 0) {
			fprintf(stderr, "%s: %s\n", fault_slug(fault.code), fault.detail);
			times[i] = -times[i];
			continue;
		}
		length = snprintf(told, sizeof(told), "OK %lu\n", first + i);
		if (write(STDOUT_FILENO, told, (size_t)length) != length)
			_exit(1);
	}
}

static void
summary_print(double *times, unsigned long count)
{
	unsigned long failed = 0;

	for (unsigned long i = 0; i < count; i++) {
		failed += times[i] < 0;
		times[i] = times[i] < 0 ? -times[i] : times[i];
	}
	printf("failed %lu ", failed);
	times_print(times, count);
}

int
main(int argc, char **argv)
{
	struct store_options options = { .owner = geteuid(),
		.file_mode = 0600,
		.lock_timeout = 1200 };
	unsigned long writers, lines;
	double *times;

	if (argc < 5)
		return 64;
	options.data_dir = argv[1];
	options.sync = argc > 5 && strcmp(argv[5], "sync") == 0;
	writers = strtoul(argv[3], NULL, 10);
	lines = strtoul(argv[4], NULL, 10);
	times = mmap(NULL, writers * lines * sizeof(*times), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (times == MAP_FAILED)
		return 71;
	umask(077);
	for (unsigned long i = 0; i < writers; i++) {
		if (fork() != 0)
			continue;
		hammer(&options, argv[2], argc > 6 ? argv[6] : "one", i * lines + 1, lines,
		    times + i * lines);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	summary_print(times, writers * lines);
	return 0;
}
