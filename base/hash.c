/*
 * hash.c - the place of a key in a hash table, which nobody outside can know.
 *
 * Keys of tables come from anyone who may write to a group.  If he can compute the hash, he can
 * choose 100,000 keys that all get one place, and then each look-up walks through all of them.  A
 * secret seed alone does not prevent this.  With FNV and similar hashes, two texts that collide
 * under one seed collide under every seed; so would texts that differ in bits that a multiplication
 * drops.  SipHash (Aumasson and Bernstein, 2012) was made for this: without its key no way is known
 * to find two texts that collide more often than by chance.  It is used with one round for each
 * word and three at the end, as several languages use it in their own tables.  Nothing secret
 * depends on it, only time.
 *
 * Numbers go through it too: one kind of hash, one argument for its safety.
 *
 * No order that anybody sees may depend on a seed: what comes out of a table is sorted.
 */
#include <sys/auxv.h>
#include <sys/random.h>

#include <endian.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"

struct words {
	uint64_t a, b, c, d;
};

static inline uint64_t
rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static inline void
words_mix(struct words *words)
{
	words->a += words->b;
	words->c += words->d;
	words->b = rotate(words->b, 13) ^ words->a;
	words->d = rotate(words->d, 16) ^ words->c;
	words->a = rotate(words->a, 32);
	words->c += words->b;
	words->a += words->d;
	words->b = rotate(words->b, 17) ^ words->c;
	words->d = rotate(words->d, 21) ^ words->a;
	words->c = rotate(words->c, 32);
}

static inline struct words
words_begin(const struct hash_seed *seed)
{
	/* SipHash's constants: with a seed of 0 the words still differ. */
	return (struct words){ seed->low ^ UINT64_C(0x736f6d6570736575),
		seed->high ^ UINT64_C(0x646f72616e646f6d), seed->low ^ UINT64_C(0x6c7967656e657261),
		seed->high ^ UINT64_C(0x7465646279746573) };
}

static inline void
words_take(struct words *words, uint64_t word)
{
	words->d ^= word;
	words_mix(words);
	words->a ^= word;
}

static inline uint64_t
words_end(struct words *words)
{
	words->c ^= 0xff;
	for (int i = 0; i < 3; i++)
		words_mix(words);
	return words->a ^ words->b ^ words->c ^ words->d;
}

/* The bytes that are left after whole words, of a text of that length: in the word's low bytes. */
static inline uint64_t
tail_word(const char *text, size_t length)
{
	size_t left = length & 7;
	uint64_t word = 0;
	uint32_t low, high;

	if (left == 0)
		return 0;
	if (length > 8) { /* the last eight bytes, without those that were taken */
		memcpy(&word, text + left - sizeof(word), sizeof(word));
		return le64toh(word) >> (64 - 8 * left);
	}
	if (left >= 4) { /* two halves, which may overlap */
		memcpy(&low, text, sizeof(low));
		memcpy(&high, text + left - sizeof(high), sizeof(high));
		return le32toh(low) | (uint64_t)le32toh(high) << (8 * left - 32);
	}
	for (size_t i = 0; i < left; i++)
		word |= (uint64_t)(unsigned char)text[i] << (8 * i);
	return word;
}

uint64_t
hash_text(const struct hash_seed *seed, const char *text, size_t length)
{
	struct words words = words_begin(seed);
	const char *end = text + (length & ~(size_t)7);
	uint64_t word;

	for (; text < end; text += sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		words_take(&words, le64toh(word));
	}
	words_take(&words, tail_word(text, length) | (uint64_t)length << 56);
	return words_end(&words);
}

uint64_t
hash_number(const struct hash_seed *seed, uint64_t number)
{
	struct words words = words_begin(seed);

	words_take(&words, number);
	words_take(&words, UINT64_C(8) << 56);
	return words_end(&words);
}

/*
 * Where the kernel gives no random numbers, or a container's filter forbids the call: uses those
 * that the kernel gave the program at its start, and other values that are hard to know.
 */
static void
seed_make_without(struct hash_seed *seed)
{
	const void *given = (const void *)getauxval(AT_RANDOM);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	memset(seed, 0, sizeof(*seed));
	if (given != NULL)
		memcpy(seed, given, sizeof(*seed));
	seed->low ^= (uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec;
	seed->high ^= (uint64_t)getpid() << 32 ^ (uint64_t)(uintptr_t)&now;
}

void
hash_seed_make(struct hash_seed *seed)
{
	if (getrandom(seed, sizeof(*seed), GRND_NONBLOCK) != (ssize_t)sizeof(*seed))
		seed_make_without(seed);
}
