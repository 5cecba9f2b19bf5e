/*
 * batch.c - writers that come to one log at the same time share one write and one sync.
 *
 * A disk that takes milliseconds to sync takes no longer for a hundred lines than for one.  So a
 * writer that finds the log's lock taken does not queue for the lock with one line.  Each log has
 * one leader that waits for the lock.  All others are its followers and give it their lines.  When
 * the leader gets the lock, it writes all lines at once, syncs once, releases the lock, and reports
 * to each follower what became of its line.  A follower needs no lock to learn that: if each had to
 * get the lock first, the disk would wait for them one by one.
 *
 * The leader's listening socket is the queue.  Its abstract address is made of the log, of our
 * user, and of the format of these messages.  The kernel lets one process have the address, and
 * takes it back when that process dies.  So nothing is stored, nothing becomes stale, and there is
 * no daemon. The leader gives the address up when it has the lock and has taken the lines.  From
 * then on another writer can become the next leader, and collect lines while the disk is at work.
 *
 * An abstract address has no permissions: each side asks the kernel which user the other side is.
 *
 * What happens when a process dies:
 *  - The leader, before it reads a line: the kernel resets the connection, and the follower begins
 *    again, perhaps as the next leader.
 *  - The leader, later: the connection ends without a verdict.  The log may hold the line, which
 *    may not be on disk.  The follower is an orphan: it says so to the next leader [orphan].  That
 *    leader syncs the log [flush], looks for the line [search], and writes it only where it does
 *    not find it.  Where it finds it, the follower syncs the log itself [confirm]: it had it open
 *    when a sync may have failed.
 *  - A follower: its line is stored or not, and nobody was told.
 *
 * A leader can be stopped, or another program can have its address.  So a follower tries the lock
 * now and then.  A follower that gets the lock knows that no leader is at work on the log.  It
 * closes the connection, which takes its line back [leave], since a leader writes no line of a
 * closed connection [drop].  Then it goes on as an orphan.  Where the log was replaced or renamed
 * meanwhile, the leader may be at work on the other log: then its follower can only wait for the
 * leader.
 *
 * A follower whose time is over says so by closing its half of the connection.  A leader that has
 * not taken the line yet leaves it out.  A leader that has taken it may still report in time what
 * became of it.
 *
 * A process that has the address but does not speak as a leader does is not asked again.  In every
 * other case a writer waits for the lock alone, as if there were no batches.  The lock alone
 * decides who writes, on this machine and on others.
 *
 * The words in brackets are steps of tests/model/batch.pml, which tries all that can happen to
 * them.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sha2.h>

#include "batch.h"

#include "base/fault.h"
#include "base/time.h"
#include "names.h"
#include "store/options.h"

/*
 * So many bytes can be appended between a leader's death and the next gather: a batch or two, and
 * single lines.
 */
#define ORPHANS_BYTES (4 << 20)
/* The log can be this much shorter when the line is written, because a torn batch was cut off. */
#define SHORTER_BYTES (2 << 20)

void
batch_begin(struct batch *batch, const char *line, size_t length, int64_t deadline)
{
	batch->line = line;
	batch->length = length;
	batch->deadline = deadline;
	batch->listener = batch->connection = -1;
	batch->refused = 0;
	batch->lost = 0;
	batch->moved = batch->orphaned = batch->found = false;
	batch->lines = NULL;
	batch->bytes = NULL;
	batch->line_count = batch->size = 0;
}

void
batch_move(struct batch *batch)
{
	batch->moved = batch->connection >= 0;
}

/* what is to be written */

bool
batch_is_needed(const struct batch *batch)
{
	return batch->listener >= 0 || batch->orphaned;
}

bool
batch_has_orphans(const struct batch *batch)
{
	for (size_t i = 0; i < batch->line_count; i++)
		if (batch->lines[i].orphaned)
			return true;
	return false;
}

off_t
batch_orphans_start(const struct batch *batch, const struct store_span *log)
{
	off_t start = log->size;

	for (size_t i = 0; i < batch->line_count; i++) {
		const struct batch_line *line = &batch->lines[i];

		if (line->orphaned && line->before.device == log->device &&
		    line->before.inode == log->inode && line->before.size < start)
			start = line->before.size;
	}
	if (start < log->size - ORPHANS_BYTES)
		start = log->size - ORPHANS_BYTES;
	return start < 0 ? 0 : start;
}

/* Finds whose line this is, which ends in the log at end.  One line in the log is one writer's. */
static void
orphan_find(struct batch *batch, const char *bytes, size_t length, off_t end)
{
	for (size_t i = 0; i < batch->line_count; i++) {
		struct batch_line *line = &batch->lines[i];

		if (!line->orphaned || line->found || line->length != length ||
		    line->before.size > end - (off_t)length ||
		    memcmp(batch->bytes + line->start, bytes, length) != 0)
			continue;
		line->found = true;
		line->end = end;
		return;
	}
}

void
batch_orphans_find(struct batch *batch, const char *bytes, size_t length, off_t offset)
{
	const char *newline;

	for (size_t at = 0; (newline = memchr(bytes + at, '\n', length - at)) != NULL;) {
		size_t next = (size_t)(newline - bytes) + 1;

		orphan_find(batch, bytes + at, next - at, offset + (off_t)next);
		at = next;
	}
}

void
batch_compose(struct batch *batch, off_t log_size)
{
	batch->size = 0;
	for (size_t i = 0; i < batch->line_count; i++) {
		struct batch_line *line = &batch->lines[i];

		if (line->found)
			continue;
		memmove(batch->bytes + batch->size, batch->bytes + line->start, line->length);
		batch->size += line->length;
		line->end = log_size + (off_t)batch->size;
	}
}

#if defined(__linux__) && !defined(MSGEXT_WITHOUT_BATCHES)

/* The version of the messages, which carry no other marks.  It is a part of the address. */
#define PROTOCOL 1
#define BACKLOG 4096
/* A gather ends after so many connections (from anyone), so many bytes, or this time. */
#define GATHER_CONNECTIONS (BATCH_LINES_MAX - 1)
#define GATHER_BYTES (1 << 20)
#define GATHER_MILLISECONDS 20
/*
 * If nobody listens at the address for this time, no leader has it.  If its queue is full, a leader
 * may have it.
 */
#define REFUSED_MILLISECONDS 50
#define FULL_MILLISECONDS 300
#define REFUSED_NAP 200 /* microseconds */
/*
 * A writer that has lost this many connections waits for the lock alone: no leader has the address.
 */
#define LOST_MAX 64
#define FULL_NAP 1000
/*
 * How often a follower tries the lock.  Not all at the same moment: only one of them would get it.
 */
#define ASK_MILLISECONDS 100
#define ASK_SPREAD 64
/* How long a follower that gave up still waits for a leader that has taken its line. */
#define GRACE_MILLISECONDS 500
#define GRACE_LEAST_MILLISECONDS 250
/*
 * The kernel's number for a user that has no number in this process's namespace: it can be anyone.
 */
#define UID_OVERFLOW 65534

/* What a follower sends before its line. */
struct batch_claim {
	int64_t orphaned; /* 0 or 1 */
	struct store_span before;
};

/* What a leader sends. */
struct batch_verdict {
	int64_t result;
	int64_t found; /* 0 or 1 */
	struct store_span span;
	struct fault fault;
};

/* Is it a line that a leader takes? */
static bool
line_fits(const char *line, size_t length)
{
	return length <= BATCH_LINE_MAX && line[0] == '{' &&
	    memchr(line, '\n', length) == line + length - 1;
}

static bool
peer_is_us(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
	    peer.uid == geteuid() && peer.uid != UID_OVERFLOW;
}

/* Writes the address and returns its length, or 0 where the log cannot have one. */
static socklen_t
address_make(struct sockaddr_un *address, const struct batch_log *log)
{
	char text[STORE_NAME_SIZE + 200], digest[SHA256_DIGEST_STRING_LENGTH];
	struct stat status;
	int length;

	if (stat(log->data_dir, &status) != 0)
		return 0;
	length = snprintf(text, sizeof(text), "msgext %d %zu %zu %llu %llu %llu %s", PROTOCOL,
	    sizeof(struct batch_verdict), sizeof(struct batch_claim), (unsigned long long)geteuid(),
	    (unsigned long long)status.st_dev, (unsigned long long)status.st_ino, log->name);
	if (length < 0 || (size_t)length >= sizeof(text))
		return 0;
	SHA256Data((const uint8_t *)text, (size_t)length, digest);
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	length =
	    snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "msgext-%s", digest);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

bool
batch_address_is_taken(const struct batch_log *log)
{
	struct sockaddr_un address;
	socklen_t length = address_make(&address, log);
	bool taken;
	int fd;

	if (length == 0)
		return false;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	/* A leader of ours takes this for a follower that is gone. */
	taken = connect(fd, (const struct sockaddr *)&address, length) == 0 && !peer_is_us(fd);
	close(fd);
	return taken;
}

/* the follower */

/* No leader could be reached: tries again for a while. */
static enum batch_turn
refused_nap(struct batch *batch, bool full)
{
	struct timespec nap = { 0, (full ? FULL_NAP : REFUSED_NAP) * 1000L };
	int64_t now = clock_milliseconds();

	if (batch->refused == 0)
		batch->refused = now;
	if (now - batch->refused > (full ? FULL_MILLISECONDS : REFUSED_MILLISECONDS))
		return BATCH_WAIT;
	nanosleep(&nap, NULL);
	return BATCH_RETRY;
}

static int64_t
ask_next(void)
{
	return clock_milliseconds() + ASK_MILLISECONDS + getpid() % ASK_SPREAD;
}

static enum batch_turn
line_send(struct batch *batch, int fd, int log_fd)
{
	struct batch_claim claim;
	struct iovec parts[] = { { &claim, sizeof(claim) },
		{ (void *)(uintptr_t)batch->line, batch->length } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	struct stat status;

	if (!batch->orphaned) {
		if (fstat(log_fd, &status) != 0)
			return BATCH_WAIT;
		if (status.st_size > SHORTER_BYTES)
			status.st_size -= SHORTER_BYTES;
		else
			status.st_size = 0;
		batch->before = (struct store_span){ status.st_dev, status.st_ino, status.st_size };
	}
	memset(&claim, 0, sizeof(claim));
	claim.orphaned = batch->orphaned;
	claim.before = batch->before;
	if (sendmsg(fd, &message, MSG_NOSIGNAL) != (ssize_t)(sizeof(claim) + batch->length))
		return errno == EPIPE || errno == ECONNRESET ? BATCH_RETRY : BATCH_WAIT;
	batch->refused = 0;
	batch->ask = ask_next();
	return BATCH_DONE;
}

/* Becomes the leader: WAIT.  Or gives the line to the leader: DONE.  Else as batch_join. */
static enum batch_turn
leader_find(struct batch *batch, const struct batch_log *log)
{
	struct sockaddr_un address;
	socklen_t length = address_make(&address, log);
	enum batch_turn turn = BATCH_WAIT;
	int fd;

	if (length == 0 || geteuid() == UID_OVERFLOW || !line_fits(batch->line, batch->length))
		return BATCH_WAIT;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return BATCH_WAIT;
	if (bind(fd, (const struct sockaddr *)&address, length) == 0) {
		if (listen(fd, BACKLOG) != 0)
			goto out;
		batch->listener = fd;
		return BATCH_WAIT;
	}
	if (errno != EADDRINUSE)
		goto out;
	if (connect(fd, (const struct sockaddr *)&address, length) != 0) {
		if (errno == ECONNREFUSED || errno == EAGAIN)
			turn = refused_nap(batch, errno == EAGAIN);
		goto out;
	}
	if (!peer_is_us(fd))
		goto out;
	turn = line_send(batch, fd, log->fd);
	if (turn == BATCH_DONE) {
		batch->connection = fd;
		return turn;
	}
out:
	close(fd);
	return turn;
}

static void
connection_close(struct batch *batch)
{
	close(batch->connection);
	batch->connection = -1;
	batch->moved = false;
}

/* Is it a verdict that a leader can have sent? */
static bool
verdict_is_sound(const struct batch_verdict *verdict, ssize_t length)
{
	if (length != (ssize_t)sizeof(*verdict) || verdict->found < 0 || verdict->found > 1)
		return false;
	return verdict->result == 0 ||
	    (verdict->result == -1 && verdict->fault.code > FAULT_NONE &&
		verdict->fault.code < FAULT_COUNT &&
		memchr(verdict->fault.detail, '\0', FAULT_DETAIL_SIZE) != NULL);
}

/* Has the leader reported?  DONE: yes; WAIT: not yet; RETRY: it is gone, or it is not a leader. */
static enum batch_turn
verdict_receive(struct batch *batch)
{
	struct batch_verdict verdict;
	/* MSG_TRUNC tells a longer message from one of this size. */
	ssize_t length =
	    recv(batch->connection, &verdict, sizeof(verdict), MSG_DONTWAIT | MSG_TRUNC);

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return BATCH_WAIT;
	if (verdict_is_sound(&verdict, length)) {
		connection_close(batch);
		batch->result = (int)verdict.result;
		batch->found = verdict.found != 0;
		batch->span = verdict.span;
		if (verdict.result != 0)
			fault_set(&batch->fault, verdict.fault.code, "%s", verdict.fault.detail);
		return BATCH_DONE;
	}
	/* After another program's answer the address is not asked again. */
	batch->lost = length > 0 ? LOST_MAX : batch->lost + 1;
	/* A reset: the line was never read.  An end: a process read the line and died. */
	if (length >= 0 || errno != ECONNRESET)
		batch->orphaned = true;
	connection_close(batch);
	return BATCH_RETRY;
}

/* Waits for the verdict.  WAIT: it has not come by that time. */
static enum batch_turn
verdict_await(struct batch *batch, int64_t until)
{
	enum batch_turn turn = BATCH_WAIT;
	int64_t left;

	while (turn == BATCH_WAIT && (left = until - clock_milliseconds()) > 0) {
		struct pollfd wait = { .fd = batch->connection, .events = POLLIN };

		if (poll(&wait, 1, (int)left) > 0)
			turn = verdict_receive(batch);
	}
	return turn;
}

/* The time is over: a leader that has not taken the line yet must not take it. */
static enum batch_turn
line_withdraw(struct batch *batch)
{
	int64_t end = clock_milliseconds() + GRACE_MILLISECONDS;
	enum batch_turn turn;

	shutdown(batch->connection, SHUT_WR);
	turn = verdict_await(batch, end < batch->deadline ? end : batch->deadline);
	if (turn == BATCH_DONE)
		return turn;
	/* Only a leader that has not read the line will certainly not write it. */
	if (turn == BATCH_WAIT)
		batch->orphaned = true;
	return BATCH_TIMEOUT;
}

enum batch_turn
batch_join(struct batch *batch, const struct batch_log *log, int64_t until)
{
	enum batch_turn turn = BATCH_DONE;

	if (until > batch->deadline - GRACE_LEAST_MILLISECONDS)
		until = batch->deadline - GRACE_LEAST_MILLISECONDS;
	if (batch->listener >= 0)
		return BATCH_WAIT;
	if (batch->connection < 0)
		turn = clock_milliseconds() < until && batch->lost < LOST_MAX
		    ? leader_find(batch, log)
		    : BATCH_WAIT;
	if (turn != BATCH_DONE)
		return turn;
	turn = verdict_await(batch, until < batch->ask ? until : batch->ask);
	if (turn != BATCH_WAIT)
		return turn;
	if (clock_milliseconds() >= until)
		return line_withdraw(batch);
	batch->ask = ask_next();
	return BATCH_RETRY;
}

bool
batch_leave(struct batch *batch)
{
	if (batch->connection < 0)
		return false;
	switch (verdict_receive(batch)) {
	case BATCH_DONE:
		return true;
	case BATCH_WAIT:
		/* A leader that was killed may be about to end: what it wrote is in the log. */
		batch->orphaned = true;
		connection_close(batch);
		break;
	default:
		break;
	}
	return false;
}

/* the leader */

/* Takes the line of a connection, or closes the connection. */
static void
line_take(struct batch *batch, int fd)
{
	char *bytes = batch->bytes + batch->size;
	struct batch_claim claim;
	struct iovec parts[] = { { &claim, sizeof(claim) }, { bytes, BATCH_LINE_MAX } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t count = -1;
	size_t length;

	if (peer_is_us(fd))
		count = recvmsg(fd, &message, MSG_DONTWAIT);
	if (count < (ssize_t)sizeof(claim) + 2 || (message.msg_flags & MSG_TRUNC) != 0)
		goto refuse;
	length = (size_t)count - sizeof(claim);
	if (!line_fits(bytes, length))
		goto refuse;
	batch->lines[batch->line_count++] = (struct batch_line){ .fd = fd,
		.start = batch->size,
		.length = length,
		.orphaned = claim.orphaned != 0,
		.before = claim.before };
	batch->size += length;
	return;
refuse:
	close(fd);
}

/*
 * Drops the lines whose follower's time was over before they were taken, and lines that a follower
 * has taken back and may have written.  Drops all lines where this cannot be known.
 */
static void
withdrawn_drop(struct batch *batch)
{
	struct pollfd polls[GATHER_CONNECTIONS + 1];
	size_t kept = 0;
	int ready;

	for (size_t i = 0; i < batch->line_count; i++)
		polls[i] = (struct pollfd){ .fd = batch->lines[i].fd, .events = POLLRDHUP };
	ready = poll(polls, batch->line_count, 0);
	if (ready == 0)
		return;
	for (size_t i = 0; i < batch->line_count; i++) {
		bool unknown = ready < 0 && polls[i].fd >= 0;

		if (unknown || (polls[i].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0)
			close(batch->lines[i].fd);
		else
			batch->lines[kept++] = batch->lines[i];
	}
	batch->line_count = kept;
}

int
batch_gather(struct batch *batch, struct fault *fault)
{
	int64_t end = clock_milliseconds() + GATHER_MILLISECONDS;

	batch->lines = calloc(GATHER_CONNECTIONS + 1, sizeof(*batch->lines));
	batch->bytes = malloc(GATHER_BYTES);
	if (batch->lines == NULL || batch->bytes == NULL)
		return fault_memory(fault);
	memcpy(batch->bytes, batch->line, batch->length);
	batch->size = batch->length;
	batch->lines[0] = (struct batch_line){ .fd = -1,
		.length = batch->length,
		.orphaned = batch->orphaned,
		.before = batch->before };
	batch->line_count = 1;
	for (int i = 0; batch->listener >= 0 && i < GATHER_CONNECTIONS &&
	     batch->size + BATCH_LINE_MAX <= GATHER_BYTES && clock_milliseconds() < end;
	     i++) {
		int fd = accept4(batch->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0)
			line_take(batch, fd);
		else if (errno != EINTR && errno != ECONNABORTED)
			break;
	}
	if (batch->listener >= 0)
		close(batch->listener);
	batch->listener = -1;
	withdrawn_drop(batch);
	return 0;
}

static void
verdicts_send(const struct batch *batch, int result, const struct store_span *log,
    const struct fault *fault)
{
	struct batch_verdict verdict;

	if (batch->line_count < 2)
		return;
	memset(&verdict, 0, sizeof(verdict));
	verdict.result = result;
	if (result == 0)
		verdict.span = *log;
	else
		verdict.fault = *fault;
	for (size_t i = 1; i < batch->line_count; i++) {
		const struct batch_line *line = &batch->lines[i];

		verdict.found = line->found;
		verdict.span.size = line->end;
		send(line->fd, &verdict, sizeof(verdict), MSG_NOSIGNAL | MSG_DONTWAIT);
		close(line->fd);
	}
}

void
batch_end(struct batch *batch, int result, const struct store_span *log, const struct fault *fault)
{
	if (batch->listener >= 0)
		close(batch->listener);
	if (batch->connection >= 0)
		connection_close(batch);
	verdicts_send(batch, result, log, fault);
	free(batch->lines);
	free(batch->bytes);
}

#else

/* On other systems each writer waits for the lock. */

bool
batch_address_is_taken(const struct batch_log *log)
{
	(void)log;
	return false;
}

enum batch_turn
batch_join(struct batch *batch, const struct batch_log *log, int64_t until)
{
	(void)batch;
	(void)log;
	(void)until;
	return BATCH_WAIT;
}

bool
batch_leave(struct batch *batch)
{
	(void)batch;
	return false;
}

int
batch_gather(struct batch *batch, struct fault *fault)
{
	(void)batch;
	(void)fault;
	return 0;
}

void
batch_end(struct batch *batch, int result, const struct store_span *log, const struct fault *fault)
{
	(void)batch;
	(void)result;
	(void)log;
	(void)fault;
}

#endif
