/*
 * parts.c - a log in parts, each read by a thread.
 *
 * The fold of a log does not care about the order of its lines (P4), so a log may be cut where any line
 * begins, its parts be folded at the same time, and the states be merged: with the same answer, to the byte.
 * Where the parts begin is found first, from the log's size when it was opened. All read the one
 * descriptor, by offset, so no part sees another file where the log is replaced meanwhile;
 * the last part alone reads what the log grows by.  A part begins far before the log's end, where writers add
 * lines and take unfinished ones away.  Only who cuts a log by hand lets other lines, or none, stand where a
 * part began; that is looked for at the end, and is an error.
 *
 * A thread shares nothing with another but what nobody changes: each has a copy of the command's own
 * struct ctl, to read with, and a source of its own.  Where the system gives no thread, the parts are
 * read one after the other.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "ctl/ctl.h"
#include "ctl/parts.h"
#include "log/line.h"
#include "log/scan.h"
#include "log/source.h"

#define THREADS_DEFAULT 4                 /* at most, where nobody asks for more */
#define THREADS_LOG_MIN ((off_t)64 << 20) /* bytes of a log for which more than one is worth it */
#define THREAD_STACK                                                                               \
	((size_t)512 << 10) /* a limit on memory must not count the usual 8 MB of each */

/* How many processors this process may use; a control group's share of their time is not looked at. */
static size_t
processor_count(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	return (size_t)CPU_COUNT(&set);
}

size_t
parts_wanted(const struct ctl *ctl, off_t size)
{
	size_t processors;

	if (ctl->from != NULL)
		return 1;
	if (ctl->threads > 0)
		return (size_t)ctl->threads;
	/* Looking for one message is as fast as memory. */
	if (size < THREADS_LOG_MIN || ctl->selection.has_message)
		return 1;
	processors = processor_count();
	return processors < THREADS_DEFAULT ? processors : THREADS_DEFAULT;
}

static void
part_free(struct part *part)
{
	if (part->ctl == NULL)
		return;
	source_close(part->source);
	line_reader_free(&part->ctl->reader);
	free(part->source);
	free(part->ctl);
}

/* Makes a part of the log that the first part has, to be freed even where this fails. */
static int
part_make(struct part *part, const struct part *first, off_t begin, off_t end)
{
	struct fault *fault = &first->ctl->fault;

	part->begin = begin;
	part->ctl = malloc(sizeof(*part->ctl));
	part->source = malloc(sizeof(*part->source));
	if (part->ctl == NULL || part->source == NULL) {
		free(part->ctl);
		free(part->source);
		*part = (struct part){ 0 };
		return fault_memory(fault);
	}
	*part->ctl = *first->ctl;
	part->ctl->fault = (struct fault){ .code = FAULT_NONE };
	part->ctl->reader = (struct line_reader){ 0 };
	part->ctl->unreadable = 0;
	return source_part(first->source, begin, end, part->source, fault);
}

static void
parts_free(struct parts *parts)
{
	for (size_t i = 1; i < parts->count; i++)
		part_free(&parts->list[i]);
}

int
parts_make(struct parts *parts, struct ctl *ctl, struct source *source, size_t count)
{
	off_t begins[PARTS_MAX + 1] = { 0 };

	*parts = (struct parts){ .list[0] = { .ctl = ctl, .source = source }, .count = 1 };
	for (size_t i = 1; i < count; i++) {
		off_t offset = source->size / (off_t)count * (off_t)i;

		begins[i] = scan_line_begin(&source->scan, offset == 0 ? 1 : offset, &ctl->fault);
		if (begins[i] < 0)
			return -1;
		if (begins[i] == 0) /* the last line has begun before */
			count = i;
	}
	for (size_t i = 1; i < count; i++) {
		parts->count++;
		if (part_make(&parts->list[i], &parts->list[0], begins[i], begins[i + 1]) != 0) {
			parts_free(parts);
			return -1;
		}
	}
	if (count > 1)
		source_limit(source, begins[1]);
	return 0;
}

static void *
part_thread(void *argument)
{
	struct part *part = argument;

	part->work(part);
	return NULL;
}

void
parts_run(struct parts *parts, void (*work)(struct part *part))
{
	pthread_t threads[PARTS_MAX];
	bool runs[PARTS_MAX] = { false };
	pthread_attr_t attributes;
	sigset_t all, before;
	bool ready;

	/* Signals are for the thread that has all the others. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	ready = parts->count > 1 && pthread_attr_init(&attributes) == 0;
	if (ready)
		pthread_attr_setstacksize(&attributes, THREAD_STACK);
	for (size_t i = 1; i < parts->count; i++) {
		parts->list[i].work = work;
		runs[i] = ready &&
		    pthread_create(&threads[i], &attributes, part_thread, &parts->list[i]) == 0;
	}
	if (ready)
		pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	work(&parts->list[0]);
	for (size_t i = 1; i < parts->count; i++) {
		if (runs[i])
			pthread_join(threads[i], NULL);
		else
			work(&parts->list[i]);
	}
}

/* Does each part still begin where a line does? */
static bool
parts_stand(const struct parts *parts)
{
	int fd = parts->list[0].source->scan.fd;

	for (size_t i = 1; i < parts->count; i++) {
		char before;

		if (pread(fd, &before, 1, parts->list[i].begin - 1) != 1 || before != '\n')
			return false;
	}
	return true;
}

int
parts_end(struct parts *parts)
{
	struct ctl *ctl = parts->list[0].ctl;

	for (size_t i = 1; i < parts->count; i++) {
		const struct ctl *other = parts->list[i].ctl;

		ctl->unreadable += other->unreadable;
		if (ctl->fault.code == FAULT_NONE)
			ctl->fault = other->fault;
	}
	if (ctl->fault.code == FAULT_NONE && !parts_stand(parts))
		fault_set(&ctl->fault, FAULT_LOG_CHANGED,
		    "%s: was cut while it was read (try again)", parts->list[0].source->name);
	parts_free(parts);
	return ctl->fault.code == FAULT_NONE ? 0 : -1;
}
