/*
 * A configuration file, its mode told by the first byte: what is accepted is
 * in range, what is not is told in one harmless line.
 */
#include <sys/stat.h>

#include "base/base.h"
#include "base/fault.h"
#include "config.h"
#include "store/options.h"
#include "fuzz.h"

static void
text_verify(const char *text, size_t longest)
{
	CHECK(text[0] != '\0' && strlen(text) <= longest);
	CHECK(strpbrk(text, "\n") == NULL);
	CHECK(strchr(" \t", text[0]) == NULL && strchr(" \t\r", text[strlen(text) - 1]) == NULL);
}

static void
config_verify(const struct config *config, bool readable)
{
	const struct store_options *store = &config->store;

	text_verify(store->data_dir, 65536);
	CHECK(store->data_dir[0] == '/');
	CHECK((store->file_mode & 0600) == 0600 && (store->file_mode & ~0664U) == 0);
	CHECK(store->lock_timeout >= 1 && store->lock_timeout <= 1500);
	CHECK(store->max_groups <= 1000000000);
	CHECK(config->sdk_app_id <= INTEGER_MAX);
	CHECK(config->max_skew >= 1 && config->max_skew <= UINT64_C(9999999999));
	CHECK(config->max_body >= 1024 && config->max_body <= 9999999);
	CHECK(config->token_count <= CONFIG_TOKENS_MAX);
	for (size_t i = 0; i < config->token_count; i++)
		text_verify(config->tokens[i], 256);
	CHECK(config->texts != NULL);
	CHECK(!readable || config->token_count == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool readable = size > 0 && (data[0] & 1) != 0;
	struct config config, again;
	struct fault fault = { 0 }, fault_again = { 0 };
	char path[PATH_MAX];
	int result;

	scratch_make();
	scratch_path(path, "f");
	scratch_write("f", "w", (const char *)data + (size > 0), size - (size > 0));
	CHECK(chmod(path, readable ? 0604 : 0600) == 0);
	result = config_load(&config, path, &fault);
	CHECK(config_load(&again, path, &fault_again) == result);
	CHECK(fault.code == fault_again.code && strcmp(fault.detail, fault_again.detail) == 0);
	if (result == 0) {
		config_verify(&config, readable);
	} else {
		fault_verify(&fault);
		CHECK(fault.code >= FAULT_CONFIG_MISSING && fault.code <= FAULT_CONFIG_MALFORMED);
		/* An included file may not be of ours; else the place is told. */
		CHECK(strchr(fault.detail, '/') != NULL);
	}
	config_free(&config);
	config_free(&again);
	return 0;
}
