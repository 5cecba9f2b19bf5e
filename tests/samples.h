/* samples.h - what is kept in tests/corpus (requests) and tests/lines (stored lines), a file each. */
#ifndef SAMPLES_H
#define SAMPLES_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* A file: its lines before the sample itself, and the sample, of that length and ended by a NUL. */
struct sample {
	const char *name;
	char *heads[3]; /* as many as were asked for */
	char *bytes;
	size_t length;
};

/* Reads a file and calls take with what is in it, which may be changed and is freed afterwards. */
static inline void
sample_read(const char *path, int heads, void (*take)(struct sample *sample))
{
	struct sample sample = { .name = strrchr(path, '/') + 1 };
	FILE *file = fopen(path, "r");
	long size = file == NULL || fseek(file, 0, SEEK_END) != 0 ? -1 : ftell(file);
	char *bytes = size < 0 ? NULL : malloc((size_t)size + 1);

	assert_non_null(bytes);
	rewind(file);
	assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
	fclose(file);
	bytes[size] = '\0';
	sample.bytes = bytes;
	for (int i = 0; i < heads; i++) {
		sample.heads[i] = sample.bytes;
		sample.bytes = strchr(sample.bytes, '\n');
		assert_non_null(sample.bytes);
		*sample.bytes++ = '\0';
	}
	sample.length = (size_t)(bytes + size - sample.bytes);
	take(&sample);
	free(bytes);
}

/* Calls take with each file of the directory.  Returns how many there are. */
static inline int
samples_each(const char *directory, int heads, void (*take)(struct sample *sample))
{
	DIR *files = opendir(directory);
	const struct dirent *entry;
	int count = 0;

	assert_non_null(files);
	while ((entry = readdir(files)) != NULL) {
		char path[512];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		sample_read(path, heads, take);
		count++;
	}
	closedir(files);
	return count;
}

#endif
