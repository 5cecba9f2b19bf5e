/*
 * chosen.c keys COUNT | messages COUNT - prints what one looks for to slow a table down.
 *
 * keys: of eight letters, whose FNV-1a, folded to 32 bits, ends in 16 zeros.  Any group member may
 * set such keys.  messages: numbers that one mix without a seed sends to one place.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS 64

static const unsigned char letters[LETTERS + 1] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

static inline uint64_t
step(uint64_t hash, unsigned char letter)
{
	return (hash ^ letter) * UINT64_C(1099511628211);
}

static void
print_keys(unsigned long left)
{
	for (uint64_t number = 0; left > 0; number++) {
		char key[9] = "";
		uint64_t hash = UINT64_C(14695981039346656037), rest = number;

		for (int i = 0; i < 7; i++, rest /= LETTERS) {
			key[i] = (char)letters[rest % LETTERS];
			hash = step(hash, letters[rest % LETTERS]);
		}
		for (int i = 0; i < LETTERS && left > 0; i++) {
			uint64_t last = step(hash, letters[i]);

			if (((last ^ last >> 32) & UINT16_MAX) != 0)
				continue;
			key[7] = (char)letters[i];
			puts(key);
			left--;
		}
	}
}

/* The mix was: number ^= number >> 31; number *= 0x9e3779b97f4a7c15; number ^= number >> 29. */
static void
print_messages(unsigned long left)
{
	for (uint64_t i = 0; left > 0; i++) {
		uint64_t number = i << 20;

		number ^= number >> 29 ^ number >> 58;
		number *= UINT64_C(0xf1de83e19937733d);
		number ^= number >> 31 ^ number >> 62;
		if (number > UINT64_C(1) << 53)
			continue;
		printf("%llu\n", (unsigned long long)number);
		left--;
	}
}

int
main(int argc, char **argv)
{
	unsigned long count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (count > 0 && strcmp(argv[1], "keys") == 0)
		print_keys(count);
	else if (count > 0 && strcmp(argv[1], "messages") == 0)
		print_messages(count);
	else
		return 64;
	return 0;
}
