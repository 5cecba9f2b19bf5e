/*
 * clock-ahead.c - a clock that is set by others, to be preloaded: CLOCK_REALTIME is as many seconds ahead as stand in
 * the file that MSGEXT_CLOCK names, eight bytes in the machine's order.  day.py sets it while receivers are at work.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *ahead;

__attribute__((constructor)) static void
clock_begin(void)
{
	const char *path = getenv("MSGEXT_CLOCK");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *mapped;

	if (fd < 0)
		return;
	mapped = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, fd, 0);
	if (mapped != MAP_FAILED)
		ahead = mapped;
	close(fd);
}

int
clock_gettime(clockid_t id, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	int result;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	result = real(id, now);
	if (result == 0 && id == CLOCK_REALTIME && ahead != NULL)
		now->tv_sec += *ahead;
	return result;
}
