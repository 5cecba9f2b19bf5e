/* A group's id: its log's name is harmless, and no other group's (P7). */
#include <sha2.h>

#include "names.h"
#include "fuzz.h"

#define ENDING ".jsonl"

/* Undoes %XX; the bytes put into text. */
static size_t
name_decode(const char *name, size_t length, char text[STORE_NAME_SIZE])
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned value;

		if (name[i] != '%') {
			text[used++] = name[i];
			continue;
		}
		CHECK(i + 2 < length && strspn(name + i + 1, "0123456789ABCDEF") >= 2);
		CHECK(sscanf(name + i + 1, "%2X", &value) == 1);
		text[used++] = (char)value;
		i += 2;
	}
	return used;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789_%~-";
	char *id = strndup((const char *)data, size);
	char name[STORE_NAME_SIZE], text[STORE_NAME_SIZE], hash[SHA256_DIGEST_STRING_LENGTH];
	const char *tilde;
	size_t stem, decoded;

	memset(name, 'n', sizeof(name));
	CHECK(id != NULL);
	store_name(id, name);
	CHECK(memchr(name, '\0', sizeof(name)) != NULL);
	stem = strspn(name, plain);
	CHECK(strcmp(name + stem, ENDING) == 0);
	CHECK(name[0] != '-' && (name[0] != '.' || id[0] == '\0'));
	CHECK(id[0] == '\0' || scan_name_is_log(name));
	tilde = strchr(name, '~');
	decoded = name_decode(name, tilde == NULL ? stem : (size_t)(tilde - name), text);
	CHECK(decoded <= strlen(id) && memcmp(text, id, decoded) == 0);
	if (tilde == NULL) {
		CHECK(decoded == strlen(id));
	} else {
		/* Cut: the hash of the whole tells it from others with that beginning. */
		SHA256Data((const uint8_t *)id, strlen(id), hash);
		CHECK(decoded >= 1 && decoded < strlen(id));
		CHECK(strlen(hash) == stem - (size_t)(tilde + 1 - name));
		CHECK(memcmp(hash, tilde + 1, strlen(hash)) == 0);
	}
	free(id);
	return 0;
}
