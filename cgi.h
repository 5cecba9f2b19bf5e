/* cgi.h - a process that a web server starts, for one request (RFC 3875) or for more */
#ifndef CGI_H
#define CGI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Has a web server started this process for a request?  Then its arguments are a client's. */
bool cgi_is_request(void);

/*
 * Makes descriptors 0 to 2 safe to use, lets all signals in, and ignores SIGPIPE.  To be called
 * before anything is opened.  -1: a descriptor is closed, and /dev/null cannot be opened.
 */
int cgi_prepare(void);

/* From here on no signal ends the process: what it has begun is done to its end. */
void cgi_hold(void);

/*
 * Reads the body from standard input, as struct request's read.  context: a bool, which
 * becomes true at the end of the body.  Calls cgi_hold once the body is whole.
 */
ssize_t cgi_read(void *context, char *buffer, size_t size, int64_t deadline);

/* Ends an answer that was given before the body was read to its end. */
void cgi_close(void);

/* "Not Found" of 404; that of 500 where the status is none of ours. */
const char *status_phrase(int status);

/*
 * Reads and drops what a peer still sends after its answer, until it closes; where somebody waits at
 * the listening socket, for a fifth of a second or a pause of 50 ms; else until it was silent for 1.8 s.
 * Then no more is let in, and nothing is left unread, which would turn the answer into a reset.
 * listener: -1 where there is none, which is as if somebody waited.
 */
void input_drop(int fd, int listener);

#endif
