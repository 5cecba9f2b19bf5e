/*
 * null-fastcgi.c - null-fastcgi [FILE [stat]]: the least that a libfcgi program can do.
 * It reads the body, and answers alike; it appends a line to FILE, or looks at its inode and
 * answers that nothing has changed.
 */
#include <sys/stat.h>

#include <fcgiapp.h>

#include "append.h"

int
main(int argc, char **argv)
{
	FCGX_Request request;
	char body[8192];

	FCGX_Init();
	FCGX_InitRequest(&request, 0, 0);
	while (FCGX_Accept_r(&request) == 0) {
		while (FCGX_GetStr(body, sizeof(body), request.in) == sizeof(body))
			;
		if (argc > 2) {
			struct stat status;

			if (stat(argv[1], &status) != 0)
				return 1;
			FCGX_PutS("Status: 304 Not Modified\r\nETag: \"null\"\r\n\r\n",
			    request.out);
			FCGX_Finish_r(&request);
			continue;
		}
		if (argc > 1 && append_bare(argv[1], false) != 0)
			return 1;
		FCGX_PutS("Status: 200 OK\r\nContent-Type: application/json\r\n"
			  "Cache-Control: no-store\r\nContent-Length: 51\r\n\r\n"
			  "{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0}\n",
		    request.out);
		FCGX_Finish_r(&request);
	}
	return 0;
}
