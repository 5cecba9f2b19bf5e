/*
 * curl.c - HTTPS requests, made by curl(1).
 *
 * curl is on every host that this program meets, and is updated with it; its library would bring
 * thirty others along, and could not be part of the static programs.
 *
 * A child reads its orders from its standard input, so that the signature in the URL is in no
 * argument list and in no environment; ~/.curlrc is not read, and no variable of ours is handed
 * on.  HTTPS alone, certificates checked, no redirects, ten seconds and 2 MB a call.  A child
 * makes several calls over one connection.
 *
 * After each answer curl writes a mark that only this process knows, and which call it was: an
 * answer cannot pass for another call's, whatever is in it.  An answer includes its headers: the
 * server's clock is in there.  Once a call fails the child ends, and its later calls were not
 * made.
 *
 * A child that takes too long, or whose answer is too large, is killed.
 */
#include "repair/curl.h"

#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"

#define HEADERS_MAX 65536
#define GRACE_MILLISECONDS 2000 /* beyond what curl is told itself */
#define READ_SIZE ((size_t)65536)
#define REAP_MILLISECONDS 5

/* the program */

int
curl_open(struct curl *curl, struct fault *fault)
{
	for (size_t i = 0; i < CURL_CHILDREN; i++)
		curl->children[i] = (struct curl_child){ .input = -1, .output = -1, .errors = -1 };
	if (program_find("curl", curl->program))
		return 0;
	return fault_set(fault, FAULT_REST_FAILED,
	    "curl: is not in PATH (install the package curl)");
}

const char *
curl_program(const struct curl *curl)
{
	return curl->program;
}

size_t
curl_free_children(const struct curl *curl)
{
	size_t count = 0;

	for (size_t i = 0; i < CURL_CHILDREN; i++)
		count += curl->children[i].pid == 0;
	return count;
}

/* orders */

/* Writes an option's value between quotes, as curl's files of options have it. */
static void
value_print(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s = \"", name);
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			putc('\\', out);
		putc(*value, out);
	}
	fputs("\"\n", out);
}

/* The options of one call; which of the child's it is stands in its mark. */
static void
call_print(FILE *out, const struct curl *curl, const struct curl_child *child, size_t index,
    const struct curl_call *call)
{
	fputs("silent\nshow-error\n", out);
	value_print(out, "url", call->url);
	value_print(out, "data-binary", call->body);
	if (curl->ca_file != NULL)
		value_print(out, "cacert", curl->ca_file);
	fprintf(out,
	    "globoff\nhttp1.1\ninclude\nproto = \"=https\"\nmax-redirs = 0\n"
	    "noproxy = \"*\"\nmax-time = %d\nmax-filesize = %d\n"
	    "header = \"Content-Type: application/json\"\nheader = \"Expect:\"\n"
	    "user-agent = \"msgext-repair/" MSGEXT_VERSION "\"\n"
	    "write-out = \"\\n%s %zu %%{http_code}\\n\"\n",
	    CURL_SECONDS, CURL_ANSWER_MAX, child->mark, index);
}

/* All orders of a child, which it must forget: -1: no memory. */
static int
orders_make(const struct curl *curl, struct curl_child *child, const struct curl_call *calls)
{
	FILE *out = open_memstream(&child->request, &child->request_length);
	bool failed;

	if (out == NULL)
		return -1;
	fputs("fail-early\n", out);
	for (size_t i = 0; i < child->count; i++) {
		if (i > 0)
			fputs("next\n", out);
		call_print(out, curl, child, i, &calls[i]);
	}
	failed = ferror(out) != 0;
	return fclose(out) != 0 || failed ? -1 : 0;
}

static void
orders_forget(struct curl_child *child)
{
	if (child->request != NULL)
		explicit_bzero(child->request, child->request_length);
	free(child->request);
	child->request = NULL;
	if (child->input >= 0)
		close(child->input);
	child->input = -1;
}

/* a child */

/* In the child: becomes curl. */
static void
curl_become(const struct curl *curl, int input, int output, int errors)
{
	static const char *const words[] = { "curl", "-q", "-K", "-", NULL };
	static const char *const environment[] = { "LC_ALL=C", NULL };
	const struct sigaction usual = { .sa_handler = SIG_DFL };

	/* A key that a terminal sends to all is not for it: the call under way is to end. */
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGPIPE, &usual, NULL);
	sigaction(SIGXFSZ, &usual, NULL);
	if (dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
	    dup2(errors, STDERR_FILENO) >= 0)
		execve(curl->program, (char *const *)words, (char *const *)environment);
	_exit(127);
}

/* Starts it, with pipes: -1: errno. */
static int
child_spawn(const struct curl *curl, struct curl_child *child)
{
	int pipes[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } }, error = 0;

	for (int i = 0; i < 3 && error == 0; i++)
		if (pipe2(pipes[i], O_CLOEXEC) != 0)
			error = errno;
	if (error == 0) {
		child->pid = fork();
		if (child->pid == 0)
			curl_become(curl, pipes[0][0], pipes[1][1], pipes[2][1]);
		if (child->pid < 0)
			error = errno;
	}
	for (int i = 0; i < 3; i++) {
		int *theirs = &pipes[i][i == 0 ? 0 : 1], *ours = &pipes[i][i == 0 ? 1 : 0];

		if (*theirs >= 0)
			close(*theirs);
		if (error != 0 && *ours >= 0)
			close(*ours);
		else if (error == 0)
			fcntl(*ours, F_SETFL, O_NONBLOCK);
	}
	if (error != 0) {
		child->pid = 0;
		errno = error;
		return -1;
	}
	child->input = pipes[0][1];
	child->output = pipes[1][0];
	child->errors = pipes[2][0];
	return 0;
}

static int
mark_make(struct curl_child *child, struct fault *fault)
{
	uint8_t random[16] = { 0 };

	for (size_t used = 0; used < sizeof(random);) {
		ssize_t count = getrandom(random + used, sizeof(random) - used, 0);

		if (count < 0 && errno != EINTR)
			return fault_set(fault, FAULT_REST_FAILED, "no random numbers: %s",
			    strerror(errno));
		used += count < 0 ? 0 : (size_t)count;
	}
	strcpy(child->mark, "msgext-");
	for (size_t i = 0; i < sizeof(random); i++)
		sprintf(child->mark + strlen(child->mark), "%02x", (unsigned)random[i]);
	return 0;
}

int
curl_start(struct curl *curl, const struct curl_call *calls, size_t count, struct fault *fault)
{
	struct curl_child *child = curl->children;

	while (child->pid != 0)
		child++;
	*child = (struct curl_child){ .input = -1, .output = -1, .errors = -1, .count = count };
	if (mark_make(child, fault) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		child->numbers[i] = calls[i].number;
	if (orders_make(curl, child, calls) != 0) {
		orders_forget(child);
		return fault_memory(fault);
	}
	child->deadline =
	    clock_milliseconds() + (int64_t)count * (CURL_SECONDS * 1000 + GRACE_MILLISECONDS);
	if (child_spawn(curl, child) == 0)
		return 0;
	orders_forget(child);
	return fault_set(fault, FAULT_REST_FAILED, "curl: %s", strerror(errno));
}

/* Frees what a child had. */
static void
child_free(struct curl_child *child)
{
	orders_forget(child);
	if (child->output >= 0)
		close(child->output);
	if (child->errors >= 0)
		close(child->errors);
	free(child->answer);
	*child = (struct curl_child){ .input = -1, .output = -1, .errors = -1 };
}

/* Ends it; reason: why, or NULL where nobody asks. */
static void
child_kill(struct curl_child *child, const char *reason)
{
	kill(child->pid, SIGKILL);
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	child->ended = child->failed = true;
	child->reason = reason;
}

/* Has it ended?  What it said last is read by then. */
static void
child_reap(struct curl_child *child)
{
	int status = 0;
	pid_t pid;

	if (child->ended || child->output >= 0)
		return;
	pid = waitpid(child->pid, &status, WNOHANG);
	if (pid == 0 || (pid < 0 && errno == EINTR))
		return;
	child->ended = true;
	child->failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		child->reason = "curl: cannot be run";
}

/* what it says */

static void
orders_write(struct curl_child *child)
{
	ssize_t count =
	    write(child->input, child->request + child->sent, child->request_length - child->sent);

	if (count > 0)
		child->sent += (size_t)count;
	if ((count < 0 && errno != EAGAIN && errno != EINTR) ||
	    child->sent == child->request_length)
		orders_forget(child);
}

/* Reads what is there, and closes it at its end.  -1: no memory. */
static int
answer_read_some(struct curl_child *child)
{
	ssize_t count;

	if (child->size - child->length < READ_SIZE + 1) {
		size_t size = child->size + 4 * READ_SIZE;
		char *larger = realloc(child->answer, size);

		if (larger == NULL)
			return -1;
		child->answer = larger;
		child->size = size;
	}
	count = read(child->output, child->answer + child->length, READ_SIZE);
	if (count > 0)
		child->length += (size_t)count;
	else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(child->output);
		child->output = -1;
	}
	return 0;
}

static void
errors_read(struct curl_child *child)
{
	char bytes[512];
	ssize_t count = read(child->errors, bytes, sizeof(bytes));
	size_t room = sizeof(child->said) - 1 - child->said_length;

	if (count > 0) {
		room = room < (size_t)count ? room : (size_t)count;
		memcpy(child->said + child->said_length, bytes, room);
		child->said_length += room;
	} else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(child->errors);
		child->errors = -1;
	}
}

/* Puts why a call failed into done: what curl said of it, in one line. */
static void
reason_take(const struct curl_child *child, struct curl_done *done)
{
	const char *line = strstr(child->said, "curl: (");
	size_t used = 0;

	if (child->reason != NULL) {
		snprintf(done->reason, sizeof(done->reason), "%s", child->reason);
		return;
	}
	/* Of an option that it does not know curl says so in other words. */
	if (line == NULL && child->said_length > 0)
		line = child->said;
	if (line == NULL || strstr(line, "usersig") != NULL)
		line = "curl: ended without an answer";
	/* Whoever prints it makes the rest harmless. */
	for (; used + 1 < sizeof(done->reason) && line[used] != '\n' && line[used] != '\0'; used++)
		done->reason[used] = line[used];
	done->reason[used] = '\0';
}

/* The header of that name, in a block of them that ends with an empty line, goes to text. */
static void
header_find(const char *block, const char *name, char *text, size_t size)
{
	const char *line = block;
	size_t length = strlen(name), used = 0;

	while ((line = strstr(line, "\r\n")) != NULL) {
		line += 2;
		if (strncmp(line, "\r\n", 2) == 0)
			return;
		if (strncasecmp(line, name, length) != 0 || line[length] != ':')
			continue;
		line += length + 1;
		line += strspn(line, " \t");
		while (used + 1 < size && line[used] >= ' ' && line[used] <= '~') {
			text[used] = line[used];
			used++;
		}
		text[used] = '\0';
		return;
	}
}

/* Cuts an answer into its headers and its body.  -1: no memory. */
static int
answer_cut(char *answer, size_t length, struct curl_done *done)
{
	char *at = answer, *end = answer + length, *block = NULL;

	*end = '\0';
	/* More than one block: what comes before the answer proper is 100 Continue. */
	while (strncmp(at, "HTTP/", 5) == 0) {
		char *after = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);

		if (after == NULL)
			break;
		block = at;
		at = after + 4;
	}
	if (block != NULL)
		header_find(block, "Date", done->date, sizeof(done->date));
	done->length = (size_t)(end - at);
	done->body = malloc(done->length + 1);
	if (done->body == NULL)
		return -1;
	memcpy(done->body, at, done->length + 1);
	return 0;
}

/*
 * Where the mark of the next call begins in what was read, and the status in it; NULL: it is not
 * there yet.  after: where it ends.
 */
static char *
mark_find(struct curl_child *child, long *status, const char **after)
{
	char *at, text[64];
	size_t from = child->searched > sizeof(text) ? child->searched - sizeof(text) : 0, length;

	snprintf(text, sizeof(text), "\n%s ", child->mark);
	at = child->length == 0
	    ? NULL
	    : memmem(child->answer + from, child->length - from, text, strlen(text));
	child->searched = child->length;
	if (at == NULL)
		return NULL;
	length = child->length - (size_t)(at + 1 - child->answer);
	*after = memchr(at + 1, '\n', length);
	if (*after == NULL)
		return NULL;
	(*after)++;
	snprintf(text, sizeof(text), "%s %zu ", child->mark, child->next);
	/* Nobody but curl knows the mark, and curl knows its place. */
	*status =
	    strncmp(at + 1, text, strlen(text)) == 0 ? strtol(at + 1 + strlen(text), NULL, 10) : 0;
	return at;
}

/* Forgets what was read up to there. */
static void
answer_drop(struct curl_child *child, const char *after)
{
	size_t used = (size_t)(after - child->answer);

	memmove(child->answer, after, child->length - used);
	child->length -= used;
	child->searched = 0;
}

/*
 * 1: a call of the child is done; 0: none is, yet; -1: no memory.  An answer counts once the next
 * one begins, or the child has ended well: curl can leave before its end, and say so in the end.
 */
static int
child_done(struct curl_child *child, struct curl_done *done)
{
	const char *after = NULL;
	long status = 0;
	char *mark = child->next < child->count ? mark_find(child, &status, &after) : NULL;

	*done = (struct curl_done){ .result = CURL_UNSENT };
	if (child->next == child->count)
		return 0;
	if (mark != NULL && status > 0 &&
	    (after < child->answer + child->length || (child->ended && !child->failed))) {
		done->result = CURL_ANSWERED;
		done->status = status;
		if (answer_cut(child->answer, (size_t)(mark - child->answer), done) != 0)
			return -1;
		answer_drop(child, after);
	} else if (!child->ended) {
		return 0;
	} else if (!child->told) {
		done->result = CURL_FAILED;
		reason_take(child, done);
		child->told = true;
		child->length = 0;
	}
	done->number = child->numbers[child->next++];
	return 1;
}

/* all children */

/* Looks for a call that is done: as curl_next. */
static int
done_take(struct curl *curl, struct curl_done *done, struct fault *fault)
{
	for (size_t i = 0; i < CURL_CHILDREN; i++) {
		struct curl_child *child = &curl->children[i];
		int result;

		if (child->pid == 0)
			continue;
		child_reap(child);
		if (!child->ended && clock_milliseconds() >= child->deadline)
			child_kill(child, "curl: had no answer in time");
		result = child_done(child, done);
		if (result < 0)
			return fault_memory(fault);
		if (result == 0 && !child->ended && child->length > CURL_ANSWER_MAX + HEADERS_MAX) {
			child_kill(child, "the answer is over 2 MB");
			result = child_done(child, done);
		}
		if (child->ended && child->next == child->count)
			child_free(child);
		if (result != 0)
			return result < 0 ? fault_memory(fault) : 1;
	}
	return 0;
}

/* Takes in what a descriptor brought.  -1: no memory. */
static int
event_take(struct curl_child *child, int fd)
{
	if (fd == child->input)
		orders_write(child);
	else if (fd == child->errors)
		errors_read(child);
	else if (fd == child->output)
		return answer_read_some(child);
	return 0;
}

/* Waits for what children say: 1; 0: the time is over, or a signal came; -1: no memory. */
static int
events_await(struct curl *curl, int64_t until)
{
	struct pollfd polls[3 * CURL_CHILDREN];
	struct curl_child *whose[3 * CURL_CHILDREN];
	size_t count = 0;
	int64_t left;
	int ready;

	for (size_t i = 0; i < CURL_CHILDREN; i++) {
		struct curl_child *child = &curl->children[i];
		const int fds[] = { child->input, child->output, child->errors };

		if (child->pid == 0)
			continue;
		if (child->deadline < until)
			until = child->deadline;
		if (child->output < 0) /* it ends now, and nothing tells of that */
			until = clock_milliseconds() + REAP_MILLISECONDS;
		for (size_t j = 0; j < 3; j++) {
			if (fds[j] < 0)
				continue;
			whose[count] = child;
			polls[count++] =
			    (struct pollfd){ .fd = fds[j], .events = j == 0 ? POLLOUT : POLLIN };
		}
	}
	left = until - clock_milliseconds();
	ready = poll(polls, count, left < 0 ? 0 : left > 60000 ? 60000 : (int)left);
	for (size_t i = 0; ready > 0 && i < count; i++)
		if (polls[i].revents != 0 && event_take(whose[i], polls[i].fd) != 0)
			return -1;
	return ready >= 0 || errno != EINTR;
}

int
curl_next(struct curl *curl, int64_t until, struct curl_done *done, struct fault *fault)
{
	for (;;) {
		int result = done_take(curl, done, fault);

		if (result != 0)
			return result;
		if (clock_milliseconds() >= until)
			return 0;
		result = events_await(curl, until);
		if (result <= 0)
			return result < 0 ? fault_memory(fault) : 0;
	}
}

void
curl_done_free(struct curl_done *done)
{
	free(done->body);
	done->body = NULL;
}

void
curl_close(struct curl *curl)
{
	for (size_t i = 0; i < CURL_CHILDREN; i++)
		if (curl->children[i].pid != 0) {
			if (!curl->children[i].ended)
				child_kill(&curl->children[i], NULL);
			child_free(&curl->children[i]);
		}
}
