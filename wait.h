/* wait.h - has a line been shipped?  The receiver's question, and msgext-ship's answer */
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
/* Is a msgext-ship at work there? */
bool wait_shipper_is_there(const char *data_dir);

/*
 * Returns when msgext-ship has committed the log up to the span's size, at the
 * deadline (as store_append), or at once where no msgext-ship is at work.
 */
void wait_shipped(const char *data_dir, const struct store_span *span, int64_t deadline);

#define WAIT_QUEUE_MAX 256

/* Receivers that wait. */
struct wait_queue {
	/* To be polled: the socket, and a place for each receiver. */
	struct pollfd polls[WAIT_QUEUE_MAX + 1];
	size_t count; /* of receivers */
	/* private */
	uint64_t inodes[WAIT_QUEUE_MAX + 1];
	int64_t ends[WAIT_QUEUE_MAX + 1]; /* -1: not told yet */
};

/* Makes an empty queue, which listens to nobody. */
void wait_prepare(struct wait_queue *queue);
/* Begins to listen, in the shipper's name.  Fails with DATA_DIR, OPEN_FAILED. */
int wait_listen(struct wait_queue *queue, const char *data_dir, struct fault *fault);
/* Takes in who asks, and what. */
void wait_accept(struct wait_queue *queue);
/* Lets go whose line is shipped; shipped: up to where is that log? */
void wait_answer(struct wait_queue *queue, off_t (*shipped)(const void *context, ino_t inode),
    const void *context);
/* Lets everybody go, and listens no more. */
void wait_end(struct wait_queue *queue);

#endif
