/*
 * lock.c - a lock on a whole file, with a wait that ends.
 *
 * It waits by blocking with a timer.  It does not poll: a process that polls gets no turn under
 * load.
 */
#include "base/lock.h"

#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

#define TIMER_MICROSECONDS 50000

static void
alarm_ignore(int signal_number)
{
	(void)signal_number; /* its only use is to interrupt fcntl */
}

/* F_OFD_* where the kernel, and a container's filter, knows them, else POSIX record locks. */
static int
lock_control(int fd, bool wait, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET };

#if defined(F_OFD_SETLK) && !defined(MSGEXT_WITHOUT_OFD_LOCKS)
	if (fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno != EINVAL && errno != EPERM && errno != ENOSYS)
		return -1;
#endif
	return fcntl(fd, wait ? F_SETLKW : F_SETLK, &lock);
}

int
lock_try(int fd, short type)
{
	return lock_control(fd, false, type);
}

/* Lets the timer's signal in: whoever started this process may have blocked it. */
static int
alarm_unblock(sigset_t *before)
{
	sigset_t alarms;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	return sigprocmask(SIG_UNBLOCK, &alarms, before);
}

/*
 * The timer does not fire before the time is over: a process that is interrupted loses its place in
 * the lock's queue.  Then it fires again and again: a single signal could come between the look at
 * the clock and the call.
 */
int
lock_wait(int fd, short type, int64_t until)
{
	struct sigaction ignore = { .sa_handler = alarm_ignore }, action_before;
	struct itimerval timer = { { 0, TIMER_MICROSECONDS }, { 0, 0 } };
	struct itimerval off = { { 0, 0 }, { 0, 0 } };
	sigset_t mask_before;
	int64_t left;
	int result, error, unblocked;

	if (lock_try(fd, type) == 0)
		return 0;
	if (errno != EAGAIN && errno != EACCES)
		return -1;
	left = until - clock_milliseconds();
	if (left <= 0) {
		errno = EINTR;
		return -1;
	}
	timer.it_value.tv_sec = (time_t)(left / 1000);
	timer.it_value.tv_usec = (suseconds_t)(left % 1000 * 1000);
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGALRM, &ignore, &action_before);
	unblocked = alarm_unblock(&mask_before);
	setitimer(ITIMER_REAL, &timer, NULL);
	while ((result = lock_control(fd, true, type)) != 0 && errno == EINTR)
		if (clock_milliseconds() >= until)
			break;
	error = errno;
	setitimer(ITIMER_REAL, &off, NULL);
	if (unblocked == 0)
		sigprocmask(SIG_SETMASK, &mask_before, NULL);
	sigaction(SIGALRM, &action_before, NULL);
	errno = error;
	return result;
}

void
lock_end(int fd)
{
	lock_control(fd, false, F_UNLCK);
}
