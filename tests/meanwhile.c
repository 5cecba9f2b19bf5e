/*
 * meanwhile.c - preloaded, it makes something happen while a reader waits for writers (store_settle):
 * in the environment MSGEXT_LOCKING is a script that runs once, before it takes its shared lock, and
 * MSGEXT_UNLOCKED one that runs once after it has released that.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void
happen(const char *what)
{
	const char *script = getenv(what);
	char command[4096];

	if (script == NULL)
		return;
	snprintf(command, sizeof(command), "sh '%s'", script);
	unsetenv(what);
	unsetenv("LD_PRELOAD");
	if (system(command) != 0)
		fprintf(stderr, "meanwhile: %s failed\n", what);
}

int
fcntl64(int fd, int command, ...)
{
	static int (*real)(int, int, void *);
	bool locks = command == F_OFD_SETLK || command == F_OFD_SETLKW;
	const struct flock *lock;
	va_list arguments;
	void *argument;
	int result;

	if (real == NULL)
		real = (int (*)(int, int, void *))(uintptr_t)dlsym(RTLD_NEXT, "fcntl64");
	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	lock = argument;
	if (locks && lock->l_type == F_RDLCK)
		happen("MSGEXT_LOCKING");
	result = real(fd, command, argument);
	if (locks && lock->l_type == F_UNLCK)
		happen("MSGEXT_UNLOCKED");
	return result;
}
