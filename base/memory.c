/*
 * memory.c - malloc for the static programs, made for short lives and one thread: msgextctl has the C library's.
 *
 * A CGI request allocates a few kilobytes and ends.  What the C library sets up for that (a heap, a
 * group of slots for each size, pages that are mapped and given back) takes a third of the
 * request's time; under musl a FastCGI worker makes eight more system calls for each request.  Here
 * a block comes from one array that costs nothing until it is used, or from the list of freed
 * blocks of its size.  Sizes are powers of two.
 *
 * The array holds what usual requests need, and what lives as long as the process.  Other blocks
 * come from pools that are mapped and have their own lists.  Once no block of any pool is in use,
 * all pools go back to the system together, so that no list must be searched for their blocks.  So
 * a large request leaves a worker as small as before, at the price of one counter.  A single pool
 * stays: else a process at that limit would map and unmap for ever.
 */
#include <sys/mman.h>

#include <errno.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HEADER sizeof(struct block)
#define SIZE_LOG_MIN 5  /* 32 bytes */
#define SIZE_LOG_MAX 17 /* 128 KiB; larger blocks are mapped */
#define FIRST_SIZE ((size_t)1 << 17)
#define POOL_SIZE ((size_t)1 << 18)

/* The header of each block.  What follows it is aligned for any type. */
struct block {
	alignas(16) size_t size; /* header included */
	struct block *next;      /* the next one in a list of free blocks */
};

/* Blocks are cut from its free bytes.  Freed blocks are kept by the logarithms of their sizes. */
struct arena {
	char *bytes;
	size_t left;
	struct block *free_blocks[SIZE_LOG_MAX + 1];
};

/* The header of each pool that is mapped. */
struct pool {
	alignas(16) struct pool *next;
};

static alignas(16) char first_bytes[FIRST_SIZE];
static struct arena first_arena = { .bytes = first_bytes, .left = FIRST_SIZE };
static struct arena mapped_arena;
static struct pool *pools;
static size_t mapped_used; /* blocks that are in use */

static void *
map(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages == MAP_FAILED ? NULL : pages;
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

/* Takes a block of 1 << log bytes.  NULL: the arena has no room. */
static struct block *
block_take(struct arena *arena, unsigned log)
{
	struct block *block = arena->free_blocks[log];

	if (block != NULL) {
		arena->free_blocks[log] = block->next;
	} else if (arena->left >= (size_t)1 << log) {
		block = (struct block *)(void *)arena->bytes;
		arena->bytes += (size_t)1 << log;
		arena->left -= (size_t)1 << log;
	}
	return block;
}

/* Takes a block from the pools that are mapped.  NULL: the system has no memory. */
static struct block *
block_take_mapped(unsigned log)
{
	struct block *block = block_take(&mapped_arena, log);

	if (block == NULL) {
		struct pool *more = map(POOL_SIZE);

		if (more == NULL)
			return NULL;
		more->next = pools;
		pools = more;
		mapped_arena.bytes = (char *)(more + 1);
		mapped_arena.left = POOL_SIZE - sizeof(*more);
		block = block_take(&mapped_arena, log);
	}
	mapped_used++;
	return block;
}

/* Call it when no block of the pools is in use. */
static void
pools_give_back(void)
{
	memset(&mapped_arena, 0, sizeof(mapped_arena));
	if (pools->next == NULL) {
		mapped_arena.bytes = (char *)(pools + 1);
		mapped_arena.left = POOL_SIZE - sizeof(*pools);
		return;
	}
	while (pools != NULL) {
		struct pool *next = pools->next;

		munmap(pools, POOL_SIZE);
		pools = next;
	}
}

static bool
is_first(const struct block *block)
{
	return (uintptr_t)block - (uintptr_t)first_bytes < FIRST_SIZE;
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
		block = block_take(&first_arena, log);
		if (block == NULL)
			block = block_take_mapped(log);
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
		struct arena *arena = is_first(block) ? &first_arena : &mapped_arena;
		unsigned log = size_log(block->size);

		block->next = arena->free_blocks[log];
		arena->free_blocks[log] = block;
		if (arena == &mapped_arena && --mapped_used == 0)
			pools_give_back();
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
