/*
 * failmalloc.c - preloaded, it lets the MALLOC_FAIL-th allocation fail, and
 * tells in the file MALLOC_COUNT, on a regular exit, how many there were.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned long count;

static bool
fails(void)
{
	static unsigned long wanted;

	if (wanted == 0) {
		const char *number = getenv("MALLOC_FAIL");

		wanted = number == NULL ? (unsigned long)-1 : strtoul(number, NULL, 10);
	}
	if (++count != wanted)
		return false;
	errno = ENOMEM;
	return true;
}

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t members, size_t size);
void *__libc_realloc(void *block, size_t size);

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t members, size_t size)
{
	return fails() ? NULL : __libc_calloc(members, size);
}

void *
realloc(void *block, size_t size)
{
	return fails() ? NULL : __libc_realloc(block, size);
}

static FILE *told;

/* Opened at the start: a hardened process could not do it at the end. */
__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("MALLOC_COUNT");

	told = path == NULL ? NULL : fopen(path, "w");
	count = 0;
}

__attribute__((destructor)) static void
tell(void)
{
	if (told != NULL)
		fprintf(told, "%lu\n", count);
	if (told != NULL)
		fclose(told);
}
