/* fuzz.h - what the fuzz targets share: invariants, a scratch directory, long inputs. */
#ifndef FUZZ_H
#define FUZZ_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/base.h"
#include "base/fault.h"
#include "json.h"
#include "record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An invariant: both the fuzzer and the replay take an abort for a finding. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			check_fail(#condition, __FILE__, __LINE__);                                \
	} while (0)

static inline _Noreturn void
check_fail(const char *condition, const char *file, int line)
{
	fprintf(stderr, "# %s:%d: violated: %s\n", file, line, condition);
	abort();
}

/* the scratch directory, emptied and removed on a regular exit */

static char scratch[256];

static inline void
scratch_path(char path[PATH_MAX], const char *name)
{
	CHECK(snprintf(path, PATH_MAX, "%s/%s", scratch, name) < PATH_MAX);
}

/* Removes what is there and returns how many files that were. */
static inline size_t
scratch_clear(void)
{
	DIR *directory = opendir(scratch);
	const struct dirent *entry;
	char path[PATH_MAX];
	size_t count = 0;

	CHECK(directory != NULL);
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		scratch_path(path, entry->d_name);
		CHECK(unlink(path) == 0);
		count++;
	}
	closedir(directory);
	return count;
}

static inline void
scratch_remove(void)
{
	scratch_clear();
	rmdir(scratch);
}

static inline void
scratch_make(void)
{
	const char *parent = getenv("TMPDIR");

	if (scratch[0] != '\0')
		return;
	snprintf(scratch, sizeof(scratch), "%s/msgext-fuzz.XXXXXX",
	    parent == NULL ? "/dev/shm" : parent);
	CHECK(mkdtemp(scratch) != NULL);
	atexit(scratch_remove);
}

/* mode: "w" or "a" */
static inline void
scratch_write(const char *name, const char *mode, const char *bytes, size_t length)
{
	char path[PATH_MAX];
	FILE *file;

	scratch_path(path, name);
	file = fopen(path, mode);
	CHECK(file != NULL);
	CHECK(fwrite(bytes, 1, length, file) == length);
	CHECK(fclose(file) == 0);
}

/* A file's bytes and a NUL; the caller frees it.  NULL where there is none. */
static inline char *
scratch_load(const char *name, size_t *length)
{
	char path[PATH_MAX], *bytes;
	FILE *file;

	scratch_path(path, name);
	*length = 0;
	file = fopen(path, "r");
	if (file == NULL)
		return NULL;
	CHECK(fseek(file, 0, SEEK_END) == 0);
	*length = (size_t)ftell(file);
	rewind(file);
	bytes = malloc(*length + 1);
	CHECK(bytes != NULL);
	CHECK(fread(bytes, 1, *length, file) == *length);
	bytes[*length] = '\0';
	fclose(file);
	return bytes;
}

/*
 * Small inputs for large buffers: the byte 1 and a byte n stand for n * n times
 * "x", or where n is 240 or more for a multiple of a 15th of 10 MiB.
 */
static inline size_t
run_length(size_t n)
{
	return n < 240 ? n * n : (n - 239) * 699050;
}

/* The input with its runs, most bytes of it; the caller frees it. */
static inline char *
input_expand(const uint8_t *data, size_t size, size_t most, size_t *length)
{
	size_t total = 0, used = 0;
	char *bytes;

	for (size_t i = 0; i < size; i++) {
		bool run = data[i] == 1 && i + 1 < size;

		total += run ? run_length(data[i + 1]) : 1;
		i += run;
	}
	if (total > most)
		total = most;
	bytes = malloc(total + 1);
	CHECK(bytes != NULL);
	for (size_t i = 0; i < size && used < total; i++) {
		bool run = data[i] == 1 && i + 1 < size;
		size_t count = run ? run_length(data[i + 1]) : 1;

		if (count > total - used)
			count = total - used;
		memset(bytes + used, run ? 'x' : data[i], count);
		used += count;
		i += run;
	}
	*length = used;
	return bytes;
}

/* What every fault must be: known by name, and harmless to print. */
static inline void
fault_verify(const struct fault *fault)
{
	CHECK(fault->code > FAULT_NONE && fault->code < FAULT_COUNT);
	CHECK(fault_slug(fault->code) != NULL);
	CHECK(memchr(fault->detail, '\0', sizeof(fault->detail)) != NULL);
	CHECK(fault->detail[0] != '\0');
	for (const char *p = fault->detail; *p != '\0'; p++)
		CHECK(*p >= 0x20 && *p < 0x7f);
}

/* An answer's body: one line of JSON that says OK or FAIL. */
static inline void
answer_verify(const char *body, size_t length, bool fine)
{
	const char *head = fine ? "{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0}\n"
				: "{\"ActionStatus\":\"FAIL\",\"ErrorInfo\":\"";
	struct fault fault;

	CHECK(length >= strlen(head) && memcmp(body, head, strlen(head)) == 0);
	CHECK(memchr(body, '\n', length) == body + length - 1);
	CHECK(json_check(body, length, JSON_DEPTH_MAX, NULL, &fault) == 0);
}

static inline bool
pairs_equal(const struct event_pair *a, const struct event_pair *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(a[i].key, b[i].key) != 0 || a[i].seq != b[i].seq ||
		    (a[i].value == NULL) != (b[i].value == NULL) ||
		    (a[i].value != NULL && strcmp(a[i].value, b[i].value) != 0))
			return false;
	return true;
}

static inline bool
event_equal(const struct event *a, const struct event *b)
{
	return strcmp(a->group_id, b->group_id) == 0 && a->msg_seq == b->msg_seq &&
	    a->operate_type == b->operate_type && a->seq == b->seq &&
	    a->event_time == b->event_time && a->pair_count == b->pair_count &&
	    pairs_equal(a->pairs, b->pairs, a->pair_count);
}

/* What the contract says of any event that is accepted. */
static inline void
event_verify(const struct event *event)
{
	size_t length = strlen(event->group_id);

	CHECK(length >= 1 && length <= GROUP_ID_MAX);
	CHECK(strchr(event->group_id, JSON_MARK_UNUSABLE) == NULL);
	CHECK(event->operate_type >= OPERATE_SET && event->operate_type <= OPERATE_CLEAR);
	CHECK(event->msg_seq <= INTEGER_MAX && event->seq <= INTEGER_MAX);
	CHECK(event->event_time <= INTEGER_MAX);
	for (size_t i = 0; i < event->pair_count; i++) {
		CHECK(event->pairs[i].key != NULL && event->pairs[i].value != NULL);
		CHECK(event->pairs[i].seq <= INTEGER_MAX);
		CHECK(strchr(event->pairs[i].key, JSON_MARK_UNUSABLE) == NULL);
		CHECK(strchr(event->pairs[i].value, JSON_MARK_UNUSABLE) == NULL);
	}
}

#endif
