/* Any bytes as .repair-state: read without a fault, and what is written of it is read as the same. */
#include "log/repairs.h"
#include "store/options.h"
#include "fuzz.h"

static void
repairs_verify(const struct repairs *repairs)
{
	CHECK(repairs->ended >= -1 && repairs->failed_since >= 0 && repairs->signature_ends >= 0);
	CHECK(memchr(repairs->failed, '\0', sizeof(repairs->failed)) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store_options options = { .data_dir = scratch,
		.owner = geteuid(),
		.file_mode = 0600 };
	const struct repair known = { .code = 10015, .asked = 1764688294360, .reason = "a \"b\"" };
	const struct repair *found;
	struct repairs repairs, again;
	struct fault fault = { 0 };
	size_t length, second_length;
	char *first, *second;

	scratch_make();
	scratch_clear();
	scratch_write(REPAIRS_NAME, "w", (const char *)data, size);
	CHECK(repairs_read(&repairs, scratch, &fault) == 0);
	repairs_verify(&repairs);
	if (repairs_find(&repairs, "g\"", 7) == NULL)
		CHECK(repairs_add(&repairs, "g\"", 7, &known) == 0);
	CHECK(repairs_write(&repairs, &options, &fault) == 0);
	first = scratch_load(REPAIRS_NAME, &length);
	CHECK(repairs_read(&again, scratch, &fault) == 0);
	repairs_verify(&again);
	CHECK(repairs_count(&again) == repairs_count(&repairs) && repairs_count(&again) > 0);
	CHECK(again.ended == (repairs.ended < 0 ? 0 : repairs.ended));
	CHECK(again.calls == repairs.calls && again.repaired == repairs.repaired);
	CHECK(again.left == repairs.left && again.signature_ends == repairs.signature_ends);
	CHECK(strcmp(again.failed, repairs.failed) == 0);
	found = repairs_find(&again, "g\"", 7);
	CHECK(found != NULL && memchr(found->reason, '\0', sizeof(found->reason)) != NULL);
	/* Written and read, they are in order. */
	CHECK(repairs_write(&again, &options, &fault) == 0);
	repairs_free(&repairs);
	CHECK(repairs_read(&repairs, scratch, &fault) == 0);
	second = scratch_load(REPAIRS_NAME, &second_length);
	CHECK(first != NULL && second != NULL && second_length == length);
	free(first);
	free(second);
	repairs_free(&again);
	repairs_free(&repairs);
	return 0;
}
