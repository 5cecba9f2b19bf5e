/*
 * config.c - the receiver's configuration: its keys, what each takes, and what holds without it.
 *
 * How such a file is read, and what is told of a wrong line, is in settings.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "base/fault.h"
#include "base/text.h"
#include "settings.h"
#include "wait.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

#define TOKEN_SIZE_MAX 256
#define CLIENT_IP_AGE_MAX 100000 /* hours or days */

static int
data_dir_set(struct settings *settings, const char *key, char *value)
{
	struct config *config = settings->values;

	return settings_path_set(settings, key, value, &config->store.data_dir);
}

static int
sdk_app_id_set(struct settings *settings, const char *key, char *value)
{
	struct config *config = settings->values;

	config->any_app = strcmp(value, "any") == 0;
	if (config->any_app)
		return 0;
	if (!integer_parse(value, strlen(value), &config->sdk_app_id))
		return settings_malformed(settings, key, "must be a number, or any");
	return 0;
}

static int
token_set(struct settings *settings, const char *key, char *value)
{
	struct config *config = settings->values;

	if (config->token_count == CONFIG_TOKENS_MAX)
		return settings_malformed(settings, key, "is given more than 8 times");
	if (strlen(value) > TOKEN_SIZE_MAX)
		return settings_malformed(settings, key, "is longer than 256 bytes");
	if (settings_private(settings, key) != 0)
		return -1;
	config->tokens[config->token_count++] = value;
	return 0;
}

static int
max_skew_set(struct settings *settings, const char *key, char *value)
{
	struct config *config = settings->values;

	return settings_integer(settings, key, value,
	    (struct settings_range){ 1, UINT64_C(9999999999) }, &config->max_skew);
}

static int
max_body_set(struct settings *settings, const char *key, char *value)
{
	struct config *config = settings->values;
	uint64_t number;

	/* A Content-Length has at most 7 digits. */
	if (settings_integer(settings, key, value, (struct settings_range){ 1024, 9999999 },
		&number) != 0)
		return -1;
	config->max_body = (size_t)number;
	return 0;
}

static int
max_groups_set(struct settings *settings, const char *key, char *value)
{
	struct config *config = settings->values;

	return settings_integer(settings, key, value,
	    (struct settings_range){ 0, UINT64_C(1000000000) }, &config->store.max_groups);
}

/* Seconds with up to three decimals, up to 1.5: a reply must be out in 1.8 s. */
static int
seconds_set(const struct settings *settings, const char *key, char *value, int low,
    int *milliseconds)
{
	uint64_t seconds, fraction = 0;
	char *point = strchr(value, '.');
	size_t digits = 0, whole = point == NULL ? strlen(value) : (size_t)(point - value);
	char reason[64];

	if (point != NULL) {
		digits = strlen(point + 1);
		if (digits < 1 || digits > 3 || strspn(point + 1, "0123456789") != digits)
			goto fail;
		for (size_t i = 0; i < 3; i++)
			fraction =
			    fraction * 10 + (i < digits ? (uint64_t)(point[1 + i] - '0') : 0);
	}
	if (!integer_parse(value, whole, &seconds) || seconds > 1)
		goto fail;
	*milliseconds = (int)(seconds * 1000 + fraction);
	if (*milliseconds >= low && *milliseconds <= 1500)
		return 0;
fail:
	snprintf(reason, sizeof(reason), "must be seconds from %s to 1.5",
	    low == 0 ? "0" : "0.001");
	return settings_malformed(settings, key, reason);
}

static int
lock_timeout_set(struct settings *settings, const char *key, char *value)
{
	struct config *config = settings->values;

	return seconds_set(settings, key, value, 1, &config->store.lock_timeout);
}

static int
wait_for_ship_set(struct settings *settings, const char *key, char *value)
{
	struct config *config = settings->values;

	return seconds_set(settings, key, value, 0, &config->wait_for_ship);
}

static int
sync_set(struct settings *settings, const char *key, char *value)
{
	struct config *config = settings->values;

	return settings_boolean(settings, key, value, &config->store.sync);
}

static int
file_mode_set(struct settings *settings, const char *key, char *value)
{
	struct config *config = settings->values;
	size_t length = strspn(value, "01234567");
	unsigned long mode = strtoul(value, NULL, 8);

	if (value[length] != '\0' || length < 3 || length > 4 || (mode & 0600) != 0600 ||
	    (mode & ~0664UL) != 0)
		return settings_malformed(settings, key,
		    "must be 0600, plus at most 060 for the group and 004 for others");
	config->store.file_mode = (mode_t)mode;
	return 0;
}

/* yes, no, or for how long: 30d, 36h. */
static int
log_client_ip_set(struct settings *settings, const char *key, char *value)
{
	struct config *config = settings->values;
	size_t length = strlen(value);
	bool hours = value[length - 1] == 'h', days = value[length - 1] == 'd';
	uint64_t age;

	if (strcmp(value, "yes") == 0 || strcmp(value, "no") == 0)
		return settings_boolean(settings, key, value, &config->log_client_ip);
	if ((!hours && !days) || !integer_parse(value, length - 1, &age) || age < 1 ||
	    age > CLIENT_IP_AGE_MAX)
		return settings_malformed(settings, key,
		    "must be yes, no, or how long it is kept, such as 30d or 36h");
	config->log_client_ip = true;
	config->client_ip_age = (int64_t)age * (hours ? 3600000 : 86400000);
	return 0;
}

/* The page that check makes shows paths: whose they are must have asked for it. */
static int
mode_set(struct settings *settings, const char *key, char *value)
{
	struct config *config = settings->values;

	if (strcmp(value, "receive") == 0)
		return 0;
	if (strcmp(value, "check") != 0)
		return settings_malformed(settings, key, "must be receive or check");
	if (!settings->control_file)
		return settings_malformed(settings, key,
		    "check is only for a script, after its #! line");
	if (settings->owner != geteuid())
		return fault_set(settings->fault, FAULT_CONFIG_UNSAFE,
		    "%s: has mode = check, but belongs to another user than the one that runs it",
		    settings->path);
	config->check = true;
	return 0;
}

static const struct setting keys[] = {
	{ "data_dir", data_dir_set, false },
	{ "sdk_app_id", sdk_app_id_set, false },
	{ "token", token_set, true },
	{ "max_skew", max_skew_set, false },
	{ "max_body", max_body_set, false },
	{ "max_groups", max_groups_set, false },
	{ "lock_timeout", lock_timeout_set, false },
	{ "sync", sync_set, false },
	{ "file_mode", file_mode_set, false },
	{ "log_client_ip", log_client_ip_set, false },
	{ "wait_for_ship", wait_for_ship_set, false },
	{ "mode", mode_set, false },
	{ "include", settings_include, true },
};

static const struct settings_place *const elsewhere[] = { &settings_viewer, &settings_repairer,
	NULL };

static const struct settings_keys table = { keys, sizeof(keys) / sizeof(keys[0]), "msgext.conf(5)",
	elsewhere };

const char *
config_path_default(const char **source)
{
	return settings_path("MSGEXT_CONFIG", SYSCONFDIR "/msgext/msgext.conf", source);
}

const char *
repair_config_path_default(void)
{
	return settings_path("MSGEXT_REPAIR_CONFIG", SYSCONFDIR "/msgext/repair.conf", NULL);
}

void
config_defaults(struct config *config)
{
	*config = (struct config){
		.store = { .owner = geteuid(),
		    .file_mode = 0600,
		    .sync = true,
		    .lock_timeout = 1200,
		    .max_groups = 100000 },
		.max_skew = 60,
		.max_body = 262144,
		.log_client_ip = true,
	};
}

int
config_load(struct config *config, const char *path, struct fault *fault)
{
	struct settings settings = { .keys = &table, .values = config, .fault = fault };
	int result;

	config_defaults(config);
	result = settings_read(&settings, path);
	config->texts = settings.texts;
	config->script = settings.script;
	if (result != 0)
		return -1;
	if (!settings_given(&settings, "data_dir"))
		return fault_set(fault, FAULT_CONFIG_MALFORMED,
		    "%s: data_dir is missing (the directory of the logs)", path);
	if (!settings_given(&settings, "sdk_app_id"))
		return fault_set(fault, FAULT_CONFIG_MALFORMED,
		    "%s: sdk_app_id is missing (the app's number, in the vendor's console)", path);
	if (config->wait_for_ship > 0 && !wait_possible(config->store.data_dir))
		return fault_set(fault, FAULT_CONFIG_MALFORMED,
		    "%s: wait_for_ship: the path of data_dir is too long", path);
	return 0;
}

void
config_free(struct config *config)
{
	settings_free(&config->texts);
	*config = (struct config){ 0 };
}

int
config_program_fault(const struct config *config, const char *path, const char *program,
    struct fault *fault)
{
	const char *named = config->script == NULL ? "" : config->script + 2, *slash = named;
	int length;

	named += strspn(named, " \t");
	for (const char *at = named; *at != '\0' && strchr(" \t\r", *at) == NULL; at++)
		if (*at == '/')
			slash = at + 1;
	length = slash > named ? (int)(slash - named) : 0;
	return fault_set(fault, FAULT_CONFIG_CHECK,
	    "line 1 must read #!%.*s%s, which serves mode = %s: %s", length, named, program,
	    config->check ? "check" : "receive", path);
}
