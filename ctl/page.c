/*
 * page.c - the check as a page: mode = check, where there is no shell.
 *
 * A configuration that begins "#!/path/to/msgextctl" and says mode = check is a CGI
 * program.  Who may have that is config.c's to say: a script's owner alone, who also runs it.
 *
 * What a client sends counts for nothing here: no argument is an option, no query is
 * looked at, no body is read, and of the method only whether it is GET or HEAD.  The
 * process stays as it was, without harden(), for it looks at all that the receiver needs.
 */
#include <sys/auxv.h>

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/file.h"
#include "cgi.h"
#include "check.h"
#include "config.h"
#include "ctl/page.h"

static void
text_put(const char *text)
{
	(void)file_write(STDOUT_FILENO, text, strlen(text)); /* if somebody listens */
}

/* A line of the page; what is not printable ASCII is not shown. */
static void
line_put(void *context, const char *line)
{
	char text[PATH_MAX + 512];
	size_t length = (size_t)snprintf(text, sizeof(text) - 1, "%s", line);

	(void)context;
	if (length > sizeof(text) - 2)
		length = sizeof(text) - 2;
	for (size_t i = 0; i < length; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			text[i] = '?';
	text[length] = '\n';
	(void)file_write(STDOUT_FILENO, text, length + 1);
}

/* The answer's head; further: a header line with its CRLF, or "". */
static void
head_put(int status, const char *further)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "Status: %d %s\r\nContent-Type: text/plain\r\n"
	    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n%s\r\n",
	    status, status_phrase(status), further);
	text_put(text);
}

static void
page_put(struct config *config, const char *script)
{
	struct check check = {
		.config = config,
		.config_path = script,
		.config_source = "its #! line",
		.document_root = getenv("DOCUMENT_ROOT"),
		.user_source = "who runs this",
		.tell = line_put,
	};
	char line[PATH_MAX + 256];

	line_put(NULL, "msgext " MSGEXT_VERSION ": is this installation right?");
	line_put(NULL, "");
	check_run(&check);
	line_put(NULL, "");
	snprintf(line, sizeof(line), "%u errors, %u warnings", check.errors, check.warnings);
	line_put(NULL, line);
	snprintf(line, sizeof(line), "Now delete %s: whoever finds it can read this page.", script);
	line_put(NULL, line);
}

/*
 * Does the script ask for the page?  -1: it does not, or must not: fault.  Whose it must be, and who
 * may be able to write it, config_load asks of every configuration.
 */
static int
page_load(struct config *config, const char *script, struct fault *fault)
{
	if (config_load(config, script, fault) != 0)
		return config->check ? 0 : -1; /* the page says what is wrong */
	return config->check ? 0 : config_program_fault(config, script, "msgext", fault);
}

bool
page_is_asked_for(const char *argument)
{
	const char *script = (const char *)getauxval(AT_EXECFN);

	return argument != NULL && script != NULL && strcmp(argument, script) == 0;
}

int
page_serve(const char *script)
{
	struct config config = { 0 };
	struct fault fault;
	const char *method = getenv("REQUEST_METHOD");
	bool head;

	if (method == NULL) {
		fprintf(stderr,
		    "msgextctl: %s: is for a web server that runs it by CGI (in a shell: "
		    "msgextctl -c %s check)\n",
		    script, script);
		return EX_USAGE;
	}
	if (cgi_prepare() != 0)
		return EX_OSERR;
	cgi_hold(); /* the check's trial is cleaned up */
	head = strcmp(method, "HEAD") == 0;
	if (!head && strcmp(method, "GET") != 0) {
		head_put(405, "Allow: GET, HEAD\r\n");
		text_put("method: must be GET\n");
	} else if (page_load(&config, script, &fault) == 0) {
		head_put(200, "");
		if (!head)
			page_put(&config, script);
	} else {
		fprintf(stderr, "msgextctl: %s: %s\n", fault_slug(fault.code), fault.detail);
		head_put(503, "");
		if (!head)
			text_put("The check cannot be shown; the server's error log tells why.\n");
	}
	config_free(&config);
	cgi_close();
	return EX_OK;
}
