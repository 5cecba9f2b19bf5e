/*
 * Any bytes as .refused: what is read is in range, and one event more counts one more, and nothing
 * else another number; a file that is another's stays as it is.
 */
#include "store/options.h"
#include "store/refused.h"
#include "fuzz.h"

#define LINE_SIZE 128
#define NOW INT64_C(1764688294360)

static uint64_t
count_of(const struct refused *list, int count, const char *reason)
{
	for (int i = 0; i < count; i++)
		if (strcmp(list[i].reason, reason) == 0)
			return list[i].count;
	return 0;
}

static void
list_verify(const struct refused *list, int count)
{
	CHECK(count <= REFUSED_MAX);
	for (int i = 0; i < count; i++) {
		CHECK(memchr(list[i].reason, '\0', REFUSED_REASON_SIZE) != NULL);
		CHECK(list[i].reason[0] != '\0' && list[i].count >= 1);
		CHECK(list[i].count <= INTEGER_MAX && list[i].first >= 0 && list[i].last >= 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store_options options = { .data_dir = scratch,
		.owner = geteuid(),
		.file_mode = 0600 };
	struct refused before[REFUSED_MAX], after[REFUSED_MAX];
	const char *slug = fault_slug(FAULT_DISK_FULL);
	struct fault fault = { 0 };
	size_t length, after_length;
	char *bytes = input_expand(data, size, 1 << 14, &length), *left;
	int count, after_count;

	scratch_make();
	scratch_clear();
	scratch_write(REFUSED_NAME, "w", bytes, length);
	count = refused_read(before, scratch, &fault);
	if (count < 0)
		fault_verify(&fault);
	else
		list_verify(before, count);
	refused_prepare(&options);
	refused_count(&options, FAULT_DISK_FULL, NOW);
	left = scratch_load(REFUSED_NAME, &after_length);
	CHECK(left != NULL);
	if (count < 0) {
		CHECK(after_length == length && memcmp(left, bytes, length) == 0);
	} else {
		after_count = refused_read(after, scratch, &fault);
		CHECK(after_count >= 1);
		list_verify(after, after_count);
		CHECK(count_of(after, after_count, slug) >= 1);
		/* One that was cut may be whole, once blanks are behind it. */
		for (int i = 0; i < after_count && length % LINE_SIZE == 0; i++)
			CHECK(strcmp(after[i].reason, slug) == 0 ||
			    count_of(before, count, after[i].reason) > 0);
	}
	free(left);
	free(bytes);
	return 0;
}
