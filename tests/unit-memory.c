/* The static program's malloc, under other names: blocks hold what is put into them, and are used again. */
#include "unit.h"

#define malloc memory_malloc
#define calloc memory_calloc
#define realloc memory_realloc
#define free memory_free

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *bytes, size_t size);
void free(void *bytes);

#include "base/memory.c"

#define BLOCKS 2000

static struct {
	unsigned char *bytes, fill;
	size_t size;
} held[BLOCKS];

static void
held_check(size_t i)
{
	for (size_t at = 0; at < held[i].size; at++)
		assert_int_equal(held[i].bytes[at], held[i].fill);
}

/* Any order of allocations of any sizes, those of several pools and of single maps among them. */
static void
blocks_keep_their_bytes(void **state)
{
	uint64_t chance = seed_make();

	(void)state;
	for (unsigned round = 0; round < 40000; round++) {
		size_t i, size;

		chance = chance * UINT64_C(6364136223846793005) + 1442695040888963407;
		i = (size_t)(chance >> 33) % BLOCKS;
		size = (size_t)1 << (chance >> 60);
		size = (size_t)(chance >> 20) % (round % 1000 == 0 ? 300000 : size);
		if (held[i].bytes != NULL)
			held_check(i);
		if (held[i].bytes != NULL && round % 3 == 0) {
			free(held[i].bytes);
			held[i].bytes = NULL;
			held[i].size = 0;
			continue;
		}
		held[i].bytes = realloc(held[i].bytes, size);
		assert_non_null(held[i].bytes);
		assert_int_equal((uintptr_t)held[i].bytes % 16, 0);
		held[i].size = held[i].size < size ? held[i].size : size;
		held_check(i);
		held[i].fill = (unsigned char)round;
		held[i].size = size;
		memset(held[i].bytes, held[i].fill, size);
	}
	for (size_t i = 0; i < BLOCKS; i++) {
		held_check(i);
		free(held[i].bytes);
	}
}

static void
blocks_are_used_again(void **state)
{
	char *first = malloc(100), *second;

	(void)state;
	memset(first, 'x', 100);
	free(first);
	second = calloc(10, 10);
	assert_ptr_equal(first, second);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(second[i], 0);
	assert_ptr_equal(realloc(second, 112), second);
	free(second);
	free(NULL);
}

/* How many bytes this process has mapped. */
static size_t
mapped_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long count = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lu", &count), 1);
	fclose(file);
	return count * (size_t)sysconf(_SC_PAGESIZE);
}

/* A large request's blocks, freed in any order, leave nothing behind; nor is that done for each small one. */
static void
memory_is_given_back(void **state)
{
	enum { COUNT = 200000 };
	static void *blocks[COUNT];
	size_t before;

	(void)state;
	free(malloc(100));
	before = mapped_bytes();
	for (unsigned round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT; i++)
			assert_non_null(blocks[i] = malloc(40 + i % 60));
		assert_true(mapped_bytes() > before + (size_t)COUNT * 64);
		for (size_t i = 0; i < COUNT; i++)
			free(blocks[i * 7 % COUNT]);
		assert_true(mapped_bytes() <= before); /* less: one pool had been kept */
	}
}

static void
too_much_is_refused(void **state)
{
	char *kept = malloc(1);
	volatile size_t most = SIZE_MAX, half = (size_t)2 << (4 * sizeof(most)); /* of its bits */

	(void)state;
	assert_null(malloc(most));
	assert_null(malloc(most - 10000000));
	assert_null(calloc(most / 2, 3));
	assert_null(calloc(half, half));
	assert_null(realloc(kept, most));
	free(kept);
	kept = calloc(0, 5);
	assert_non_null(kept);
	free(kept);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_keep_their_bytes),
		cmocka_unit_test(blocks_are_used_again),
		cmocka_unit_test(memory_is_given_back),
		cmocka_unit_test(too_much_is_refused),
	};

	return RUN(tests);
}
