/*
 * memory.c - malloc for the static programs, made for a short life.
 *
 * A CGI request allocates a few kilobytes and is over.  What the C library
 * sets up for that (a heap, a group of slots for each size, pages that are
 * mapped and given back) takes it a third of its time, and a FastCGI worker
 * under musl eight system calls more for each request.  Here a block comes
 * from one array that costs nothing before it is touched, or from the list of
 * blocks of its size that were given back; sizes are powers of two.  Nothing
 * goes back to the system but what is larger than the largest of them.
 */
#include <sys/mman.h>

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HEADER sizeof(struct block)
#define SIZE_LOG_MIN 5  /* 32 bytes */
#define SIZE_LOG_MAX 17 /* 128 KiB; what is larger is mapped */
#define POOL_SIZE ((size_t)1 << 20)

/* What stands before each block, which is aligned for anything. */
struct block {
	alignas(16) size_t size; /* header included */
	struct block *next;      /* of a list of free ones */
};

static alignas(16) char first_pool[POOL_SIZE];
static char *pool = first_pool;
static size_t pool_left = POOL_SIZE;
static struct block *free_blocks[SIZE_LOG_MAX + 1];

static void *
map(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages == MAP_FAILED ? NULL : pages;
}

static struct block *
block_new(size_t size)
{
	struct block *block;

	if (size > pool_left) {
		char *more = map(POOL_SIZE);

		if (more == NULL)
			return NULL;
		pool = more;
		pool_left = POOL_SIZE;
	}
	block = (struct block *)(void *)pool;
	pool += size;
	pool_left -= size;
	return block;
}

/* The logarithm of the size of the list that a block comes from. */
static unsigned
size_log(size_t size)
{
	unsigned log = SIZE_LOG_MIN;

	while (((size_t)1 << log) < size)
		log++;
	return log;
}

void *
malloc(size_t size)
{
	struct block *block;

	if (size > PTRDIFF_MAX - HEADER) {
		errno = ENOMEM;
		return NULL;
	}
	size += HEADER;
	if (size > (size_t)1 << SIZE_LOG_MAX) {
		block = map(size);
	} else {
		unsigned log = size_log(size);

		size = (size_t)1 << log;
		block = free_blocks[log];
		if (block != NULL)
			free_blocks[log] = block->next;
		else
			block = block_new(size);
	}
	if (block == NULL)
		return NULL;
	block->size = size;
	return block + 1;
}

void
free(void *bytes)
{
	struct block *block = bytes;

	if (block == NULL)
		return;
	block--;
	if (block->size > (size_t)1 << SIZE_LOG_MAX) {
		munmap(block, block->size);
	} else {
		unsigned log = size_log(block->size);

		block->next = free_blocks[log];
		free_blocks[log] = block;
	}
}

void *
calloc(size_t count, size_t size)
{
	void *bytes;

	if (size != 0 && count > PTRDIFF_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	size *= count;
	bytes = malloc(size == 0 ? 1 : size);
	return bytes == NULL ? NULL : memset(bytes, 0, size);
}

void *
realloc(void *bytes, size_t size)
{
	struct block *block = bytes;
	void *larger;

	if (block != NULL && size <= block[-1].size - HEADER)
		return bytes;
	larger = malloc(size);
	if (larger != NULL && block != NULL) {
		memcpy(larger, bytes, block[-1].size - HEADER);
		free(bytes);
	}
	return larger;
}
