/* hmac.h - HMAC-SHA256, base64url, and comparing without telling how near */
#ifndef BASE_HMAC_H
#define BASE_HMAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HMAC_SIZE 32        /* bytes of a code, and of any SHA-256 */
#define HMAC_TEXT_LENGTH 43 /* characters of a code as base64url */

/* The hash of the text. */
void sha256(const char *text, size_t length, uint8_t hash[HMAC_SIZE]);

/* The code of the text under the key (RFC 2104), each of any length, 0 included. */
void hmac_sha256(const char *key, size_t key_length, const char *text, size_t length,
    uint8_t code[HMAC_SIZE]);

/* Are they the same?  The time taken does not tell how near they were. */
bool hmac_equal(const uint8_t a[HMAC_SIZE], const uint8_t b[HMAC_SIZE]);

/* The code as base64url without padding (RFC 4648, section 5), with a NUL. */
void hmac_print(const uint8_t code[HMAC_SIZE], char text[HMAC_TEXT_LENGTH + 1]);

/* Reads what hmac_print writes.  False: the text is anything else, a second spelling included. */
bool hmac_parse(const char *text, uint8_t code[HMAC_SIZE]);

#endif
