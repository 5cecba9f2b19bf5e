/* The static programs' memcpy, memmove and memrchr, under other names: as the C library's, byte for byte. */
#include <sys/mman.h>

#include "unit.h"

#define memcpy bytes_memcpy
#define memmove bytes_memmove
#define memrchr bytes_memrchr

void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memrchr(const void *bytes, int byte, size_t length);

#include "base/bytes.c"

#undef memcpy
#undef memmove
#undef memrchr

#define LENGTH_MAX 70
#define SIZE ((size_t)4 * LENGTH_MAX)
#define PAGE 4096

static void
fill(unsigned char bytes[SIZE], unsigned first)
{
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (unsigned char)(first + i * 7);
}

/* Every length, from every place in a word to every other. */
static void
copies_are_whole(void **state)
{
	unsigned char from[SIZE], to[SIZE], expected[SIZE];

	(void)state;
	fill(from, 1);
	for (size_t length = 0; length <= LENGTH_MAX; length++)
		for (size_t i = 0; i < 64; i++) {
			fill(to, 128);
			fill(expected, 128);
			memmove(expected + i / 8, from + i % 8, length);
			assert_ptr_equal(bytes_memcpy(to + i / 8, from + i % 8, length),
			    to + i / 8);
			assert_memory_equal(to, expected, SIZE);
		}
}

/* Every length, by every distance, to the front and to the back. */
static void
overlapping_bytes_are_moved(void **state)
{
	unsigned char got[SIZE], expected[SIZE];

	(void)state;
	for (size_t length = 0; length <= LENGTH_MAX; length++)
		for (size_t at = 0; at <= 2 * LENGTH_MAX; at++) {
			fill(got, 1);
			fill(expected, 1);
			memmove(expected + at, expected + LENGTH_MAX, length);
			assert_ptr_equal(bytes_memmove(got + at, got + LENGTH_MAX, length),
			    got + at);
			assert_memory_equal(got, expected, SIZE);
		}
}

/* The last of two, in every place of so many bytes; not what stands beside them, which no process has. */
static void
the_last_is_found(void **state)
{
	unsigned char *pages =
	    mmap(NULL, (size_t)3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *page = pages + PAGE;

	(void)state;
	assert_int_equal(mprotect(page, PAGE, PROT_READ | PROT_WRITE), 0);
	for (size_t length = 0; length <= LENGTH_MAX; length++)
		for (size_t i = 0; i < 4; i++) {
			const int byte = i % 2 == 0 ? '\n' : 0x80;
			unsigned char *bytes = i < 2 ? page : page + PAGE - length;

			memset(page, byte + 1, PAGE);
			assert_null(bytes_memrchr(bytes, byte, length));
			for (size_t at = 0; at < length; at++) {
				bytes[at] = (unsigned char)byte;
				assert_ptr_equal(bytes_memrchr(bytes, byte | 0x100, length),
				    bytes + at);
				assert_ptr_equal(bytes_memrchr(bytes, byte, at + 1), bytes + at);
			}
		}
	munmap(pages, (size_t)3 * PAGE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_are_whole),
		cmocka_unit_test(overlapping_bytes_are_moved),
		cmocka_unit_test(the_last_is_found),
	};

	return RUN(tests);
}
