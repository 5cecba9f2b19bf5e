/* wait.h - has a line been shipped?  The receiver asks, and msgext-ship answers. */
#ifndef WAIT_H
#define WAIT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct fault;
struct store_span;

/* Is the directory's path short enough for a socket in it? */
bool wait_possible(const char *data_dir);
/* Does a msgext-ship work in that directory? */
bool wait_shipper_is_there(const char *data_dir);

/*
 * Returns when msgext-ship has committed the log up to the end of the span, or at the deadline (as
 * in store_append), or at once where no msgext-ship works.
 */
void wait_shipped(const char *data_dir, const struct store_span *span, int64_t deadline);

#define WAIT_QUEUE_MAX 256

/*
 * The receivers that wait for an answer.
 *
 *     wait_prepare(&queue);
 *     wait_listen(&queue, data_dir, &fault);
 *     loop: poll(queue.polls, ...); wait_accept(&queue);
 *     ship, and then wait_answer(&queue, shipped, context);
 *     wait_end(&queue);
 */
struct wait_queue {
	/* For poll(2): the socket, and a place for each receiver. */
	struct pollfd polls[WAIT_QUEUE_MAX + 1];
	size_t count; /* of receivers */
	/* private */
	uint64_t inodes[WAIT_QUEUE_MAX + 1];
	int64_t ends[WAIT_QUEUE_MAX + 1]; /* where the line ends; -1: not asked yet */
};

/* Makes an empty queue that does not listen yet. */
void wait_prepare(struct wait_queue *queue);
/* Begins to listen for receivers.  Fails with DATA_DIR, OPEN_FAILED. */
int wait_listen(struct wait_queue *queue, const char *data_dir, struct fault *fault);
/* Accepts new receivers and reads what each asks. */
void wait_accept(struct wait_queue *queue);
/*
 * Answers the receivers whose line is shipped.  shipped: a function that returns up to which offset
 * the log of that inode is shipped.
 */
void wait_answer(struct wait_queue *queue, off_t (*shipped)(const void *context, ino_t inode),
    const void *context);
/* Answers all receivers and stops listening. */
void wait_end(struct wait_queue *queue);

#endif
