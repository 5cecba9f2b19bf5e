/*
 * hmac.c - HMAC-SHA256 over libmd's SHA-256, and how a code is written and compared.
 *
 * A hash of a secret and a text side by side can be continued by whoever sees it; HMAC cannot
 * (RFC 2104).  A code has one spelling: of the last character's six bits two belong to no byte, and
 * must be 0, so that no two texts are the same code.
 *
 * What the key was copied to is wiped.
 */
#include "base/hmac.h"

#include <string.h>

#include <sha2.h>

_Static_assert(HMAC_SIZE == SHA256_DIGEST_LENGTH, "a code is a hash");

static const char digits[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* SHA-256 of the key's block, each byte changed by mask, and of the text. */
static void
block_hash(const uint8_t block[SHA256_BLOCK_LENGTH], uint8_t mask, const void *text, size_t length,
    uint8_t digest[HMAC_SIZE])
{
	uint8_t masked[SHA256_BLOCK_LENGTH];
	SHA2_CTX context;

	for (size_t i = 0; i < sizeof(masked); i++)
		masked[i] = block[i] ^ mask;
	SHA256Init(&context);
	SHA256Update(&context, masked, sizeof(masked));
	SHA256Update(&context, text, length);
	SHA256Final(digest, &context);
	explicit_bzero(masked, sizeof(masked));
	explicit_bzero(&context, sizeof(context));
}

void
sha256(const char *text, size_t length, uint8_t hash[HMAC_SIZE])
{
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)text, length);
	SHA256Final(hash, &context);
}

void
hmac_sha256(const char *key, size_t key_length, const char *text, size_t length,
    uint8_t code[HMAC_SIZE])
{
	uint8_t block[SHA256_BLOCK_LENGTH] = { 0 }, inner[HMAC_SIZE];

	if (key_length > sizeof(block))
		sha256(key, key_length, block);
	else
		memcpy(block, key, key_length);
	block_hash(block, 0x36, text, length, inner);
	block_hash(block, 0x5c, inner, sizeof(inner), code);
	explicit_bzero(block, sizeof(block));
}

bool
hmac_equal(const uint8_t a[HMAC_SIZE], const uint8_t b[HMAC_SIZE])
{
	volatile uint8_t difference = 0; /* no compiler may leave the loop early */

	for (size_t i = 0; i < HMAC_SIZE; i++)
		difference = (uint8_t)(difference | (a[i] ^ b[i]));
	return difference == 0;
}

void
hmac_print(const uint8_t code[HMAC_SIZE], char text[HMAC_TEXT_LENGTH + 1])
{
	uint32_t bits = 0;
	int count = 0;
	char *at = text;

	for (size_t i = 0; i < HMAC_SIZE; i++) {
		bits = (bits << 8 | code[i]) & 0x3fff;
		for (count += 8; count >= 6; count -= 6)
			*at++ = digits[bits >> (count - 6) & 63];
	}
	*at++ = digits[bits << (6 - count) & 63];
	*at = '\0';
}

bool
hmac_parse(const char *text, uint8_t code[HMAC_SIZE])
{
	uint32_t bits = 0;
	int count = 0;
	size_t used = 0;

	if (strlen(text) != HMAC_TEXT_LENGTH)
		return false;
	for (; *text != '\0'; text++) {
		const char *digit = memchr(digits, *text, sizeof(digits));

		if (digit == NULL)
			return false;
		bits = (bits << 6 | (uint32_t)(digit - digits)) & 0x3fff;
		count += 6;
		if (count >= 8) {
			count -= 8;
			code[used++] = (uint8_t)(bits >> count);
		}
	}
	return (bits & ((1U << count) - 1)) == 0;
}
