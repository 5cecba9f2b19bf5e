/*
 * null-cgi.c - the least that a CGI program can do: it takes the body, and answers
 * alike.  Built with APPEND it appends a line to test.jsonl in PEER_DATA; built with GET it
 * takes no body.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "append.h"

#ifdef APPEND
static int
append(void)
{
	char path[4096];

	stpcpy(stpcpy(path, getenv("PEER_DATA")), "/test.jsonl");
	return append_bare(path, false);
}
#endif

int
main(void)
{
	static const char answer[] =
	    "Status: 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
	    "Content-Length: "
	    "51\r\n\r\n{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0}\n";
#ifndef GET
	char body[4096];

	if (read(STDIN_FILENO, body, sizeof(body)) <= 0)
		return 1;
#endif
#ifdef APPEND
	if (append() != 0)
		return 1;
#endif
	return write(STDOUT_FILENO, answer, sizeof(answer) - 1) == sizeof(answer) - 1 ? 0 : 1;
}
