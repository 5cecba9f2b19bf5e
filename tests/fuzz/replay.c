/*
 * replay [-b DIR | -q DIR | DIR]... - gives a fuzz target every file, and
 * prints how many that were.  With -b and -q the files are requests as
 * tests/corpus has them, of which only the body or the query is given.
 */
#include <fcntl.h>
#include <signal.h>

#include "fuzz.h"

enum part { WHOLE, BODY, QUERY };

static char current[PATH_MAX];

/* Tells which input it was, and dies of the signal then. */
static void
crash_handle(int signal_number)
{
	static const char text[] = "# the input: ";

	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)!write(STDERR_FILENO, current, strlen(current));
	(void)!write(STDERR_FILENO, "\n", 1);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

/* Narrows the bytes to a part of the request that they are. */
static void
part_take(enum part part, const char **bytes, size_t *length)
{
	const char *end = *bytes + *length;
	const char *second = memchr(*bytes, '\n', *length), *third, *query;

	if (part == WHOLE)
		return;
	CHECK(second != NULL);
	third = memchr(second + 1, '\n', (size_t)(end - second - 1));
	CHECK(third != NULL);
	if (part == BODY) {
		*bytes = third + 1;
		*length = (size_t)(end - *bytes);
		return;
	}
	query = memchr(*bytes, ' ', (size_t)(second - *bytes)); /* behind the status */
	CHECK(query != NULL);
	query = memchr(query + 1, ' ', (size_t)(second - query - 1)); /* and the method */
	CHECK(query != NULL);
	*bytes = query + 1;
	*length = (size_t)(second - *bytes);
}

static void
file_give(enum part part)
{
	static char bytes[1 << 20];
	const char *from = bytes;
	uint8_t *exact;
	FILE *file = fopen(current, "r");
	size_t length;

	CHECK(file != NULL);
	length = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	part_take(part, &from, &length);
	exact = malloc(length == 0 ? 1 : length); /* so that reading behind it shows */
	CHECK(exact != NULL);
	memcpy(exact, from, length);
	LLVMFuzzerTestOneInput(exact, length);
	free(exact);
}

static unsigned
directory_give(const char *path, enum part part)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	unsigned count = 0;

	CHECK(directory != NULL);
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		CHECK(snprintf(current, sizeof(current), "%s/%s", path, entry->d_name) <
		    (int)sizeof(current));
		file_give(part);
		count++;
	}
	closedir(directory);
	return count;
}

int
main(int argc, char **argv)
{
	enum part part = WHOLE;
	unsigned count = 0;

	signal(SIGABRT, crash_handle);
	signal(SIGSEGV, crash_handle);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-b") == 0 || strcmp(argv[i], "-q") == 0) {
			part = argv[i][1] == 'b' ? BODY : QUERY;
			continue;
		}
		count += directory_give(argv[i], part);
		part = WHOLE;
	}
	printf("%u\n", count);
	return fflush(stdout) == 0 ? 0 : 1;
}
