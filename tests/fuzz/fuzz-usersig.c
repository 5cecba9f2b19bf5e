/*
 * Any text as a UserSig, or, behind a first byte "z", as what one is when it is inflated: what is
 * read is in range, and one that is made of that says the same.
 */
#include <zlib.h>

#include "repair/usersig.h"
#include "fuzz.h"

/* The text of a signature with that in it: base64 with the digits that are for URLs. */
static char *
signature_make(const uint8_t *data, size_t size)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-";
	uLongf length = compressBound(size);
	uint8_t *packed = calloc(1, length + 3);
	char *text = malloc(2 * length + 8), *to = text;

	CHECK(packed != NULL && text != NULL);
	CHECK(compress(packed, &length, data, size) == Z_OK);
	memset(packed + length, 0, 3);
	for (size_t i = 0; i < length; i += 3) {
		uint32_t bits =
		    (uint32_t)packed[i] << 16 | (uint32_t)packed[i + 1] << 8 | packed[i + 2];

		for (unsigned digit = 0; digit < 4; digit++)
			*to++ = i + digit > length ? '_' : digits[bits >> (18 - 6 * digit) & 63];
	}
	*to = '\0';
	free(packed);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool packs = size > 0 && data[0] == 'z';
	char *text = packs ? signature_make(data + 1, size - 1) : strndup((const char *)data, size);
	char made[USERSIG_SIZE];
	struct usersig_says says, again;
	struct fault fault = { 0 };

	CHECK(text != NULL);
	if (usersig_read(text, &says, &fault) != 0) {
		fault_verify(&fault);
	} else {
		struct usersig usersig = { says.identifier, says.sdk_app_id, says.time,
			says.expire };

		CHECK(memchr(says.identifier, '\0', sizeof(says.identifier)) != NULL);
		CHECK(usersig_is_of(&says, says.identifier, says.sdk_app_id));
		if (strlen(says.identifier) <= USERSIG_ADMIN_MAX) {
			CHECK(usersig_make(&usersig, "key", 3, made, &fault) == 0);
			CHECK(usersig_read(made, &again, &fault) == 0);
			CHECK(usersig_is_of(&again, says.identifier, says.sdk_app_id));
			CHECK(again.time == says.time && again.expire == says.expire);
		}
	}
	free(text);
	return 0;
}
