/*
 * bytes.c - memcpy, memmove and memrchr for the static programs, made for a few bytes at a time.
 *
 * musl copies by an instruction that takes the processor some thirty cycles before it begins.  A
 * request has a hundred copies: so they took a twelfth of a FastCGI worker's time.  musl also
 * searches backwards byte by byte.  Here both are done a word at a time, with words that may begin
 * anywhere.  Nothing beside the bytes is read.
 *
 * The words at both ends are read before anything is written.  So it does not matter that they share
 * bytes with the words between, nor whether the two places overlap, as long as the words between are
 * copied in the right order.
 */
#undef _FORTIFY_SOURCE /* with it, string.h has functions of these names that call these */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct pair {
	uint64_t words[2];
};

/* A copy of a fixed size calls no function. */
#define LOAD(word, from) __builtin_memcpy(&(word), from, sizeof(word))
#define STORE(to, word) __builtin_memcpy(to, &(word), sizeof(word))

/* Compilers know a loop that copies, and would call the very function that it stands in. */
#define LOOP_KEEP __asm__ volatile("" ::: "memory")

/* Copies a word at the begin of length bytes and one at their end: they may share some bytes. */
#define ENDS_COPY(type, to, from, length)                                                          \
	do {                                                                                       \
		size_t last = (length) - sizeof(type);                                             \
		type first_word, last_word;                                                        \
                                                                                                   \
		LOAD(first_word, from);                                                            \
		LOAD(last_word, (from) + last);                                                    \
		STORE(to, first_word);                                                             \
		STORE((to) + last, last_word);                                                     \
	} while (0)

/* Copies less than a pair. */
static inline void
few_copy(unsigned char *to, const unsigned char *from, size_t length)
{
	if (length >= sizeof(uint64_t))
		ENDS_COPY(uint64_t, to, from, length);
	else if (length >= sizeof(uint32_t))
		ENDS_COPY(uint32_t, to, from, length);
	else if (length >= sizeof(uint16_t))
		ENDS_COPY(uint16_t, to, from, length);
	else if (length > 0)
		*to = *from;
}

/* Copies a pair or more, from the first to the last. */
static inline void
forward_copy(unsigned char *to, const unsigned char *from, size_t length)
{
	size_t last = length - sizeof(struct pair);
	struct pair pair, last_pair;

	LOAD(last_pair, from + last);
	for (size_t i = 0; i < last; i += sizeof(pair)) {
		LOAD(pair, from + i);
		STORE(to + i, pair);
		LOOP_KEEP;
	}
	STORE(to + last, last_pair);
}

/* Copies a pair or more, from the last to the first. */
static void
backward_copy(unsigned char *to, const unsigned char *from, size_t length)
{
	struct pair pair, first_pair;

	LOAD(first_pair, from);
	for (size_t i = length - sizeof(pair); i > 0; i = i < sizeof(pair) ? 0 : i - sizeof(pair)) {
		LOAD(pair, from + i);
		STORE(to + i, pair);
		LOOP_KEEP;
	}
	STORE(to, first_pair);
}

void *
memmove(void *to, const void *from, size_t length)
{
	if (length < sizeof(struct pair))
		few_copy(to, from, length);
	else if ((uintptr_t)to - (uintptr_t)from >= length)
		forward_copy(to, from, length);
	else
		backward_copy(to, from, length);
	return to;
}

void *
memcpy(void *restrict to, const void *restrict from, size_t length)
{
	if (length < sizeof(struct pair))
		few_copy(to, from, length);
	else
		forward_copy(to, from, length);
	return to;
}

/* Has the word at that place a byte that is in each place of the pattern? */
static bool
word_has(const unsigned char *at, uint64_t pattern)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word;

	LOAD(word, at);
	word ^= pattern;
	return ((word - ones) & ~word & ones << 7) != 0;
}

void *
memrchr(const void *bytes, int byte, size_t length)
{
	const unsigned char *start = bytes;
	const uint64_t pattern = UINT64_C(0x0101010101010101) * (unsigned char)byte;

	while (length >= sizeof(pattern) && !word_has(start + length - sizeof(pattern), pattern))
		length -= sizeof(pattern);
	while (length > 0)
		if (start[--length] == (unsigned char)byte)
			return (void *)(uintptr_t)(start + length);
	return NULL;
}
