/* tail.h - the end of a log: is it whole, and what to do if it is not */
#ifndef STORE_TAIL_H
#define STORE_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct fault;
struct log;

#define TORN_ENDING ".torn" /* in place of a log's own: what the next append has set aside */

/*
 * Would the next append keep a last line of these bytes (without its newline), and not set it
 * aside?
 */
bool store_line_is_whole(const char *line, size_t length);

/*
 * Finds without a lock, in an open log of that size, up to where the next append would leave the
 * log as it is: end.  Fails as store_append where the log cannot be read.
 *
 * Where the last line is whole, end is the size.  It is so even where the append would look for
 * gaps that a power cut left: a reader that waited for that could hold back acknowledged lines for
 * ever after damage of another kind.
 */
int store_tail_look(int fd, off_t size, off_t *end, struct fault *fault);

/*
 * Makes the locked log end in a whole line, or be empty. 0; LOG_RETRY: it was replaced; -1: fault.
 */
int tail_repair(struct log *log);

#endif
