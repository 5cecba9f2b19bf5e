/*
 * chosen.c COUNT BITS - prints COUNT keys of eight letters that one looks for to slow a table down: those
 * whose FNV-1a, folded to 32 bits, ends in BITS zeros.  Any group member may set such keys.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define LETTERS 64

static const unsigned char letters[LETTERS + 1] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

static inline uint64_t
step(uint64_t hash, unsigned char letter)
{
	return (hash ^ letter) * UINT64_C(1099511628211);
}

int
main(int argc, char **argv)
{
	unsigned long left = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	uint64_t mask = argc == 3 ? (UINT64_C(1) << strtoul(argv[2], NULL, 10)) - 1 : 0;

	for (uint64_t number = 0; left > 0; number++) {
		char key[9] = "";
		uint64_t hash = UINT64_C(14695981039346656037), rest = number;

		for (int i = 0; i < 7; i++, rest /= LETTERS) {
			key[i] = (char)letters[rest % LETTERS];
			hash = step(hash, letters[rest % LETTERS]);
		}
		for (int i = 0; i < LETTERS && left > 0; i++) {
			uint64_t last = step(hash, letters[i]);

			if (((last ^ last >> 32) & mask) != 0)
				continue;
			key[7] = (char)letters[i];
			puts(key);
			left--;
		}
	}
	return 0;
}
