/*
 * parts.h - a log in parts, each read by a thread
 *
 *	struct parts parts;
 *
 *	if (parts_make(&parts, ctl, &source, parts_wanted(ctl, source.size)) != 0)
 *		return -1;
 *	set parts.list[i].context, for i < parts.count
 *	parts_run(&parts, work);                      work(&parts.list[i]) of each, perhaps at once
 *	use the contexts
 *	return parts_end(&parts);
 */
#ifndef CTL_PARTS_H
#define CTL_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct ctl;
struct source;

#define PARTS_MAX 16

/* What a thread reads with: ctl_next(part->ctl, part->source, &item) gives the part's records. */
struct part {
	struct ctl *ctl;       /* the first part's is the caller's own, as is its source */
	struct source *source; /* whose log at hand has the part's lines only, numbered from 1 */
	void *context;         /* the caller's */
	/* private */
	off_t begin;
	void (*work)(struct part *part);
};

struct parts {
	struct part list[PARTS_MAX];
	size_t count;
};

/* In how many parts a log of that size is to be read: as many as --threads says, else what is worth it. */
size_t parts_wanted(const struct ctl *ctl, off_t size);
/* Divides the log at hand, of a directory.  -1: ctl->fault, and there is nothing to end. */
int parts_make(struct parts *parts, struct ctl *ctl, struct source *source, size_t count);
/* Calls work for each part; returns when all have returned. */
void parts_run(struct parts *parts, void (*work)(struct part *part));
/*
 * Adds up what could not be read.  -1: ctl->fault is that of the first part that has one, or LOG_CHANGED: the log was
 * cut while it was read, and other lines stand where the parts began.
 */
int parts_end(struct parts *parts);

#endif
