/* hash.h - the place of a key in a hash table */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Each table, or set of tables, makes its own. */
struct hash_seed {
	uint64_t low, high;
};

/* Takes 16 random bytes from the kernel. */
void hash_seed_make(struct hash_seed *seed);
/* All 64 bits are equally good. */
uint64_t hash_text(const struct hash_seed *seed, const char *text, size_t length);
uint64_t hash_number(const struct hash_seed *seed, uint64_t number);

#endif
