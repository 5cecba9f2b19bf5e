/*
 * source.c - where a reader's lines come from: a directory's logs, or an engine's rows.
 *
 * Both are logs, one after the other in the order of their names, each a run of
 * lines; whoever folds them need not know which it is.
 *
 * A directory's logs are opened before their turn, so that a disk can look for many at
 * once: a small log takes less time to read than to find.
 *
 * An engine is read by msgext-ship --lines, through a pipe: so the reader needs no
 * database's library, and runs where there is none.  The pipe has, before each log's lines,
 * its name behind a '=', with which no JSON begins.  What msgext-ship says when it
 * ends counts: a pipe that ended is not an answer that is complete.  Nor is the program that PATH
 * leads to believed: names must be names of logs, each once, in order, and the one asked for.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "log/source.h"
#include "base/fault.h"
#include "log/scan.h"
#include "names.h"

#define SHIP_PROGRAM "msgext-ship"

/* the engine's end */

/* The child: becomes msgext-ship, whose output goes to output, or tells errno to failed. */
static void
ship_become(const char *const words[], int output, int failed)
{
	int error;

	if (dup2(output, STDOUT_FILENO) >= 0)
		execvp(SHIP_PROGRAM, (char *const *)words);
	error = errno;
	(void)!write(failed, &error, sizeof(error));
	_exit(EX_UNAVAILABLE);
}

/*
 * Starts it: 0, or errno.  Not by posix_spawn(3), for which the C library takes a call (clone3)
 * that a container's filter may not know.
 */
static int
ship_spawn(const char *const words[], int output, pid_t *pid)
{
	int ends[2], error = 0;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return errno;
	*pid = fork();
	if (*pid == 0)
		ship_become(words, output, ends[1]);
	if (*pid < 0)
		error = errno;
	close(ends[1]);
	/* Its end, once the program runs, is all that there is. */
	while (*pid > 0 && read(ends[0], &error, sizeof(error)) < 0 && errno == EINTR)
		;
	close(ends[0]);
	if (*pid > 0 && error != 0)
		waitpid(*pid, NULL, 0);
	return error;
}

/* Starts msgext-ship: the descriptor that its output comes from, or -1. */
static int
ship_start(struct source *source, const struct selection *selection, struct fault *fault)
{
	char number[24];
	const char *words[] = { SHIP_PROGRAM, selection->by_time ? "--lines-by-time" : "--lines",
		"--", source->from, selection->group, NULL, NULL };
	int ends[2], error;

	if (selection->group != NULL && selection->has_message) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)selection->message);
		words[5] = number;
	}
	if (pipe2(ends, O_CLOEXEC) != 0)
		return fault_set(fault, FAULT_ENGINE, "a pipe: %s", strerror(errno));
	error = ship_spawn(words, ends[1], &source->ship);
	close(ends[1]);
	if (error == 0)
		return ends[0];
	close(ends[0]);
	source->ship = 0;
	return fault_set(fault, FAULT_ENGINE, "%s: %s", SHIP_PROGRAM, strerror(error));
}

/* Its output has ended: 0, where it has said all that there is; -1. */
static int
ship_end(struct source *source, struct fault *fault)
{
	pid_t pid = source->ship;
	int status = 0;

	source->ship = 0;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fault_set(fault, FAULT_ENGINE, "%s: %s", SHIP_PROGRAM,
			    strerror(errno));
	if (WIFEXITED(status) && WEXITSTATUS(status) == EX_OK)
		return 0;
	return fault_set(fault, FAULT_ENGINE, "%s ended before it had said all", SHIP_PROGRAM);
}

static int
pipe_open(struct source *source, const struct selection *selection, struct fault *fault)
{
	int fd = ship_start(source, selection, fault);

	if (fd >= 0 && scan_prepare(&source->scan, fault) == 0) {
		source->scan.fd = fd;
		source->scan.file_size = INT64_MAX; /* it ends where reading gives nothing */
		return 0;
	}
	if (fd >= 0)
		close(fd);
	source_close(source);
	return -1;
}

static int
pipe_fault(struct fault *fault, const char *what)
{
	return fault_set(fault, FAULT_ENGINE, "what %s says makes no sense: %s", SHIP_PROGRAM,
	    what);
}

/* The next line of the pipe, whichever log's: 1, 0 at its end, -1. */
static int
pipe_next(struct source *source, struct fault *fault)
{
	int result = scan_next(&source->scan, &source->held, fault);

	/* A file that cannot be read could be skipped; a pipe is all that there is. */
	if (result < 0 && fault->code == FAULT_OPEN_FAILED)
		fault->code = FAULT_ENGINE;
	if (result == 1 && source->held.overlong)
		return pipe_fault(fault, "a line is longer than any of ours");
	if (result != 0)
		return result;
	if (ship_end(source, fault) != 0)
		return -1;
	return scan_unfinished(&source->scan) == 0 ? 0
						   : pipe_fault(fault, "its last line has no end");
}

static bool
line_is_name(const struct line *line)
{
	return line->length > 0 && line->bytes[0] == '=';
}

/* Takes the line that is held as the next log's name: 1, -1. */
static int
name_take(struct source *source, struct fault *fault)
{
	char name[STORE_NAME_SIZE];
	size_t length = source->held.length - 1;

	if (length >= sizeof(name))
		return pipe_fault(fault, "no log has so long a name");
	memcpy(name, source->held.bytes + 1, length);
	name[length] = '\0';
	if (strlen(name) != length || !scan_name_is_log(name))
		return pipe_fault(fault, "it names what is no log");
	if (strcmp(name, source->name) <= 0)
		return pipe_fault(fault, "the logs are not in order");
	if (source->wanted[0] != '\0' && strcmp(name, source->wanted) != 0)
		return pipe_fault(fault, "it is about another group");
	strcpy(source->name, name);
	return 1;
}

/* Goes to the next log's name: 1, 0, -1. */
static int
pipe_log(struct source *source, struct fault *fault)
{
	int result = source->ship == 0 ? 0 : 1;

	/* The one before may have been left half read. */
	while (result == 1 && !source->holds) {
		result = pipe_next(source, fault);
		source->holds = result == 1 && line_is_name(&source->held);
		if (result == 1 && !source->holds && source->name[0] == '\0')
			return pipe_fault(fault, "a line is of no log");
	}
	if (result != 1)
		return result;
	source->holds = false;
	source->size = 0;
	return name_take(source, fault);
}

static int
pipe_line(struct source *source, struct line *line, struct fault *fault)
{
	int result = source->holds ? 0 : pipe_next(source, fault);

	if (result != 1)
		return result;
	source->holds = line_is_name(&source->held);
	if (source->holds)
		return 0;
	*line = source->held;
	source->size += (off_t)line->length + 1;
	return 1;
}

/* the directory's */

/* Opens the next log, and some of those after it: 1; 0: there is no other; -1. */
static int
directory_log(struct source *source, struct fault *fault)
{
	int result = 0;

	scan_close(&source->scan);
	while (result == 0 && source->next < source->names.count) {
		const char *name = source->names.names[source->next];

		for (; source->opened < source->names.count &&
		     source->opened < source->next + SOURCE_AHEAD;
		     source->opened++) {
			struct scan *ahead = &source->ahead[source->opened % SOURCE_AHEAD];
			struct fault later; /* tried again in its turn, and reported then */

			if (scan_open_ahead(ahead, source->data_dir,
				source->names.names[source->opened], &later) == 1)
				scan_fetch(ahead);
		}
		strcpy(source->name, name);
		source->scan = source->ahead[source->next++ % SOURCE_AHEAD];
		result = source->scan.fd >= 0
		    ? scan_begin(&source->scan, fault)
		    : scan_open(&source->scan, source->data_dir, name, fault);
		source->size = source->scan.file_size;
	}
	return result;
}

/* The name of one group's log, in a list. */
static int
one_name(struct scan_names *names, const char *data_dir, const char *group, struct fault *fault)
{
	char name[STORE_NAME_SIZE];

	store_name_find(data_dir, group, name);
	names->names = calloc(1, sizeof(char *));
	if (names->names != NULL)
		names->names[0] = strdup(name);
	if (names->names == NULL || names->names[0] == NULL) {
		free(names->names);
		return fault_memory(fault);
	}
	names->count = 1;
	return 0;
}

/* both */

int
source_open(struct source *source, const char *data_dir, const char *from,
    const struct selection *selection, struct fault *fault)
{
	const char *group = selection->group;

	*source = (struct source){ .data_dir = data_dir, .from = from, .scan.fd = -1 };
	if (selection->has_message)
		snprintf(source->needle, sizeof(source->needle), "\"MsgSeq\":%llu",
		    (unsigned long long)selection->message);
	if (from != NULL && group != NULL)
		store_name(group, source->wanted);
	if (from != NULL)
		return pipe_open(source, selection, fault);
	return group == NULL ? scan_list(data_dir, &source->names, fault)
			     : one_name(&source->names, data_dir, group, fault);
}

int
source_log(struct source *source, struct fault *fault)
{
	return source->from != NULL ? pipe_log(source, fault) : directory_log(source, fault);
}

int
source_line(struct source *source, struct line *line, struct fault *fault)
{
	int result;

	if (source->from != NULL)
		return pipe_line(source, line, fault);
	result = source->needle[0] != '\0' ? scan_find(&source->scan, source->needle, line, fault)
					   : scan_next(&source->scan, line, fault);
	return result < 0 && fault->code == FAULT_OPEN_FAILED ? fault_name(fault, source->name)
							      : result;
}

void
source_close(struct source *source)
{
	struct fault ignored; /* nobody asked for the rest */

	scan_close(&source->scan);
	while (source->next < source->opened)
		scan_close(&source->ahead[source->next++ % SOURCE_AHEAD]);
	scan_names_free(&source->names);
	if (source->ship != 0)
		ship_end(source, &ignored);
}

int
source_part(const struct source *source, off_t begin, off_t end, struct source *part,
    struct fault *fault)
{
	*part = (struct source){ .size = source->size, .data_dir = source->data_dir };
	strcpy(part->name, source->name);
	strcpy(part->needle, source->needle);
	return scan_part(&source->scan, begin, end, &part->scan, fault);
}

void
source_limit(struct source *source, off_t end)
{
	source->scan.limit = end;
}
