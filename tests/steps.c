/*
 * steps.c - preloaded, it makes something happen to a writer at a step of the way of a batch
 * (batch.c): in the environment
 *
 *     MSGEXT_STEP    "STEP HOW ONE_IN"; a process that comes to that step has it happen by a chance of one in
 *                    so many
 *     MSGEXT_SEED    a number
 *     MSGEXT_STEPPED a file to which "PID STEP" is appended, a line each time
 *
 * HOW is kill; stall, which happens once at all: nothing goes on for 2.5 s; or fail.
 *
 * Steps of a leader: bound, listening, accepted (a connection), received (its line), gathered (its
 * listener is still there), given-up (it is not), part (two thirds of the batch are written), written,
 * synced, unlocked (the log is closed), told (a follower).  Of a follower: connected, sent, answered.
 * Calls that can fail: sync, EIO; socket, any call on a socket and poll.
 */
#include <sys/socket.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The C library declares an address as a union of its own. */
#pragma GCC diagnostic ignored "-Wpedantic"

static char wanted[32], how[16];
static unsigned long one_in;
static int bound = -1, batched = -1;

/* The C library's own. */
#define REAL(name) ((__typeof__(name) *)(uintptr_t)dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void
rule_read(void)
{
	const char *rule = getenv("MSGEXT_STEP");

	if (rule == NULL || sscanf(rule, "%31s %15s %lu", wanted, how, &one_in) != 3)
		one_in = 0;
}

/* One in so many; each process has numbers of its own. */
static bool
chance(void)
{
	static uint64_t state;
	static pid_t whose;

	if (whose != getpid()) {
		const char *seed = getenv("MSGEXT_SEED");

		whose = getpid();
		state = (seed == NULL ? 0 : (uint64_t)strtoul(seed, NULL, 10)) << 32;
		state += (uint64_t)whose;
		state *= 0x9e3779b97f4a7c15;
	}
	state = state * 6364136223846793005 + 1442695040888963407;
	return (state >> 33) % one_in == 0;
}

/* True: it happens here. */
static bool
step_happens(const char *step, bool once)
{
	const char *path = getenv("MSGEXT_STEPPED");
	char line[64];
	int fd, length;

	if (one_in == 0 || strcmp(step, wanted) != 0 || !chance() || path == NULL)
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (once ? O_EXCL : 0), 0600);
	if (fd < 0)
		return false;
	length = snprintf(line, sizeof(line), "%d %s\n", (int)getpid(), step);
	if (REAL(write)(fd, line, (size_t)length) != length)
		_exit(1);
	REAL(close)(fd);
	return true;
}

static void
step(const char *name)
{
	const struct timespec stall = { 2, 500000000 };

	if (strcmp(how, "kill") == 0 && step_happens(name, false))
		kill(getpid(), SIGKILL);
	if (strcmp(how, "stall") == 0 && step_happens(name, true))
		nanosleep(&stall, NULL);
}

static bool
fails(const char *what)
{
	static const int errors[] = { EINTR, ENOMEM, ENOBUFS, EPERM, EACCES };
	static unsigned number;

	if (strcmp(how, "fail") != 0 || !step_happens(what, false))
		return false;
	errno = strcmp(what, "sync") == 0 ? EIO
					  : errors[number++ % (sizeof(errors) / sizeof(errors[0]))];
	return true;
}

int
bind(int fd, const struct sockaddr *address, socklen_t length)
{
	int result = fails("socket") ? -1 : REAL(bind)(fd, address, length);

	if (result == 0) {
		bound = fd;
		step("bound");
	}
	return result;
}

int
listen(int fd, int backlog)
{
	int result = fails("socket") ? -1 : REAL(listen)(fd, backlog);

	if (result == 0)
		step("listening");
	return result;
}

int
accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	int result = fails("socket") ? -1 : REAL(accept4)(fd, address, length, flags);

	if (result >= 0)
		step("accepted");
	return result;
}

ssize_t
recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t result = fails("socket") ? -1 : REAL(recvmsg)(fd, message, flags);

	if (result > 0)
		step("received");
	return result;
}

int
connect(int fd, const struct sockaddr *address, socklen_t length)
{
	int result = fails("socket") ? -1 : REAL(connect)(fd, address, length);

	if (result == 0)
		step("connected");
	return result;
}

ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
	ssize_t result = fails("socket") ? -1 : REAL(sendmsg)(fd, message, flags);

	if (result > 0)
		step("sent");
	return result;
}

ssize_t
recv(int fd, void *bytes, size_t length, int flags)
{
	ssize_t result = fails("socket") ? -1 : REAL(recv)(fd, bytes, length, flags);

	if (result > 0)
		step("answered");
	return result;
}

ssize_t
send(int fd, const void *bytes, size_t length, int flags)
{
	ssize_t result = fails("socket") ? -1 : REAL(send)(fd, bytes, length, flags);

	if (result > 0)
		step("told");
	return result;
}

int
poll(struct pollfd *polls, nfds_t count, int milliseconds)
{
	return fails("socket") ? -1 : REAL(poll)(polls, count, milliseconds);
}

/* Is that what a leader writes, to a log? */
static bool
is_batch(const char *bytes, size_t length)
{
	const char *newline = memchr(bytes, '\n', length);

	return bytes[0] == '{' && newline != NULL && newline + 1 < bytes + length;
}

ssize_t
write(int fd, const void *bytes, size_t length)
{
	ssize_t result;

	if (length == 0 || !is_batch(bytes, length))
		return REAL(write)(fd, bytes, length);
	batched = fd;
	if (strcmp(how, "kill") == 0 && strcmp(wanted, "part") == 0 &&
	    step_happens("part", false)) {
		(void)!REAL(write)(fd, bytes, length * 2 / 3);
		kill(getpid(), SIGKILL);
	}
	result = REAL(write)(fd, bytes, length);
	step("written");
	return result;
}

int
fdatasync(int fd)
{
	int result = fails("sync") ? -1 : REAL(fdatasync)(fd);

	if (fd == batched)
		step("synced");
	return result;
}

int
close(int fd)
{
	bool is_listener = fd == bound, is_log = fd == batched;
	int result;

	if (is_listener)
		step("gathered");
	result = REAL(close)(fd);
	if (is_listener) {
		bound = -1;
		step("given-up");
	}
	if (is_log) {
		batched = -1;
		step("unlocked");
	}
	return result;
}
