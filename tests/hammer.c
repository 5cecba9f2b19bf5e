/*
 * hammer.c - hammer DIR GROUP WRITERS LINES [sync|nosync [one|many|ten [RECORD [FIRST]]]]:
 * so many processes append so many lines each, {"n":1} and on, through
 * store_append: to one log, to one each, or to ten logs in turn.
 *
 * Prints "OK ID" for each acknowledged line as it is acknowledged, and at the
 * end the number of failures and the 50th, 99th and 100th percentile of the
 * time that an append took, in milliseconds.
 *
 * With RECORD, a file, each line is an event of its own with a value of 10 to 9,000 bytes, and
 * "OK ID MILLISECONDS SIZE" or "NO ID MILLISECONDS SIZE SLUG" is printed: SIZE is the file's then.
 * FIRST is the first line's number, else 1.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/time.h"
#include "store/options.h"
#include "store.h"
#include "tests/times.h"

#define LINE_MAX_LENGTH 10000

struct hammer {
	struct store_options options;
	const char *group;
	const char *spread;
	const char *record; /* or NULL */
	unsigned long lines;
};

static int
line_make(const struct hammer *hammer, unsigned long id, char line[LINE_MAX_LENGTH])
{
	static const int lengths[] = { 10, 300, 700, 10, 1500, 300, 9000 };
	int length = lengths[id % (sizeof(lengths) / sizeof(lengths[0]))];
	char value[LINE_MAX_LENGTH];

	if (hammer->record == NULL)
		return snprintf(line, LINE_MAX_LENGTH, "{\"n\":%lu}\n", id);
	memset(value, 'x', (size_t)length);
	return snprintf(line, LINE_MAX_LENGTH,
	    "{\"time\":\"2025-12-02T15:11:34.395Z\",\"SdkAppid\":1400000000,\"CallbackCommand\":"
	    "\"Group.CallbackAfterGroupMsgExtension\",\"GroupId\":\"%s\",\"MsgSeq\":%lu,"
	    "\"OperateType\":1,\"ExtensionList\":[{\"Key\":\"k%lu\",\"Value\":\"v%lu-%.*s\","
	    "\"Seq\":%lu}],\"Seq\":%lu,\"EventTime\":1764688294360}\n",
	    hammer->group, id, id, id, length, value, id, id);
}

/* What became of a line, in one write: many say it at once. */
static void
result_tell(const struct hammer *hammer, unsigned long id, double time, const struct fault *fault)
{
	struct stat status = { .st_size = 0 };
	char told[128];
	int length;

	if (fault != NULL && hammer->record == NULL) {
		fprintf(stderr, "%s: %s\n", fault_slug(fault->code), fault->detail);
		return;
	}
	if (hammer->record == NULL) {
		length = snprintf(told, sizeof(told), "OK %lu\n", id);
	} else {
		stat(hammer->record, &status);
		length = snprintf(told, sizeof(told), "%s %lu %.0f %lld%s%s\n",
		    fault == NULL ? "OK" : "NO", id, time, (long long)status.st_size,
		    fault == NULL ? "" : " ", fault == NULL ? "" : fault_slug(fault->code));
	}
	if (write(STDOUT_FILENO, told, (size_t)length) != length)
		_exit(1);
}

/* One writer; times: what each append took, negative where it failed. */
static void
hammer_run(const struct hammer *hammer, unsigned long first, double *times)
{
	char line[LINE_MAX_LENGTH], name[64];
	struct fault fault;

	for (unsigned long i = 0; i < hammer->lines; i++) {
		int length = line_make(hammer, first + i, line);
		double start = now_milliseconds();
		int result;

		if (strcmp(hammer->spread, "one") == 0)
			snprintf(name, sizeof(name), "%s", hammer->group);
		else
			snprintf(name, sizeof(name), "%s%lu", hammer->group,
			    strcmp(hammer->spread, "ten") == 0 ? i % 10 : first / hammer->lines);
		result = store_append(&hammer->options,
		    &(struct store_entry){ name, line, (size_t)length,
			clock_milliseconds() + 1700 },
		    NULL, &fault);
		times[i] = now_milliseconds() - start;
		result_tell(hammer, first + i, times[i], result == 0 ? NULL : &fault);
		if (result != 0)
			times[i] = -times[i];
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
	struct hammer hammer = {
		.options = { .owner = geteuid(), .file_mode = 0600, .lock_timeout = 1200 }
	};
	unsigned long writers, first;
	double *times;

	if (argc < 5)
		return 64;
	hammer.options.data_dir = argv[1];
	hammer.options.sync = argc > 5 && strcmp(argv[5], "sync") == 0;
	hammer.group = argv[2];
	hammer.spread = argc > 6 ? argv[6] : "one";
	hammer.record = argc > 7 ? argv[7] : NULL;
	first = argc > 8 ? strtoul(argv[8], NULL, 10) : 1;
	writers = strtoul(argv[3], NULL, 10);
	hammer.lines = strtoul(argv[4], NULL, 10);
	times = mmap(NULL, writers * hammer.lines * sizeof(*times), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (times == MAP_FAILED)
		return 71;
	umask(077);
	for (unsigned long i = 0; i < writers; i++) {
		if (fork() != 0)
			continue;
		hammer_run(&hammer, first + i * hammer.lines, times + i * hammer.lines);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	summary_print(times, writers * hammer.lines);
	return 0;
}
