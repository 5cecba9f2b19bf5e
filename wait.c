/*
 * wait.c - has a line been shipped?  The receiver asks, and msgext-ship answers.
 *
 * This file has both ends of one small protocol.  It uses a Unix socket in the data directory that
 * only the logs' owner can open.  A receiver connects, names a log's inode and the offset at which
 * its line ends there, and waits.  When the engine has committed that, the shipper closes the
 * connection; nothing that it says before counts.  So a receiver needs only poll(2), and when a
 * shipper dies, all its receivers go on.
 *
 * Where other users may write the directory, one of them could put a socket of his own there and
 * delay every answer.  So the receiver asks the kernel who listens, and waits only for its own user
 * and root.
 *
 * Nobody waits where no shipper listens, and a shipper does not listen while it has no engine: a
 * later answer would be no truer.  A receiver also never waits longer than it asked for: neither
 * connecting nor asking blocks.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wait.h"
#include "base/fault.h"
#include "base/time.h"
#include "store/options.h"

#define SOCKET_NAME "msgext-ship.socket"

struct question {
	uint64_t inode;
	int64_t end; /* the first byte after the line */
};

static int
address_make(struct sockaddr_un *address, const char *data_dir)
{
	int length;

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	length =
	    snprintf(address->sun_path, sizeof(address->sun_path), "%s/%s", data_dir, SOCKET_NAME);
	return length > 0 && (size_t)length < sizeof(address->sun_path) ? 0 : -1;
}

bool
wait_possible(const char *data_dir)
{
	struct sockaddr_un address;

	return address_make(&address, data_dir) == 0;
}

/* the receiver's end */

/* Is the listener our own user, or root? */
static bool
peer_is_ours(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	    (peer.uid == geteuid() || peer.uid == 0);
}

/* Connects to the shipper.  Returns the connection, or -1. */
static int
shipper_call(const char *data_dir)
{
	struct sockaddr_un address;
	int fd;

	if (address_make(&address, data_dir) != 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	    peer_is_ours(fd))
		return fd;
	close(fd);
	return -1;
}

bool
wait_shipper_is_there(const char *data_dir)
{
	int fd = shipper_call(data_dir);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

void
wait_shipped(const char *data_dir, const struct store_span *span, int64_t deadline)
{
	const struct question question = { span->inode, span->size };
	struct pollfd answer = { .fd = shipper_call(data_dir), .events = POLLIN };
	int64_t left;

	if (answer.fd < 0)
		return;
	if (send(answer.fd, &question, sizeof(question), MSG_NOSIGNAL) == (ssize_t)sizeof(question))
		while ((left = deadline - clock_milliseconds()) > 0 &&
		    poll(&answer, 1, left < INT_MAX ? (int)left : INT_MAX) < 0 && errno == EINTR)
			;
	close(answer.fd);
}

/* the shipper's end */

void
wait_prepare(struct wait_queue *queue)
{
	queue->count = 0;
	for (size_t i = 0; i <= WAIT_QUEUE_MAX; i++)
		queue->polls[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
}

int
wait_listen(struct wait_queue *queue, const char *data_dir, struct fault *fault)
{
	struct sockaddr_un address;
	mode_t before;
	int fd, bound;

	if (address_make(&address, data_dir) != 0)
		return fault_set(fault, FAULT_DATA_DIR,
		    "%s: the path is too long for a socket: no receiver can wait", data_dir);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		goto fail;
	unlink(address.sun_path); /* left by a shipper that was killed: the directory is ours */
	before = umask(0177);
	bound = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	umask(before);
	if (bound != 0 || listen(fd, WAIT_QUEUE_MAX) != 0)
		goto fail;
	queue->polls[0] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return 0;
fail:
	fault_set(fault, FAULT_OPEN_FAILED, "%s: %s", address.sun_path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Answers a receiver by closing its connection. */
static void
receiver_free(struct wait_queue *queue, size_t i)
{
	close(queue->polls[i].fd);
	queue->polls[i].fd = -1;
	queue->count--;
}

/*
 * Accepts as many new receivers as there is room for, and closes the others at once.  Where there
 * are no descriptors left, they stay outside, and poll(2) must not report them again and again.
 */
static void
receivers_accept(struct wait_queue *queue)
{
	size_t i = 1;
	int fd;

	while ((fd = accept4(queue->polls[0].fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		while (i <= WAIT_QUEUE_MAX && queue->polls[i].fd >= 0)
			i++;
		if (i > WAIT_QUEUE_MAX) {
			close(fd);
			continue;
		}
		queue->polls[i].fd = fd;
		queue->ends[i] = -1;
		queue->count++;
	}
	queue->polls[0].events = errno == EMFILE || errno == ENFILE ? 0 : POLLIN;
}

/* Reads what a receiver asks.  False: it is gone, or asks nothing that we know. */
static bool
question_read(struct wait_queue *queue, size_t i)
{
	struct question question;
	ssize_t length = recv(queue->polls[i].fd, &question, sizeof(question), 0);

	if (length < 0)
		return errno == EAGAIN || errno == EINTR;
	if (length != (ssize_t)sizeof(question) || queue->ends[i] >= 0 || question.end < 0)
		return false;
	queue->inodes[i] = question.inode;
	queue->ends[i] = question.end;
	return true;
}

void
wait_accept(struct wait_queue *queue)
{
	if (queue->polls[0].fd >= 0)
		receivers_accept(queue);
	for (size_t i = 1; i <= WAIT_QUEUE_MAX; i++)
		if (queue->polls[i].fd >= 0 && !question_read(queue, i))
			receiver_free(queue, i);
}

void
wait_answer(struct wait_queue *queue, off_t (*shipped)(const void *context, ino_t inode),
    const void *context)
{
	for (size_t i = 1; i <= WAIT_QUEUE_MAX && queue->count > 0; i++)
		if (queue->polls[i].fd >= 0 && queue->ends[i] >= 0 &&
		    shipped(context, queue->inodes[i]) >= queue->ends[i])
			receiver_free(queue, i);
}

void
wait_end(struct wait_queue *queue)
{
	if (queue->polls[0].fd >= 0)
		close(queue->polls[0].fd);
	queue->polls[0].fd = -1;
	for (size_t i = 1; i <= WAIT_QUEUE_MAX; i++)
		if (queue->polls[i].fd >= 0)
			receiver_free(queue, i);
}
