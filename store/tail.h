/* tail.h - a log's end: is it whole, and what is done where it is not */
#ifndef STORE_TAIL_H
#define STORE_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct fault;
struct log;

/* Would the next append leave a last line of these bytes (newline left out) where it is, and not set it aside? */
bool store_line_is_whole(const char *line, size_t length);

/*
 * Up to where the next append would leave an open log of that size as it is, without a lock: end.  Fails
 * as store_append, in fault, where the log cannot be read.  Where the last line is whole that is all of
 * it, also where the append would look for gaps that a power cut left: who waited for that could
 * withhold lines that were acknowledged, behind damage of another kind, for ever.
 */
int store_tail_look(int fd, off_t size, off_t *end, struct fault *fault);

/*
 * Makes the locked log end in a whole line, or be empty.  0; LOG_RETRY: it was replaced; -1: fault.
 */
int tail_repair(struct log *log);

#endif
