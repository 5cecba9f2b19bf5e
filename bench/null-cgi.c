/* null-cgi.c - the least that a CGI program can do: a constant answer. */
#include <unistd.h>

int
main(void)
{
	static const char answer[] =
	    "Status: 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
	    "Content-Length: "
	    "51\r\n\r\n{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0}\n";

	return write(STDOUT_FILENO, answer, sizeof(answer) - 1) == sizeof(answer) - 1 ? 0 : 1;
}
