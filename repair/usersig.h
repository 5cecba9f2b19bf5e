/*
 * usersig.h - the signature that says who calls the vendor's interface (UserSig)
 *
 *	const struct usersig who = { "administrator", 1400000000, now, 600 };
 *
 *	if (usersig_make(&who, key, key_length, text, fault) != 0)
 *		...
 */
#ifndef REPAIR_USERSIG_H
#define REPAIR_USERSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;

#define USERSIG_SIZE 4096 /* bytes of a signature, its NUL included */
#define USERSIG_ADMIN_MAX 250

struct usersig {
	const char *identifier; /* at most USERSIG_ADMIN_MAX bytes of UTF-8 */
	uint64_t sdk_app_id;
	uint64_t time;   /* seconds since 1970: when it begins, */
	uint64_t expire; /* and for how many seconds it is good */
};

/* Signs with the app's key, as its ASCII text.  Fails with MEMORY, FIELD_RANGE. */
int usersig_make(const struct usersig *usersig, const char *key, size_t key_length,
    char text[USERSIG_SIZE], struct fault *fault);

/* What a signature says of itself.  It is not verified: that takes the key. */
struct usersig_says {
	char identifier[USERSIG_ADMIN_MAX + 4];
	uint64_t sdk_app_id, time, expire;
};

/* Reads it.  Fails with FIELD_RANGE where the text is no signature, MEMORY. */
int usersig_read(const char *text, struct usersig_says *says, struct fault *fault);

/* Is it of that account and app? */
bool usersig_is_of(const struct usersig_says *says, const char *identifier, uint64_t sdk_app_id);

#endif
