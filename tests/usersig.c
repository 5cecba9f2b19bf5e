/*
 * usersig.c - for tests: makes UserSigs and reads them, as lines on standard input ask for
 *
 *     make APP TIME EXPIRE KEY IDENTIFIER     prints the UserSig
 *     read USERSIG                            prints APP TIME EXPIRE IDENTIFIER
 *
 * KEY and IDENTIFIER are hexadecimal.  Where it fails it prints the fault.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "repair/usersig.h"

static size_t
bytes_read(const char *digits, char *bytes)
{
	size_t length = 0;
	unsigned byte;

	while (sscanf(digits + 2 * length, "%2x", &byte) == 1)
		bytes[length++] = (char)byte;
	bytes[length] = '\0';
	return length;
}

static void
line_make(const char *line, struct fault *fault)
{
	char key[512], identifier[512], key_digits[1024], identifier_digits[1024] = "";
	struct usersig usersig = { .identifier = identifier };
	char text[USERSIG_SIZE];
	size_t length;

	if (sscanf(line, "make %" SCNu64 " %" SCNu64 " %" SCNu64 " %1000s %1000s",
		&usersig.sdk_app_id, &usersig.time, &usersig.expire, key_digits,
		identifier_digits) < 4)
		return;
	length = bytes_read(key_digits, key);
	bytes_read(identifier_digits, identifier);
	if (usersig_make(&usersig, key, length, text, fault) == 0)
		puts(text);
}

static void
line_read(char *line, struct fault *fault)
{
	struct usersig_says says;

	line[strcspn(line, "\n")] = '\0';
	if (usersig_read(line + strlen("read "), &says, fault) != 0)
		return;
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " ", says.sdk_app_id, says.time, says.expire);
	for (const char *at = says.identifier; *at != '\0'; at++)
		printf("%02x", (unsigned char)*at);
	putchar('\n');
}

int
main(void)
{
	char line[16384];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct fault fault = { .code = FAULT_NONE };

		if (strncmp(line, "make ", 5) == 0)
			line_make(line, &fault);
		else
			line_read(line, &fault);
		if (fault.code != FAULT_NONE)
			printf("fault %s\n", fault.detail);
	}
	return 0;
}
