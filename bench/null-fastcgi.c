/* null-fastcgi.c - the least that a libfcgi program can do: it reads the body, and answers alike. */
#include <fcgiapp.h>

int
main(void)
{
	FCGX_Request request;
	char body[8192];

	FCGX_Init();
	FCGX_InitRequest(&request, 0, 0);
	while (FCGX_Accept_r(&request) == 0) {
		while (FCGX_GetStr(body, sizeof(body), request.in) == sizeof(body))
			;
		FCGX_PutS("Status: 200 OK\r\nContent-Type: application/json\r\n"
			  "Cache-Control: no-store\r\nContent-Length: 51\r\n\r\n"
			  "{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0}\n",
		    request.out);
		FCGX_Finish_r(&request);
	}
	return 0;
}
