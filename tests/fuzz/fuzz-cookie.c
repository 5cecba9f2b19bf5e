/*
 * A Cookie header: it opens a session only where it holds the value that was given for its time; and that
 * value opens one whatever other cookies come with it.
 */
#include "view/session.h"
#include "view_config.h"
#include "fuzz.h"

#define NOW UINT64_C(1764688293)

static const struct view_config config = { .password = "correct horse battery",
	.guard = -1,
	.link_keys = { { "0123456789abcdef0123456789abcdef", "another key of 32 bytes or more!" },
	    2, 0 },
	.session = 43200 };

/* How many header lines of a cookie these are; 0: something else. */
static int
lines_count(const char *header)
{
	int count = 0;

	for (; *header != '\0'; count++) {
		size_t length = strcspn(header, "\r\n");

		if (strncmp(header, "Set-Cookie: ", 12) != 0 ||
		    strncmp(header + length, "\r\n", 2) != 0)
			return 0;
		header += length + 2;
	}
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *cookie = strndup((const char *)data, size), *all;
	char header[SESSION_HEADER_SIZE], given[SESSION_HEADER_SIZE];
	struct session_client client = { .cookie = cookie };
	bool open;

	CHECK(cookie != NULL);
	open = session_is_open(&config, &client, NOW);
	session_begin(&config, &client, NOW, header);
	snprintf(given, sizeof(given), "%.*s", (int)strcspn(header + 12, ";"), header + 12);
	/* The corpus holds the one of that moment. */
	CHECK(!open || strstr(cookie, "msgext-view=17646") != NULL ||
	    strstr(cookie, "msgext-view=17647") != NULL);
	CHECK(!session_is_open(&config, &client, NOW + 2 * 43200));
	all = malloc(strlen(cookie) + strlen(given) + 4);
	CHECK(all != NULL);
	sprintf(all, "%s; %s", cookie, given);
	client.cookie = all;
	CHECK(session_is_open(&config, &client, NOW));
	sprintf(all, "%s;%s", given, cookie);
	CHECK(session_is_open(&config, &client, NOW));
	client.https = "on";
	CHECK(!session_is_open(&config, &client, NOW) || strstr(cookie, "__Secure-") != NULL);
	/* As paths of a server and as its words for https: one or two whole header lines come out. */
	client = (struct session_client){ .script = cookie, .request = cookie, .https = cookie };
	session_end(&config, &client, header);
	CHECK(strlen(header) < sizeof(header));
	CHECK(lines_count(header) == 1 || lines_count(header) == 2);
	free(all);
	free(cookie);
	return 0;
}
