/*
 * clock.h - where several writers are one process, nobody need wait: time goes on by what is waited
 * for.  For unit tests that the linker's --wrap gives clock_milliseconds, nanosleep and poll.
 */
#ifndef TESTS_CLOCK_H
#define TESTS_CLOCK_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

static struct {
	bool stands;   /* at begun, but for what is waited for; else it is the machine's */
	int64_t begun; /* milliseconds, as all here */
	int64_t ahead;
} test_clock;

int64_t __real_clock_milliseconds(void);
int64_t __wrap_clock_milliseconds(void);
int64_t
__wrap_clock_milliseconds(void)
{
	if (test_clock.begun == 0)
		test_clock.begun = __real_clock_milliseconds();
	return (test_clock.stands ? test_clock.begun : __real_clock_milliseconds()) +
	    test_clock.ahead;
}

int __real_nanosleep(const struct timespec *wanted, struct timespec *left);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left);
int
__wrap_nanosleep(const struct timespec *wanted, struct timespec *left)
{
	if (!test_clock.stands)
		return __real_nanosleep(wanted, left);
	test_clock.ahead++;
	return 0;
}

/* What a test's own poll does. */
int __real_poll(struct pollfd *polls, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *polls, nfds_t count, int timeout);
static inline int
test_clock_poll(struct pollfd *polls, nfds_t count, int timeout)
{
	int ready = __real_poll(polls, count, test_clock.stands ? 0 : timeout);

	if (ready == 0 && test_clock.stands)
		test_clock.ahead += timeout;
	return ready;
}

#endif
