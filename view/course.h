/*
 * course.h - how a message's answers came: when each did, and how many there were at some versions
 *
 *	struct course *course = course_new();		NULL: no memory
 *	while (there is a record of the message)
 *		course_fold(course, &record);		-1: no memory
 *	time = course_time(course, key, seq);
 *	count = course_line(course, line);
 *	course_free(course);
 */
#ifndef VIEW_COURSE_H
#define VIEW_COURSE_H

#include <stddef.h>
#include <stdint.h>

struct course;
struct record;
struct result_moment;

struct course *course_new(void);
void course_free(struct course *course);

/* Takes the next record in, in the order of the log.  -1: no memory. */
int course_fold(struct course *course, const struct record *record);

/* When the key's newest change, which is of that version, arrived first; -1: not known. */
int64_t course_time(const struct course *course, const char *key, uint64_t seq);

/*
 * The number of answers at some versions, in order, of the last one at least: how many are put into
 * line, at most RESULT_LINE_MAX.
 */
size_t course_line(struct course *course, struct result_moment *line);

#endif
