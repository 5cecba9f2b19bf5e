/*
 * page.c - the check as a page: mode = check, where there is no shell.
 *
 * A configuration that begins "#!/path/to/msgextctl" and says mode = check is a CGI
 * program.  Who may have that is config.c's to say: a script's owner alone, who also runs it.
 *
 * What a client sends decides nothing here: no argument is an option, no query is
 * looked at, no body is read, and of the method only whether it is GET or HEAD.  The
 * test event that it shows is for whoever has the token, which it does not show: anybody may
 * find the page.  The
 * process stays as it was, without harden(), for it looks at all that the receiver needs.
 */
#include <sys/auxv.h>

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/file.h"
#include "cgi.h"
#include "check.h"
#include "config.h"
#include "ctl/page.h"
#include "ctl/sample.h"

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

/* Where msgext lies: who has uploaded it may not know. */
static void
place_put(void)
{
	char program[PATH_MAX], line[PATH_MAX + 256], *slash;
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (length <= 0)
		return;
	program[length] = '\0';
	slash = strrchr(program, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	snprintf(line, sizeof(line), "%-8s %-14s %s: write this in place of /home/USER/msgext",
	    "NOTE", "place", program);
	line_put(NULL, line);
}

/* The variable, where it has only letters, digits and the others; else the default. */
static const char *
variable_get(const char *name, const char *others, const char *otherwise)
{
	const char *value = getenv(name);

	if (value == NULL || value[0] == '\0')
		return otherwise;
	for (const char *at = value; *at != '\0'; at++)
		if (!isalnum((unsigned char)*at) && strchr(others, *at) == NULL)
			return otherwise;
	return value;
}

/* Where msgext.cgi answers, which lies beside this script, as far as the server tells. */
static void
url_make(char *url, size_t size)
{
	const char *host = variable_get("SERVER_NAME", "-.[]:", "your.host");
	const char *port = variable_get("SERVER_PORT", "", "0");
	const char *script = variable_get("SCRIPT_NAME", "/.-_~", "/cgi-bin/check.cgi");
	const char *slash = strrchr(script, '/');
	bool secure = strcmp(variable_get("HTTPS", "", ""), "on") == 0 || strcmp(port, "443") == 0;
	bool usual = strcmp(port, secure ? "443" : "80") == 0 || port[strspn(port, "0")] == '\0';

	snprintf(url, size, "http%s://%.256s%s%.5s%.*s/msgext.cgi", secure ? "s" : "", host,
	    usual ? "" : ":", usual ? "" : port, slash == NULL ? 0 : (int)(slash - script), script);
}

/* A command that sends a test event, for a machine with a shell and the token. */
static void
sample_put(const struct config *config)
{
	char body[SAMPLE_SIZE], query[SAMPLE_SIZE], url[1024], line[2048];

	url_make(url, sizeof(url));
	sample_query(query, config);
	sample_body(body, (unsigned long long)time(NULL));
	snprintf(line, sizeof(line), "A test event, from a machine with curl%s:",
	    config->token_count == 0 ? "" : " (write msgext.conf's token in place of TOKEN)");
	line_put(NULL, line);
	line_put(NULL, "");
	if (config->token_count > 0)
		line_put(NULL, "now=$(date +%s)");
	snprintf(line, sizeof(line), "curl -sS --data-binary '%s' \\", body);
	line_put(NULL, line);
	snprintf(line, sizeof(line), "    '%s%s%s", url, query,
	    config->token_count == 0
		? "'"
		: "&RequestTime='$now'&Sign='$(printf %s 'TOKEN' $now | openssl dgst -sha256 -r | "
		  "cut -c 1-64)");
	line_put(NULL, line);
	line_put(NULL, "");
	line_put(NULL,
	    "The answer must be {\"ActionStatus\":\"OK\",...}. The event is then in "
	    "msgext-sample.jsonl, in the data directory.");
	line_put(NULL, "");
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
	place_put();
	check_run(&check);
	line_put(NULL, "");
	snprintf(line, sizeof(line), "%u errors, %u warnings", check.errors, check.warnings);
	line_put(NULL, line);
	line_put(NULL, "");
	if (check.errors == 0)
		sample_put(config);
	snprintf(line, sizeof(line),
	    check.errors == 0 ? "Now delete %s: anyone who finds it can read this page."
			      : "Repair what ERROR names, and look again.  When all is well, "
				"delete %s: anyone who finds it can read this page.",
	    script);
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
			text_put("The check cannot be shown; the server's error log says why.\n");
	}
	config_free(&config);
	cgi_close();
	return EX_OK;
}
